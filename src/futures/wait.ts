import { clock, milliseconds, onAbort, oneOf, readOptions, signal as signalCheck } from '../core/index.js';
import { type Future, watchFuture } from './future.js';
import { FutureSource } from './source.js';
import { mustBeFuture } from './when-settled.js';

/** What `wait` waits for, and how long (ms). */
export interface WaitOptions {
  /** `all` (default) have settled; `any` one has; `error`: one has failed or was cancelled, or all have settled. */
  until?: 'all' | 'any' | 'error';
  timeout?: number;
  signal?: AbortSignal;
}

/** Which of the futures have settled, in the order they were given. */
export interface Waited<F extends Future<unknown>> {
  done: F[];
  pending: F[];
}

const table = { until: oneOf('all', 'any', 'error'), timeout: milliseconds, signal: signalCheck };

/**
 * Waits for several futures, and neither cancels any nor throws their errors: `concurrent.futures.wait`.
 *
 * Cancelling: cancelling the returned future, or aborting `signal`, stops the waiting and touches none of the futures. When `timeout`
 * runs out it fulfils with what there is.
 *
 * @throws {CancelledError} if `signal` aborts.
 *
 * @example
 * ```ts run
 * import { FutureSource, wait } from 'meantime/futures';
 *
 * const [a, b] = [new FutureSource<number>(), new FutureSource<number>()];
 * a.fulfil(1);
 * const { done, pending } = await wait([a.future, b.future], { until: 'any' });
 * [done.length, pending.length]; // => [1, 1]
 * ```
 */
export function wait<F extends Future<unknown>>(futures: Iterable<F>, options?: WaitOptions): Future<Waited<F>> {
  const { until = 'all', timeout, signal } = readOptions('wait', options, table);
  const all = [...futures];
  for (const future of all) mustBeFuture('wait', future);
  const source = new FutureSource<Waited<F>>();
  let left = all.length;
  const stops: (() => void)[] = [];
  const finish = () => {
    source.fulfil({ done: all.filter((f) => f.settled), pending: all.filter((f) => !f.settled) });
  };
  watchFuture(source.future, () => {
    for (const stop of stops.splice(0)) stop();
  });
  for (const future of all) {
    if (source.future.settled) break;
    stops.push(
      watchFuture(future, () => {
        left--;
        if (left === 0 || until === 'any' || (until === 'error' && future.state !== 'fulfilled')) finish();
      }),
    );
  }
  if (all.length === 0) finish();
  if (!source.future.settled && signal) {
    const abort = () => {
      source.future.cancel(signal.reason);
    };
    if (signal.aborted) abort();
    else stops.push(onAbort(signal, abort));
  }
  if (!source.future.settled && timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
    const timer = clock.after(timeout, finish);
    stops.push(() => timer.cancel());
  }
  return source.future;
}
