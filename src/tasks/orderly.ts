import { isFuture } from '../futures/index.js';

/** A promise that keeps to the rules: it settles once, later, and its `then` does not throw. Somebody's own thenable may do otherwise. */
export function orderly<T>(thenable: PromiseLike<T>): PromiseLike<T> {
  return thenable instanceof Promise || isFuture(thenable) ? thenable : Promise.resolve(thenable);
}
