import { parsed, places } from './syntax.js';

/** The blocks of a module, and its text with a note in each of them that it was run. */
export function noted(source: string): { text: string; blocks: { start: number; end: number }[] } {
  const blocks = [...places(parsed(source))]
    .map(({ node }) => node)
    .filter((node) => node.type === 'BlockStatement' || node.type === 'StaticBlock');
  let text = source;
  for (const [i, { start }] of [...blocks.entries()].reverse()) {
    const at = source.indexOf('{', start) + 1;
    // A constructor may say nothing before `super`, but this may be said.
    text = `${text.slice(0, at)} globalThis.__hit?.(${i});${text.slice(at)}`;
  }
  return { text, blocks };
}

/** The innermost block around a place; -1: the module itself, which everybody runs. */
export function blockAt(blocks: readonly { start: number; end: number }[], at: { start: number; end: number }): number {
  let found = -1;
  // A block that is itself replaced counts as not inside itself.
  for (const [i, { start, end }] of blocks.entries())
    if (start <= at.start && at.end <= end && !(start === at.start && end === at.end)) found = i;
  return found;
}
