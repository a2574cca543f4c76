import { bare } from './bare.js';
import { reportUncaught } from './callback.js';

/** The listeners of one signal: each has a function to call, and a way to take itself back. */
interface Watch {
  readonly fns: Map<() => void, () => void>;
  readonly listener: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Calls `fn` once the signal aborts, in the order in which they came here; at once if it has
 * aborted. The only place where this package listens to a signal: all share one listener, which
 * goes with the last of them. A thousand calls may be under one signal, and a listener for each
 * would cost O(n) to add and make Node warn of a leak.
 *
 * @param fn Must not throw; if it does, the error is uncaught, and the others are called all the
 * same.
 * @returns A function that takes it back.
 */
export function onAbort(signal: AbortSignal, fn: () => void): () => void {
  if (signal.aborted) {
    call(fn);
    return nothing;
  }
  let watch = watches.get(signal);
  if (watch === undefined) {
    const fns = new Map<() => void, () => void>();
    const listener = () => {
      watches.delete(signal);
      for (const [undo, each] of [...fns]) if (fns.delete(undo)) call(each); // one may take back another
    };
    watch = { fns, listener };
    watches.set(signal, watch);
    signal.addEventListener('abort', listener, bare({ once: true }));
  }
  const { fns, listener } = watch;
  const undo = () => {
    if (!fns.delete(undo) || fns.size > 0 || watches.get(signal)?.fns !== fns) return;
    watches.delete(signal);
    signal.removeEventListener('abort', listener);
  };
  fns.set(undo, fn);
  return undo;
}

function call(fn: () => void): void {
  try {
    fn();
  } catch (error) {
    reportUncaught(error);
  }
}

function nothing(): void {}
