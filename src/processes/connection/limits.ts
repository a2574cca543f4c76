import { bare, clock, milliseconds, onAbort, readOptions, signal, TimeoutError } from '../../core/index.js';
import { cancellation, cancelWithCaller, type Future, type FutureCell, type FutureSource } from '../../futures/index.js';
import { hold, release } from './hold.js';

/** How long something may be waited for. */
export interface WaitLimits {
  /** In ms; then it fails with a TimeoutError. Default: no limit. */
  timeout?: number;
  /** Its abort ends the waiting with a CancelledError. */
  signal?: AbortSignal;
}

/** The options of whoever waits. */
export const limitsTable = { timeout: milliseconds, signal };

/** @throws {OptionError} */
export function readLimits(where: string, limits: WaitLimits | undefined): WaitLimits {
  return limits === undefined ? none : readOptions(where, limits, limitsTable);
}

/** No limits. */
export const none: WaitLimits = Object.freeze(bare({}));

/**
 * A wait that has begun: it holds the event loop until it is over, and ends early when its time is up, its signal aborts, its future or the
 * calling task is cancelled.
 *
 * @param doing What is waited for, for the message: `connection.receive`.
 * @param cut Takes the waiter out and rejects the source with the error. Called at most once, and not after the source has settled.
 */
export function begin<T>(source: FutureSource<T>, doing: string, { timeout, signal }: WaitLimits, cut: (error: Error) => void): Future<T> {
  const { future } = source;
  source.onCancel((reason) => cut(cancellation(reason)));
  if (signal?.aborted) {
    cut(cancellation(signal.reason));
    return future;
  }
  hold();
  const timer =
    timeout === undefined || timeout === Number.POSITIVE_INFINITY
      ? undefined
      : clock.after(timeout, () => cut(new TimeoutError(`${doing} was not over after ${timeout} ms`)));
  const ignore = signal && onAbort(signal, () => cut(cancellation(signal.reason)));
  (future as unknown as FutureCell<T>).passBy(() => {
    release();
    timer?.cancel();
    ignore?.();
  });
  return cancelWithCaller(future);
}
