import { ownListeners } from './deadlock.js';

const waiting = new Set<() => void>();

/** One listener for all: the first Ctrl-C is told to everybody, the second one ends the process as usual. */
function interrupt(): void {
  const all = [...waiting];
  waiting.clear();
  process.off('SIGINT', interrupt);
  for (const fn of all) fn();
}
ownListeners.add(interrupt);

/**
 * Calls `fn` at the next Ctrl-C.
 *
 * @returns A function that takes it back.
 */
export function onSigint(fn: () => void): () => void {
  if (waiting.size === 0) process.on('SIGINT', interrupt);
  waiting.add(fn);
  return () => {
    if (waiting.delete(fn) && waiting.size === 0) process.off('SIGINT', interrupt);
  };
}
