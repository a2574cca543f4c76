import { clock, Deque, milliseconds, onAbort, readOptions, signal as signalCheck, TimeoutError, type Timer } from '../core/index.js';
import { cancellableSteps } from './cancellation-point.js';
import { cancellation, type Future, watchFuture } from './future.js';
import { mustBeFuture } from './when-settled.js';

/** How long `asCompleted` waits in all (ms), and what stops it. */
export interface AsCompletedOptions {
  timeout?: number;
  signal?: AbortSignal;
}

/**
 * A future as `asCompleted` gives it: the Future itself. TypeScript takes what a `for await` yields to be awaited once more, which it
 * is not; without a callable `then` it leaves the type alone.
 */
export type Completed<T> = Future<T> & { then: never };

const table = { timeout: milliseconds, signal: signalCheck };

/**
 * Gives the futures themselves, in the order in which they settle: `concurrent.futures.as_completed`.
 *
 * A plain async iterator and not an async generator: a generator awaits what it yields, so it would hand out values and throw
 * at the first failure.
 *
 * Cancelling: a cancellation point in a task. It, leaving the loop, or aborting `signal` stops the waiting and touches none of the futures.
 *
 * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, if `timeout` ms pass before all have settled.
 *
 * @example
 * ```ts run
 * import { asCompleted, FutureSource } from 'meantime/futures';
 *
 * const [slow, quick] = [new FutureSource<string>(), new FutureSource<string>()];
 * quick.fulfil('quick');
 * setTimeout(() => slow.fulfil('slow'));
 * const order: string[] = [];
 * for await (const future of asCompleted([slow.future, quick.future])) order.push(future.result());
 * order; // => ['quick', 'slow']
 * ```
 */
export function asCompleted<T>(futures: Iterable<Future<T>>, options?: AsCompletedOptions): AsyncIterableIterator<Completed<T>> {
  const { timeout, signal } = readOptions('asCompleted', options, table);
  const unique = new Set(futures);
  for (const future of unique) mustBeFuture('asCompleted', future);
  const ready = new Deque<Completed<T>>();
  const waiters = new Deque<{ resolve(step: IteratorResult<Completed<T>>): void; reject(error: unknown): void }>();
  const stops: (() => void)[] = [];
  /** Of those that have not settled, how to stop watching. What has been given is nowhere in here: it may be large, and the loop long. */
  const watches = new Map<Future<T>, () => void>();
  const all = unique.size;
  let left = all;
  let failure: { error: unknown } | undefined;
  let closed = false;

  const stop = () => {
    closed = true;
    for (const undo of [...stops.splice(0), ...watches.values()]) undo();
    watches.clear();
  };
  const settleWaiters = () => {
    while (waiters.size > 0) {
      const future = ready.shift();
      // A Future inside the step object is safe: only what a promise resolves *with* is unwrapped.
      if (future !== undefined) {
        left--;
        waiters.shift()?.resolve({ done: false, value: future });
      } else if (failure) {
        const { error } = failure;
        failure = undefined;
        stop();
        waiters.shift()?.reject(error);
      } else if (closed || left === 0) {
        stop();
        waiters.shift()?.resolve({ done: true, value: undefined });
      } else return;
    }
  };
  const fail = (error: unknown) => {
    failure = { error };
    settleWaiters();
  };

  for (const future of unique) {
    const undo = watchFuture(future, (settled) => {
      watches.delete(settled);
      ready.push(settled as Completed<T>);
      settleWaiters();
    });
    if (!future.settled) watches.set(future, undo);
  }
  let timer: Timer | undefined;
  if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
    timer = clock.after(timeout, () => {
      const pending = watches.size;
      if (pending > 0) fail(new TimeoutError(`asCompleted: ${pending} of ${all} futures had not settled after ${timeout} ms`));
    });
    stops.push(() => timer?.cancel());
  }
  if (signal) {
    const abort = () => fail(cancellation(signal.reason));
    if (signal.aborted) abort();
    else stops.push(onAbort(signal, abort));
  }

  return cancellableSteps<Completed<T>>({
    next() {
      return new Promise((resolve, reject) => {
        waiters.push({ resolve, reject });
        settleWaiters();
      });
    },
    async return() {
      stop();
      settleWaiters();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  });
}
