// The functions that every contender runs. This file imports nothing, so that loading it costs the same for all.

/** A tiny call. */
export function add(a, b) {
  return a + b;
}

/** The same with one parameter, for pools that pass one value. */
export function addPair([a, b]) {
  return a + b;
}

/** The same as an async function: some pools only overlap calls that return a promise. */
export async function addPairAsync([a, b]) {
  return a + b;
}

/** A tiny call with one input, for maps. */
export function increment(x) {
  return x + 1;
}

/** Keeps a core busy for `ms` milliseconds by the clock. */
export function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

/** Does `steps` steps of arithmetic, however long they take: unlike `spin` it gets no credit for time in which it did not run. */
export function work(steps) {
  let x = 12345;
  for (let i = 0; i < steps; i++) x = (Math.imul(x, 1103515245) + 12345) | 0;
  return x;
}

/** There and back. */
export function echo(value) {
  return value;
}
