import type { Place } from './locate.js';

// Of a line in which each run of spaces is one: two patterns for spaces in a row would try each way
// to share a run between them.
const declared = /^export (default )?(?:async )?function\b ?\*? ?([\w$]*) ?(?:<[^<>()]*>)? ?$/;
const assigned = /^export const ([\w$]+) ?(?::[^=]*)?= ?(?:async\b ?)?(?:function\b ?\*? ?[\w$]* ?)?(?:<[^<>()]*>)? ?$/;

/**
 * The name under which a module exports the function at a place, when the line up to the function says so by itself:
 * `export function resize`, `export const resize = async`. For a module that is still being evaluated, and so cannot be
 * asked: the entry module of a program, most of the time. V8 vouches that a function with this name begins at this very
 * place, so the line is no comment and no part of a string. Whatever takes more than a line is left to the parser.
 */
export function exportedAt(text: string, place: Place, name: string): string | undefined {
  const line = text
    .split('\n', place.line + 1)
    [place.line]?.slice(0, place.column)
    .replace(/\s+/g, ' ');
  if (line === undefined) return undefined;
  const declaration = declared.exec(line);
  if (declaration !== null) {
    const [, asDefault, own] = declaration;
    if (asDefault !== undefined) return name === (own || 'default') ? 'default' : undefined;
    return own === name ? name : undefined;
  }
  return assigned.exec(line)?.[1] === name ? name : undefined;
}
