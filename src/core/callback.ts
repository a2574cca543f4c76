import { contextHere, outside } from './context.js';

// biome-ignore lint/suspicious/noExplicitAny: the parameters of a callback are its owner's
type Callback = (...args: any[]) => unknown;

/**
 * A user's function that is to be called later, tied to the async context of this line: every
 * callback runs in the context in which it was registered, whoever causes the call.
 */
export function bindHere<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const here = contextHere();
  return (...args) => here.runInAsyncScope(fn, undefined, ...args);
}

/**
 * The same for a callback that belongs to no run, so that nobody can be thrown its error: that of a
 * call, or of the promise it gives, is reported once, as an uncaught exception, and whoever calls
 * it goes on.
 */
export function listenHere<A extends unknown[]>(fn: (...args: A) => unknown): (...args: A) => void {
  return guarded(bindHere(fn), reportUncaught);
}

/**
 * Calls a user's function and tells `failed` what it throws, or what the promise that it gives
 * rejects with.
 */
export function guarded<F extends Callback>(fn: F, failed: (error: unknown) => void): (...args: Parameters<F>) => void {
  return (...args) => {
    try {
      const value = fn(...args);
      if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function') {
        (value as PromiseLike<unknown>).then(undefined, failed);
      }
    } catch (error) {
      failed(error);
    }
  };
}

/** As Node does with an error of an event's listener: later, when what was going on is in order. */
export function reportUncaught(error: unknown): void {
  outside(() =>
    queueMicrotask(() => {
      throw error;
    }),
  );
}
