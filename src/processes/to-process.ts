import { notCallable, type Unwrapped } from '../core/index.js';
import { cancelWithCaller, type Future, refused } from '../futures/index.js';
import { ProcessPoolExecutor } from './process-pool-executor.js';

let shared: ProcessPoolExecutor | undefined;

/**
 * Runs one call in a process of the pool that this process shares: made at the first use, one process a core, and gone when idle.
 *
 * Cancelling: as in a ProcessPoolExecutor. Called from a task, the call is cancelled with the task.
 *
 * @example
 * ```ts run
 * import { toProcess } from 'meantime/processes';
 *
 * await toProcess((n: number) => n * 2, 21); // => 42
 * ```
 */
export function toProcess<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Unwrapped<R>> {
  const wrong = notCallable('toProcess', fn);
  if (wrong !== undefined) return refused(wrong);
  shared ??= new ProcessPoolExecutor({ name: 'shared processes' });
  return cancelWithCaller(shared.submit(fn, ...args));
}
