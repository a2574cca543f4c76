import { Deque, keepContext, NotCallableError } from '../core/index.js';
import { type AnyFunction, type Future, watchFuture } from '../futures/index.js';

type Step = IteratorResult<unknown>;
type Source = { next(): Step | Promise<Step>; return?(): unknown };
type Waiter = { resolve(step: Step): void; reject(error: unknown): void };

/**
 * What a generator function yields on this thread. The stream holds one slot of its executor from its first value to its last: `hold` submits the
 * call that does so, and the generator runs as part of that call.
 */
export function localStream(
  fn: AnyFunction,
  args: unknown[],
  hold: (body: () => Promise<void>) => Future<unknown>,
): AsyncIterableIterator<unknown> {
  const waiters = new Deque<Waiter>();
  let slot: Future<unknown> | undefined;
  let source: Source | undefined;
  let within = keepContext();
  let release: () => void = () => undefined;
  let asking = false;
  let over: { error: unknown; failed: boolean } | undefined;

  const end = (how: { error: unknown; failed: boolean }) => {
    over ??= how;
    release();
    serve();
  };
  const answer = (step: Step) => {
    asking = false;
    if (step.done) return end({ failed: false, error: undefined });
    waiters.shift()?.resolve({ done: false, value: step.value });
    serve();
  };
  const serve = () => {
    while (over && waiters.size > 0) {
      const { failed, error } = over;
      over = { failed: false, error: undefined };
      if (failed) waiters.shift()?.reject(error);
      else waiters.shift()?.resolve({ done: true, value: undefined });
    }
    if (over || asking || !source || waiters.size === 0) return;
    asking = true;
    const open = source;
    // A promise even for a synchronous generator: a reader that asks again at once must not recurse.
    new Promise<Step>((resolve) => resolve(within(() => open.next()))).then(answer, (error) => end({ failed: true, error }));
  };
  const open = () => {
    const body = () => {
      within = keepContext();
      const made = fn(...args) as Partial<AsyncIterable<unknown> & Iterable<unknown>> | undefined;
      source = (made?.[Symbol.asyncIterator]?.() ?? made?.[Symbol.iterator]?.()) as Source | undefined;
      if (!source) throw new NotCallableError(`stream expects a generator function; ${fn.name || 'it'} returned ${String(made)}`);
      return new Promise<void>((resolve) => {
        release = resolve;
        serve();
      });
    };
    slot = within(() => hold(body)); // it begins when it is read, in the context of where it was made
    watchFuture(slot, (future) => {
      if (future.state === 'fulfilled') return;
      try {
        future.result();
      } catch (error) {
        close().catch(() => undefined); // the reader is told why the stream ended, not what its clean-up said
        end({ failed: true, error });
      }
    });
  };
  const close = async () => {
    const open = source;
    source = undefined;
    if (open) await within(async () => open.return?.());
  };

  return {
    next: () =>
      new Promise((resolve, reject) => {
        waiters.push({ resolve, reject });
        if (!slot && !over) open();
        serve();
      }),
    async return() {
      const wasOver = over !== undefined;
      over ??= { failed: false, error: undefined };
      try {
        if (!wasOver) await close();
        if (!source && slot?.state === 'pending') slot.cancel('its reader left');
      } finally {
        end({ failed: false, error: undefined });
      }
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
