import { clock, milliseconds, mustBeFunction, readOptions, type Unwrapped } from '../core/index.js';
import type { Future } from '../futures/index.js';
import { Block, type CancelScope } from './block.js';
import { currentScope } from './current.js';
import { deadline, duration } from './deadline.js';

/** How long after its time the block waits for what does not listen (ms). */
export interface TimeoutOptions {
  /** Then it gives up with a `TaskAbandonedError`. Default: as long as it takes. */
  grace?: number;
}

const table = { grace: milliseconds };

/**
 * Gives a block at most `ms` milliseconds. When they have passed, everything inside it is cancelled; when that has ended, the block throws. Of nested limits the nearest wins.
 * A body that returns a value in spite of the cancellation gives that value.
 *
 * Cancelling: a cancellation from outside passes through as it is.
 *
 * @throws {TimeoutError} code `MEANTIME_TIMEOUT`.
 * @throws {TaskAbandonedError} code `MEANTIME_TASK_ABANDONED`, if something inside has not ended `grace` ms later.
 * @throws {OptionError} if `ms` is negative or NaN.
 *
 * @example
 * ```ts run
 * import { sleep, withTimeout } from 'meantime/tasks';
 *
 * await withTimeout(1, () => sleep(10_000)).catch((error) => error.name); // => 'TimeoutError'
 * await withTimeout(10_000, () => 'in time'); // => 'in time'
 * ```
 */
export function withTimeout<R>(ms: number, fn: (scope: CancelScope) => R, options?: TimeoutOptions): Future<Unwrapped<R>> {
  const at = clock.now();
  return limited('withTimeout', fn, at, at + duration('withTimeout', ms), ms, options);
}

/**
 * The same with a point in time: a `Date`, or milliseconds on the clock of `now()`.
 *
 * Cancelling: a cancellation from outside passes through as it is.
 *
 * @throws {TimeoutError} code `MEANTIME_TIMEOUT`.
 * @throws {OptionError} if `at` is neither.
 *
 * @example A deadline that is moved
 * ```ts run
 * import { now, sleep, withDeadline } from 'meantime/tasks';
 *
 * await withDeadline(now() + 5, async (scope) => {
 *   scope.reschedule(now() + 10_000);
 *   await sleep(10);
 *   return 'done';
 * }); // => 'done'
 * ```
 */
export function withDeadline<R>(at: number | Date, fn: (scope: CancelScope) => R, options?: TimeoutOptions): Future<Unwrapped<R>> {
  return limited('withDeadline', fn, clock.now(), deadline('withDeadline', at), 'withDeadline', options);
}

function limited<R>(
  who: string,
  fn: (scope: CancelScope) => R,
  began: number,
  at: number,
  title: string | number,
  options: TimeoutOptions | undefined,
): Future<Unwrapped<R>> {
  mustBeFunction(who, fn);
  const block = new Block(currentScope(), title, at, options && readOptions(who, options, table));
  if (at <= began) block.ring(); // no wait gets through
  block.begin(fn, [block]);
  return block as unknown as Future<Unwrapped<R>>;
}
