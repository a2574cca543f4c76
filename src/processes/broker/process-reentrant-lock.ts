import type { Unwrapped } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import type { WaitLimits } from '../connection/limits.js';
import { type Acquiring, acquire, tryAcquire } from './acquire.js';
import { ProcessGuard } from './guard.js';
import { access, Handle } from './handle.js';
import { holding } from './holding.js';
import { LockBroker, LockOp } from './lock-broker.js';
import { Here, type Origin } from './origin.js';

/**
 * A lock that a thread may take again while it holds it: it is free once all its guards are released. What holds it is the whole thread (of this process or another), as for Python's
 * `multiprocessing.RLock`: it keeps processes and threads apart, not the tasks of one thread. In all else it is a `ProcessLock`.
 *
 * Cancelling: `acquire` and `with` are taken out of the line; a lock that was on its way is given on.
 *
 * @example
 * ```ts run
 * import { ProcessReentrantLock } from 'meantime/processes';
 *
 * const lock = new ProcessReentrantLock();
 * await lock.with(() => lock.with(() => 'inside')); // => 'inside'
 * ```
 */
export class ProcessReentrantLock extends Handle {
  readonly #of: Acquiring<ProcessGuard>;

  constructor();
  /** @internal */
  constructor(origin: Origin);
  constructor(origin: Origin = new Here(new LockBroker(true))) {
    super('ProcessReentrantLock', origin);
    this.#of = { name: 'lock', access: this[access], mayReenter: true, make: (...parts) => new ProcessGuard(...parts) };
  }

  /**
   * Takes the lock: at once if this thread holds it or nobody does, else when its turn comes.
   *
   * Cancelling: it leaves the line.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made the lock is gone.
   */
  acquire(options?: WaitLimits): Future<ProcessGuard> {
    return acquire(this.#of, LockOp.ACQUIRE, undefined, options);
  }

  /**
   * The guard if this thread holds the lock or nobody does, else `undefined`.
   *
   * Cancelling: a lock that was on its way is given on.
   */
  tryAcquire(): Future<ProcessGuard | undefined> {
    return tryAcquire(this.#of, LockOp.TRY, undefined);
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` has ended, whatever the way out.
   *
   * Cancelling: while the lock is waited for, it leaves the line. After that `fn` runs to its end: a cancelled task is cancelled inside of it.
   */
  with<R>(fn: (guard: ProcessGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('lock.with', this[access], () => this.acquire(options), fn);
  }
}
