import type { Future } from '../../futures/index.js';

// biome-ignore lint/suspicious/noExplicitAny: what a method takes and gives is read off it
type Method = (...args: any[]) => unknown;

/** What a method of a managed object gives from afar: a future of its value, or, where it gives an iterator, something to iterate over. */
export type RemoteResult<R> = [R] extends [never]
  ? Future<never>
  : Awaited<R> extends AsyncIterator<infer Y, unknown, never> | Iterator<infer Y, unknown, never>
    ? Future<AsyncIterableIterator<Y>> & AsyncIterable<Y>
    : Future<Awaited<R>>;

/**
 * A handle of an object that lives in a `Manager`: its methods, each of which gives a Future. It travels to other processes and threads, and there is one and the same object behind all
 * its handles. The object is freed when the last of them is: disposed of (`using`), collected as garbage, or gone with its process.
 *
 * Cancelling: a call's future tells the method, whose `currentSignal()` aborts, and settles at once.
 */
export type Remote<T> = {
  readonly [K in keyof T as K extends `_${string}` | 'then'
    ? never
    : T[K] extends Method
      ? K extends string
        ? K
        : never
      : never]: T[K] extends (...args: infer A) => infer R ? (...args: A) => RemoteResult<R> : never;
} & Disposable;
