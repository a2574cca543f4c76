import type { Trace } from './program.js';

/**
 * How two traces differ, in lines for people; nothing if they do not. Each task is held to what it did, when and how it ended; each thing to who got it when; and
 * where only one can have it at a time, in which order. In which order tasks that have nothing to do with each other took their turns within one instant is nobody's promise.
 */
export function differences(asyncio: Trace, meantime: Trace): string[] {
  const found: string[] = [];
  for (const part of ['did', 'got', 'ended'] as const) {
    const [theirs, ours] = [asyncio[part], meantime[part]];
    if (theirs === undefined || ours === undefined) continue;
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      const unordered = part === 'got' && !/^[lc]/.test(name);
      const [one, other] = [lines(theirs[name], unordered), lines(ours[name], unordered)];
      const at = one.findIndex((line, i) => line !== other[i]);
      const first = at === -1 ? one.length : at;
      if (first === one.length && first === other.length) continue;
      found.push(`${name} ${part}: asyncio "${one[first] ?? 'nothing more'}", Meantime "${other[first] ?? 'nothing more'}"`);
    }
  }
  return found;
}

/** A trace for people, task by task. */
export function shown(trace: Trace): string {
  return Object.entries(trace.did)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, did]) => `  ${name}: ${did.join('; ')} => ${trace.ended[name] ?? ''}`)
    .join('\n');
}

function lines(of: readonly string[] | string | undefined, unordered: boolean): readonly string[] {
  const all = typeof of === 'string' ? [of] : (of ?? []);
  return unordered ? [...all].sort() : all;
}
