import { notCallable, type Unwrapped } from '../core/index.js';
import { cancelWithCaller, type Future, refused } from '../futures/index.js';
import { ThreadPoolExecutor } from './thread-pool-executor.js';

let shared: ThreadPoolExecutor | undefined;

/**
 * Runs one call on a thread of the pool that this process shares: made at the first use, one thread a core, and gone when idle.
 *
 * Cancelling: as in a ThreadPoolExecutor. Called from a task, the call is cancelled with the task.
 *
 * @example
 * ```ts run
 * import { toThread } from 'meantime/threads';
 *
 * await toThread((n: number) => n * 2, 21); // => 42
 * ```
 */
export function toThread<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Unwrapped<R>> {
  const wrong = notCallable('toThread', fn);
  if (wrong !== undefined) return refused(wrong);
  shared ??= new ThreadPoolExecutor({ name: 'shared threads' });
  return cancelWithCaller(shared.submit(fn, ...args));
}
