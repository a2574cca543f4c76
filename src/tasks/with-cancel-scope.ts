import { bare, milliseconds, mustBeFunction, readOptions, type Unwrapped } from '../core/index.js';
import type { Future } from '../futures/index.js';
import { Block, type CancelScope } from './block.js';
import { currentScope } from './current.js';
import type { TimeoutOptions } from './with-timeout.js';

/**
 * A block that can be cancelled on its own: `scope.cancel()` ends everything inside it, and what follows the block goes on.
 *
 * Cancelling: a cancellation from outside passes through as it is.
 *
 * @returns The body's value; `undefined` if the block was cancelled by its own scope.
 * @throws {TimeoutError} if a deadline was set with `scope.reschedule` and has passed.
 *
 * @example
 * ```ts run
 * import { sleep, withCancelScope } from 'meantime/tasks';
 *
 * await withCancelScope(async (scope) => {
 *   setTimeout(() => scope.cancel('enough'));
 *   await sleep(10_000);
 * }); // => undefined
 * ```
 */
export function withCancelScope<R>(fn: (scope: CancelScope) => R, options?: TimeoutOptions): Future<Unwrapped<R> | undefined> {
  mustBeFunction('withCancelScope', fn);
  const { grace } = readOptions('withCancelScope', options, { grace: milliseconds });
  const block = new Block(currentScope(), 'a cancel scope', undefined, bare({ grace, quiet: true }));
  block.begin(fn, [block]);
  return block as unknown as Future<Unwrapped<R> | undefined>;
}
