/** Who waits for a signal. A thousand calls may share one, and a listener for each would cost O(n) to add and make Node warn of a leak. */
interface Watch {
  readonly fns: Set<() => void>;
  readonly listener: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Calls `fn` once the signal aborts, in the order in which they came here. All share one listener, which goes with the last of them. The
 * signal must not have aborted yet; `fn` must not throw.
 *
 * @returns A function that takes it back.
 */
export function onAbort(signal: AbortSignal, fn: () => void): () => void {
  let watch = watches.get(signal);
  if (watch === undefined) {
    const fns = new Set<() => void>();
    const listener = () => {
      watches.delete(signal);
      for (const each of [...fns]) if (fns.delete(each)) each(); // one may take back another
    };
    watch = { fns, listener };
    watches.set(signal, watch);
    signal.addEventListener('abort', listener, { once: true });
  }
  const { fns, listener } = watch;
  fns.add(fn);
  return () => {
    if (!fns.delete(fn) || fns.size > 0 || watches.get(signal)?.fns !== fns) return;
    watches.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}
