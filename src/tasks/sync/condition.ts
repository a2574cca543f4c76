import type { Unwrapped } from '../../core/index.js';
import { mustBe, stays, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import type { Scope } from '../scope.js';
import type { Awaitable } from '../wait.js';
import { Waiters } from '../waiters.js';
import { ConditionGuard } from './condition-guard.js';
import { holding } from './holding.js';
import { acquireFor, type GuardMaker, Lock, tryAcquireFor } from './lock.js';

const aLock = (value: unknown): string | undefined => (value instanceof Lock ? undefined : 'a Lock');

/**
 * A lock, and a place to wait until whoever holds it next has changed something. The holder's guard waits and notifies, so neither can be done without the lock.
 *
 * Cancelling: `acquire`, `with` and the guard's `wait` and `waitFor` are cancellation points. After a `wait` the lock is held again, whatever the way out.
 *
 * @example
 * ```ts run
 * import { Condition, withTaskGroup } from 'meantime/tasks';
 *
 * const condition = new Condition();
 * const stock: string[] = [];
 * await withTaskGroup(async (group) => {
 *   const buyer = group.spawn(async () => {
 *     using guard = await condition.acquire();
 *     await guard.waitFor(() => stock.length > 0);
 *     return stock.pop();
 *   });
 *   await condition.with((guard) => {
 *     stock.push('bread');
 *     guard.notify();
 *   });
 *   return buyer;
 * }); // => 'bread'
 * ```
 */
export class Condition {
  readonly #lock: Lock;
  readonly #waiters = new Waiters();
  readonly #maker: GuardMaker<ConditionGuard> = {
    make: (lock: Lock, scope: Scope | undefined) => new ConditionGuard(lock, this.#waiters, scope),
  };

  /**
   * @param lock Default: one of its own. Several conditions may share one.
   * @throws {OptionError} if it is not a `Lock`.
   */
  constructor(lock: Lock = new Lock()) {
    mustBe('Condition', aLock, lock);
    this.#lock = lock;
  }

  /** How many wait for a notification. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Takes the lock, at once or when its turn comes.
   *
   * Cancelling: a cancellation point.
   *
   * @returns The guard to wait and to notify with, and to release.
   */
  acquire(): Awaitable<ConditionGuard> {
    return this.#lock[acquireFor](this.#maker);
  }

  /** The guard if the lock is free, else `undefined`. */
  tryAcquire(): ConditionGuard | undefined {
    return this.#lock[tryAcquireFor](this.#maker);
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` and everything inside it has ended, whatever the way out.
   *
   * Cancelling: taking the lock is a cancellation point; a cancellation after that goes into `fn`.
   *
   * @param fn An async function, a generator function or a plain one. It is given the guard.
   * @throws {NotCallableError} if `fn` is not a function.
   */
  with<R>(fn: (guard: ConditionGuard) => R): Future<Unwrapped<R>> {
    return holding('condition.with', this, fn);
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays(
      'a Condition, which is for the tasks of one thread',
      'between threads use SharedCondition, between processes ProcessCondition',
    );
  }
}
