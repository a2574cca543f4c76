import type { Unwrapped } from '../../core/index.js';
import { bare } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import type { WaitLimits } from '../connection/limits.js';
import { type Acquiring, acquire, tryAcquire } from './acquire.js';
import { ConditionBroker, ConditionOp } from './condition-broker.js';
import { ProcessConditionGuard } from './condition-guard.js';
import { access, Handle } from './handle.js';
import { holding } from './holding.js';
import { Here, type Origin } from './origin.js';

/**
 * A lock, and a place to wait until whoever holds it next has changed something: for all processes and threads that have it. The holder's guard waits and notifies, so neither can be
 * done without the lock.
 *
 * Cancelling: `acquire` and `with` are taken out of the line. A `wait` takes the lock again before it throws.
 *
 * @example
 * ```ts run
 * import { ProcessCondition } from 'meantime/processes';
 *
 * const condition = new ProcessCondition();
 * const stock: string[] = [];
 * const buyer = condition.with(async (guard) => {
 *   await guard.waitFor(() => stock.length > 0);
 *   return stock.pop();
 * });
 * await condition.with((guard) => {
 *   stock.push('bread');
 *   guard.notify();
 * });
 * await buyer; // => 'bread'
 * ```
 */
export class ProcessCondition extends Handle {
  readonly #of: Acquiring<ProcessConditionGuard>;

  constructor();
  /** @internal */
  constructor(origin: Origin);
  constructor(origin: Origin = new Here(new ConditionBroker())) {
    super('ProcessCondition', origin);
    this.#of = bare({ name: 'condition', access: this[access], make: (...parts) => new ProcessConditionGuard(...parts) });
  }

  /**
   * Takes the lock, at once or when its turn comes.
   *
   * Cancelling: it leaves the line.
   *
   * @param options `timeout` in ms, `signal`.
   * @returns The guard to wait and to notify with, and to release.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, inside a `with` of the same condition.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made it is gone.
   */
  acquire(options?: WaitLimits): Future<ProcessConditionGuard> {
    return acquire(this.#of, ConditionOp.ACQUIRE, undefined, options);
  }

  /** The guard if the lock is free, else `undefined`. Cancelling: a lock that was on its way is given on. */
  tryAcquire(): Future<ProcessConditionGuard | undefined> {
    return tryAcquire(this.#of, ConditionOp.TRY, undefined);
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` has ended, whatever the way out.
   *
   * Cancelling: while the lock is waited for, it leaves the line. After that `fn` runs to its end: a cancelled task is cancelled inside of it.
   *
   * @param fn An async function, a generator function or a plain one. It is given the guard.
   */
  with<R>(fn: (guard: ProcessConditionGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('condition.with', this[access], () => this.acquire(options), fn);
  }
}
