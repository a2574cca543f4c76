import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { NotPortableError } from '../core/index.js';
import type { FreeUse } from './free-variables.js';
import { nameOf } from './function-ref.js';

/** Where a function stands, for people: lines and columns count from 1. */
export interface SourcePlace {
  /** As V8 knows the script; after a source map, the file that it names. */
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Maps a place in a compiled script to the user's file, where Node knows a source map (`--enable-source-maps`, `tsx`).
 *
 * @param line From 0.
 * @param column From 0.
 */
export function sourcePlace(url: string, line: number, column: number): SourcePlace {
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  const entry = (findSourceMap(file) ?? findSourceMap(url))?.findEntry(line, column);
  if (entry === undefined || !('originalSource' in entry)) return { url, line: line + 1, column: column + 1 };
  return { url: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

const pathOf = (url: string): string => (url.startsWith('file:') ? fileURLToPath(url) : url || 'evaluated text');

export interface Found {
  readonly fn: Function;
  readonly place: SourcePlace | undefined;
  /** The lines of the uses are those of the file already. */
  readonly uses: readonly (FreeUse & { readonly line: number | undefined })[];
  /** Why else it cannot travel; a clause. */
  readonly because?: string;
}

/** The error for a function that cannot travel: what it is, where it is, what holds it back and what to do. */
export function notPortable({ fn, place, uses, because }: Found): NotPortableError {
  const name = nameOf(fn);
  const where = place === undefined ? '' : ` (${pathOf(place.url)}:${place.line}:${place.column})`;
  const lines = new Map<string, Set<number>>();
  for (const use of uses) {
    const known = lines.get(use.name) ?? new Set();
    if (use.line !== undefined) known.add(use.line);
    lines.set(use.name, known);
  }
  const listed = [...lines].map(([used, at]) => {
    if (at.size === 0) return used;
    return `${used} (line${at.size === 1 ? '' : 's'} ${[...at].slice(0, 5).join(', ')})`;
  });
  const why =
    because ??
    `no export of its module is this function, and its text alone would not do, because it uses ${listed.join(', ')} from outside itself`;
  const given = [...lines.keys()].filter((used) => /^[\w$]+$/.test(used) && used !== 'this' && used !== 'super');
  const pass = given.length === 0 ? '' : `pass ${given.slice(0, 3).join(', ')} as ${given.length === 1 ? 'an argument' : 'arguments'}, `;
  const handle = /^[\w$]+$/.test(name) && name !== 'anonymous' ? name : 'work';
  return new NotPortableError(
    `${name}${where} cannot travel to a worker: ${why}. Export it from its module, ${pass}or name it there with portable(import.meta.url, '${handle}', ${handle}).`,
    { functionName: name, location: place, freeVariables: [...lines.keys()] },
  );
}
