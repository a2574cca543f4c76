import { bare, clock, milliseconds, mustBeFunction, readOptions, type Unwrapped } from '../core/index.js';
import type { Future } from '../futures/index.js';
import { Block, type CancelScope } from './block.js';
import { currentScope } from './current.js';

/** How long the shield may take in all (ms). */
export interface ShieldOptions {
  /** Then everything inside is cancelled and a TimeoutError thrown. Default: no limit. */
  timeout?: number;
}

const table = { timeout: milliseconds };

/**
 * A block that no cancellation from outside reaches: for clean-up that has to wait. It runs in the same task, which goes on to its next cancellation point afterwards.
 *
 * Cancelling: only by its own scope or `timeout`.
 *
 * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, if `timeout` ms have passed.
 *
 * @example
 * ```ts run
 * import { sleep, withCancelScope, withShield } from 'meantime/tasks';
 *
 * const seen: string[] = [];
 * await withCancelScope(async (scope) => {
 *   scope.cancel();
 *   await withShield(() => sleep(1), { timeout: 1000 });
 *   seen.push('cleaned up');
 *   await sleep(1);
 *   seen.push('never');
 * });
 * seen; // => ['cleaned up']
 * ```
 */
export function withShield<R>(fn: (scope: CancelScope) => R, options?: ShieldOptions): Future<Unwrapped<R>> {
  mustBeFunction('withShield', fn);
  const { timeout = Number.POSITIVE_INFINITY } = readOptions('withShield', options, table);
  const block = new Block(currentScope(), 'a shield', clock.now() + timeout, bare({ shield: true }));
  block.begin(fn, [block]);
  return block as unknown as Future<Unwrapped<R>>;
}
