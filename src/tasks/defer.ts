import { milliseconds, mustBeFunction, readOptions } from '../core/index.js';
import { currentScope } from './current.js';
import { NotHeldError } from './errors.js';

/** How long clean-up may take (ms). */
export interface DeferOptions {
  /** Default 1,000. Of several in one scope the longest counts, for all of them together. */
  grace?: number;
}

const table = { grace: milliseconds };
const GRACE = 1000;

/**
 * Runs `fn` when the current scope ends (the innermost task, group, time limit, shield or cancel scope), after everything inside it, whatever the way out: the last
 * deferred first, one after another, waited for. An error of `fn` is the scope's, unless that has failed already: then `failuresOf` has it.
 *
 * Cancelling: `fn` is shielded for `grace` ms in all; then its cancellation points throw, and the late-error hook is told that it was cut off.
 *
 * @throws {NotHeldError} outside of any scope.
 *
 * @example
 * ```ts run
 * import { defer, run } from 'meantime/tasks';
 *
 * const seen: string[] = [];
 * await run(async () => {
 *   defer(() => seen.push('closed'));
 *   seen.push('open');
 * });
 * seen; // => ['open', 'closed']
 * ```
 */
export function defer(fn: () => unknown, options?: DeferOptions): void {
  mustBeFunction('defer', fn);
  const { grace = GRACE } = readOptions('defer', options, table);
  const scope = currentScope();
  if (scope === undefined || scope.settled)
    throw new NotHeldError(
      'defer was called outside of any task or scope: nothing ends there. Expected to be inside run(), a task or a withX() block',
    );
  scope.addDefer(fn, grace);
}
