import { listenHere, mustBeFunction, OptionError } from '../core/index.js';
import { type Future, isFuture, watchFuture } from './future.js';

/**
 * Calls `fn(future)` once the future has settled: at once if it has, else within the turn in which
 * it settles, before any `await` of it goes on. Counts as looking at its failure. `fn` is called in
 * the async context of this call. An error that it throws, or its promise rejects with, is an
 * uncaught exception, and keeps nobody else from being told.
 *
 * @returns A function that takes it back.
 * @throws {NotCallableError} code `MEANTIME_NOT_CALLABLE`, if `fn` is not a function; {OptionError}
 * if `future` is none.
 *
 * @example
 * ```ts run
 * import { FutureSource, whenSettled } from 'meantime/futures';
 *
 * const source = new FutureSource<string>();
 * const seen: string[] = [];
 * whenSettled(source.future, (future) => seen.push(future.state));
 * source.fulfil('done');
 * seen; // => ['fulfilled']
 * ```
 */
export function whenSettled<T>(future: Future<T>, fn: (future: Future<T>) => unknown): () => void {
  mustBeFunction('whenSettled', fn);
  mustBeFuture('whenSettled', future);
  return watchFuture(future, listenHere(fn));
}

/** @throws {OptionError} with what was given instead of a Future. */
export function mustBeFuture(who: string, value: unknown): void {
  if (isFuture(value)) return;
  const isThenable = typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
  throw new OptionError(`${who} expects a Future, got ${isThenable ? 'a promise, which cannot be asked for its state' : String(value)}`);
}
