import type { AsyncLocalStorage } from 'node:async_hooks';
import { bindHere, currentRunning, drive, isCoroutine, mustBeFunction, type Unwrapped } from '../../core/index.js';
import { cancellation, endOf, type Future, type FutureCell, FutureSource, watchFuture } from '../../futures/index.js';

/** What is held around here, innermost first. */
interface Held {
  readonly words: object;
  /** What was started in there may run on when it has been released. */
  readonly guard: { readonly held: boolean };
  readonly outer: Held | undefined;
}

let storage: AsyncLocalStorage<Held> | undefined;

/** Whether this code runs inside of the `with` of what has these words. Another handle of the same lock in this thread is not noticed. */
export function heldHere(words: object): boolean {
  for (let held = storage?.getStore(); held !== undefined; held = held.outer) if (held.words === words && held.guard.held) return true;
  return false;
}

/** Runs `fn` once the guard is there, and releases it when that has ended. `words`: what then counts as held around `fn`. */
export function holding<G extends Disposable & { readonly held: boolean }, R>(
  what: string,
  acquire: () => Future<G>,
  words: object | undefined,
  fn: (guard: G) => R,
): Future<Unwrapped<R>> {
  mustBeFunction(what, fn);
  const running = currentRunning();
  const coming = acquire();
  const source = new FutureSource<Unwrapped<R>>();
  source.onCancel((reason) => {
    if (!coming.cancel(reason)) source.reject(cancellation(reason));
  });
  const body = async (guard: G): Promise<Unwrapped<R>> => {
    const made = fn(guard);
    return (await (isCoroutine(made) ? drive(made) : made)) as Unwrapped<R>;
  };
  // The lock comes in the context of whoever gives it back.
  const run = bindHere(async (): Promise<Unwrapped<R>> => {
    using guard = coming.result();
    return await (words === undefined ? body(guard) : inside(words, guard, () => body(guard)));
  });
  watchFuture(coming, () => {
    source.start();
    run().then(
      (value) => source.fulfil(value),
      (error) => (source.future as unknown as FutureCell<unknown>).settle(endOf(error, coming, running), error),
    );
  });
  return source.future;
}

function inside<R>(words: object, guard: Held['guard'], fn: () => R): R {
  storage ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)();
  return storage.run({ words, guard, outer: storage.getStore() }, fn);
}

/** The same, all of it now. */
export function holdingSync<G extends Disposable, R>(what: string, acquire: () => G, fn: (guard: G) => R): R {
  mustBeFunction(what, fn);
  const guard = acquire();
  try {
    return fn(guard);
  } finally {
    guard[Symbol.dispose]();
  }
}
