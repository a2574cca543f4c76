import type { AnyFunction, Future } from '../futures/index.js';
import { whenSettled } from '../futures/index.js';

/**
 * What a generator function yields on this thread. It holds one slot of its executor from the first value to the last: `hold` submits the
 * call that does so.
 */
export function localStream(
  fn: AnyFunction,
  args: unknown[],
  hold: (body: () => Promise<void>) => Future<unknown>,
): AsyncIterableIterator<unknown> {
  let release: () => void = () => undefined;
  let slot: Future<unknown> | undefined;
  let source: AsyncIterator<unknown> | Iterator<unknown> | undefined;
  let over = false;
  let fail: ((error: unknown) => void) | undefined;

  const open = () =>
    new Promise<void>((ready, failed) => {
      fail = failed;
      slot = hold(() => {
        const made = fn(...args) as AsyncIterable<unknown> & Iterable<unknown>;
        source = made[Symbol.asyncIterator]?.() ?? made[Symbol.iterator]();
        ready();
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      });
      whenSettled(slot, (future) => {
        if (future.state === 'fulfilled') return;
        try {
          future.result();
        } catch (error) {
          over = true;
          fail?.(error);
        }
      });
    });
  let opened: Promise<void> | undefined;
  const finish = async () => {
    if (over) return;
    over = true;
    release();
  };

  return {
    async next() {
      opened ??= open();
      await opened;
      if (over || !source) return { done: true, value: undefined };
      const { promise, give, refuse } = pair<IteratorResult<unknown>>();
      fail = refuse;
      Promise.resolve(source.next()).then(give, refuse);
      try {
        const step = await promise;
        if (step.done) await finish();
        return step;
      } catch (error) {
        await finish();
        throw error;
      }
    },
    async return() {
      const wasOver = over;
      over = true;
      if (opened && !wasOver) {
        try {
          await source?.return?.();
        } finally {
          release();
        }
      }
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function pair<T>() {
  let give!: (value: T) => void;
  let refuse!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    give = resolve;
    refuse = reject;
  });
  return { promise, give, refuse };
}
