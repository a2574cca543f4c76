/** How often is looked before sleeping: for some ten microseconds, which is less than it takes to be woken. */
const LOOKS = 1000;

let looks = -1;

/** Looks for a short while if something becomes so. Not where another thread could do nothing meanwhile. */
export function spinning(isSo: () => boolean): boolean {
  if (looks < 0) looks = process.getBuiltinModule('node:os').availableParallelism() > 1 ? LOOKS : 0;
  for (let i = 0; i < looks; i++) if (isSo()) return true;
  return false;
}
