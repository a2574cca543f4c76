import { disown } from '../core/index.js';
import { FutureCell } from '../futures/index.js';
import { currentScope } from './current.js';
import { selfWait } from './errors.js';
import { followFuture } from './follow-future.js';
import { orderly } from './orderly.js';
import type { Scope } from './scope.js';
import { type Awaitable, isDelivered, ready, refused, Wait } from './wait.js';

/**
 * Makes a foreign promise a cancellation point: a promise that JavaScript itself cannot stop waiting for. What it stands for goes on; only the waiting ends. What
 * `then`, `catch` and `finally` give is foreign too, also that of a task: `await cancellable(task.catch(report))`.
 *
 * Cancelling: throws at once; a later failure of the promise is nobody's.
 *
 * @param promise Anything that can be awaited; a plain value comes back.
 *
 * @example
 * ```ts run
 * import { cancellable, withTimeout } from 'meantime/tasks';
 *
 * const never = new Promise(() => {});
 * await withTimeout(1, () => cancellable(never)).catch((error) => error.name); // => 'TimeoutError'
 * ```
 */
export function cancellable<T>(promise: PromiseLike<T> | T): Awaitable<T> {
  const scope = currentScope();
  if (promise instanceof FutureCell && scope !== undefined) {
    if (scope.waitsForItself(promise)) return refused(selfWait((promise as unknown as Scope).title));
    if (promise.isBlockIn(scope)) return promise as unknown as Awaitable<T>;
  }
  const isThenable = typeof (promise as PromiseLike<T> | null | undefined)?.then === 'function';
  if (isThenable && isDelivered(promise)) return promise as unknown as Awaitable<T>;
  if (scope?.error !== undefined) {
    if (isThenable) disown(orderly(promise as PromiseLike<T>));
    return refused(scope.error);
  }
  if (!isThenable) return ready(promise as T);
  const wait = new Wait<T>(promise instanceof FutureCell ? promise : 'promise', scope);
  if (promise instanceof FutureCell) followFuture(wait as Wait<unknown>, promise);
  else wait.follow(promise as PromiseLike<T>);
  return wait.handle();
}
