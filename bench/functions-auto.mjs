/** Steps of arithmetic that take a millisecond on a processor of today. */
const STEPS = 560_000;

/** Computes for about `ms` milliseconds: by steps and not by a clock, so that it gets no credit for time in which it did not run. */
export function computeFor(ms) {
  let x = 88172645;
  for (let i = 0; i < ms * STEPS; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}
