/** The shortest and the longest pause between two looks, and how long it is looked altogether, in rounds of some nanosecond: less than it takes to be woken. */
const SHORTEST = 1024;
const LONGEST = 4096;
const PATIENCE = 32 * 1024;

let patience = -1;
let idle = 1;

/**
 * Looks for a short while if something becomes so, less and less often: each look takes the memory from the processor that is just writing to it, and what is
 * not seen at once comes in twos and threes. Not where another thread could do nothing meanwhile.
 */
export function spinning(isSo: () => boolean): boolean {
  if (patience < 0) patience = process.getBuiltinModule('node:os').availableParallelism() > 1 ? PATIENCE : 0;
  let pause = SHORTEST;
  for (let spent = 0; spent < patience; spent += pause) {
    for (let i = 0; i < pause; i++) idle = Math.imul(idle, 31) | 1;
    if (isSo()) return true;
    if (pause < LONGEST) pause *= 2;
  }
  return false;
}
