import type { Unwrapped } from '../../core/index.js';
import { bare } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import type { WaitLimits } from '../connection/limits.js';
import { type Acquiring, acquire, tryAcquire } from './acquire.js';
import { ProcessGuard } from './guard.js';
import { access, Handle } from './handle.js';
import { holding } from './holding.js';
import { LockBroker, LockOp } from './lock-broker.js';
import { Here, type Origin } from './origin.js';

/**
 * One holder at a time, among all processes and threads that have it: pass it to them as an argument. Whoever releases it hands it to the one who has waited longest, wherever
 * that is. When its holder ends without releasing it, killed or not, the next one gets it, with `guard.abandoned` set.
 *
 * The process that makes it keeps the record of it; when that one ends, whoever waits gets a ConnectionClosedError.
 *
 * Cancelling: `acquire` and `with` are taken out of the line; a lock that was on its way is given on.
 *
 * @example
 * ```ts run
 * import { ProcessLock } from 'meantime/processes';
 *
 * const lock = new ProcessLock();
 * const order: string[] = [];
 * await Promise.all([
 *   lock.with(async () => {
 *     order.push('first in');
 *     await null;
 *     order.push('first out');
 *   }),
 *   lock.with(() => order.push('second')),
 * ]);
 * order; // => ['first in', 'first out', 'second']
 * ```
 */
export class ProcessLock extends Handle {
  readonly #of: Acquiring<ProcessGuard>;

  constructor();
  /** @internal */
  constructor(origin: Origin);
  constructor(origin: Origin = new Here(new LockBroker())) {
    super('ProcessLock', origin);
    this.#of = bare({ name: 'lock', access: this[access], make: (...parts) => new ProcessGuard(...parts) });
  }

  /**
   * Takes the lock, at once or when its turn comes. Who holds a guard and asks again waits for itself, for anybody may release the guard meanwhile.
   *
   * Cancelling: it leaves the line.
   *
   * @param options `timeout` in ms, `signal`.
   * @returns The guard to release it with: `using guard = await lock.acquire()`.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, inside a `with` of the same lock.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made the lock is gone.
   */
  acquire(options?: WaitLimits): Future<ProcessGuard> {
    return acquire(this.#of, LockOp.ACQUIRE, undefined, options);
  }

  /**
   * The guard if the lock is free, else `undefined`.
   *
   * Cancelling: a lock that was on its way is given on.
   *
   * @throws {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made the lock is gone.
   */
  tryAcquire(): Future<ProcessGuard | undefined> {
    return tryAcquire(this.#of, LockOp.TRY, undefined);
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` has ended, whatever the way out.
   *
   * Cancelling: while the lock is waited for, it leaves the line. After that `fn` runs to its end: a cancelled task is cancelled inside of it.
   *
   * @param fn An async function, a generator function or a plain one. It is given the guard.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, inside another `with` of the same lock.
   */
  with<R>(fn: (guard: ProcessGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('lock.with', this[access], () => this.acquire(options), fn);
  }
}
