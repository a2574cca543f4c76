import type { AsyncLocalStorage } from 'node:async_hooks';
import { drive, isCoroutine, type Unwrapped } from '../../core/index.js';
import { cancellation, type Future, FutureSource, whenSettled } from '../../futures/index.js';
import type { SharedGuard } from './shared-guard.js';

/** What is held around here, innermost first. */
interface Held {
  readonly words: object;
  readonly outer: Held | undefined;
}

let storage: AsyncLocalStorage<Held> | undefined;

/** Whether this code runs inside of the `with` of what has these words. Another handle of the same lock in this thread is not noticed. */
export function heldHere(words: object): boolean {
  for (let held = storage?.getStore(); held !== undefined; held = held.outer) if (held.words === words) return true;
  return false;
}

/** Runs `fn` once the guard is there, and releases it when that has ended. */
export function holding<R>(coming: Future<SharedGuard>, words: object, fn: (guard: SharedGuard) => R): Future<Unwrapped<R>> {
  storage ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)();
  const held: Held = { words, outer: storage.getStore() };
  const within = storage;
  const source = new FutureSource<Unwrapped<R>>();
  source.onCancel((reason) => {
    if (!coming.cancel(reason)) source.reject(cancellation(reason));
  });
  whenSettled(coming, () => {
    source.start();
    run().then(
      (value) => source.fulfil(value),
      (error) => source.reject(error),
    );
  });
  const run = async (): Promise<Unwrapped<R>> => {
    using guard = coming.result();
    return await within.run(held, async () => {
      const made = fn(guard);
      return (await (isCoroutine(made) ? drive(made) : made)) as Unwrapped<R>;
    });
  };
  return source.future;
}

/** The same, all of it now. */
export function holdingSync<R>(guard: SharedGuard, fn: (guard: SharedGuard) => R): R {
  try {
    return fn(guard);
  } finally {
    guard[Symbol.dispose]();
  }
}
