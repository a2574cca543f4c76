import { currentRunning } from '../core/index.js';

/**
 * Waits for a promise of our own so that a cancellation of the running task cuts the waiting short. Outside of tasks it is the promise itself.
 *
 * @param on What is waited for, for people.
 * @param stop Called with the cancellation: ends the work that nobody waits for any more.
 */
export function cancellationPoint<T>(promise: Promise<T>, on: object, stop: (error: Error) => void): Promise<T> {
  const running = currentRunning();
  if (running?.untilCancelled === undefined) return promise;
  const { untilCancelled } = running;
  return new Promise((resolve, reject) => {
    const arrive = untilCancelled.call(running, on, (error) => {
      if (error === undefined) promise.then(resolve, reject);
      else {
        reject(error);
        stop(error);
      }
    });
    promise.then(arrive, arrive);
  });
}

/** An iterator each step of which is a cancellation point; a cancellation closes it, which is not waited for. */
export function cancellableSteps<T>(inner: AsyncIterableIterator<T>): AsyncIterableIterator<T> {
  const close = () => {
    inner.return?.().catch(() => undefined); // who is cancelled is told that, and not what the clean-up of a source said
  };
  return {
    next: () => cancellationPoint(inner.next(), inner, close),
    return: async (value?: unknown) => (inner.return === undefined ? { done: true, value } : inner.return(value)),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** A stream that cannot be: its first step says why, and then it is over. */
export function refusedSteps(error: unknown): AsyncIterableIterator<never> {
  let told = false;
  const over = async (): Promise<IteratorReturnResult<undefined>> => {
    told = true;
    return { done: true, value: undefined };
  };
  return {
    async next() {
      if (told) return await over();
      told = true;
      throw error;
    },
    return: over,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
