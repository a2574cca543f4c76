/** The seam for chance: nothing else in `src` names `Math.random`. Gives a number in [0, 1). */
export type Random = () => number;

/** The source of chance in force. */
export let random: Random = Math.random;

/** Puts another source of chance in force and returns a function that brings the former one back. */
export function useRandom(other: Random): () => void {
  const former = random;
  random = other;
  return () => {
    random = former;
  };
}

/**
 * A repeatable source of chance (mulberry32, by Tommy Ettinger, public domain algorithm).
 *
 * @param seed Any 32-bit integer.
 */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
