import { mustBe, mustBeFunction, OptionError, some } from '../../core/index.js';
import { currentScope } from '../current.js';
import { debug } from '../debug.js';
import { NotHeldError } from '../errors.js';
import { Scope } from '../scope.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import type { Waiters } from '../waiters.js';
import { Guard, giveBack, lend, mustHold, retake } from './guard.js';
import { asked } from './holders.js';
import { acquireAgain, type GuardMaker, type Lock } from './lock.js';

/**
 * First in the list of the condition, then in that of its lock, and then it goes on. A cancellation can cut off only the first of these waits, and then the lock
 * is waited for all the same: whoever sees the error holds it.
 */
class Notified extends Wait<void> implements GuardMaker<ConditionGuard> {
  readonly #guard: ConditionGuard;
  readonly #lock: Lock;
  #state: 'waiting' | 'notified' | 'cut' = 'waiting';

  #why: Error | undefined = undefined;

  constructor(guard: ConditionGuard, lock: Lock, scope: Scope | undefined) {
    super('condition', scope);
    this.#guard = guard;
    this.#lock = lock;
  }

  notify(): void {
    this.#state = 'notified';
    this.list?.remove(this as Wait<unknown>);
    this.#lock[acquireAgain](this as Wait<unknown>, this);
  }

  override cut(error?: Error): void {
    if (this.#state !== 'waiting') return; // the notification came first, and stays
    this.#state = 'cut';
    this.#why = error;
    this.list?.remove(this as Wait<unknown>);
    this.#lock[acquireAgain](this as Wait<unknown>, this);
  }

  /** Its turn at the lock has come. */
  make(): ConditionGuard {
    return this.#guard;
  }

  override fulfil(): boolean {
    if (!this.#guard[retake](this.scope)) {
      // Its block has been left meanwhile, without waiting for this.
      super.fail(new NotHeldError('wait() was still waiting when its guard was disposed of. Expected the wait to be awaited before'));
      this.#lock[giveBack]();
    } else if (this.#state === 'cut') super.cut(this.#why);
    else super.fulfil();
    return true;
  }
}

/**
 * The lock of a `Condition`, held: wait and notify with it.
 *
 * Cancelling: `wait` and `waitFor` are cancellation points. When they throw, the lock is held again.
 *
 * @example
 * ```ts run
 * import { Condition, withTimeout } from 'meantime/tasks';
 *
 * const condition = new Condition();
 * const guard = await condition.acquire();
 * await withTimeout(1, () => guard.wait()).catch((error) => error.name); // => 'TimeoutError'
 * guard.held; // => true
 * guard.release();
 * ```
 */
export class ConditionGuard extends Guard {
  readonly #lock: Lock;
  readonly #waiters: Waiters;

  /** @internal */
  constructor(lock: Lock, waiters: Waiters, scope: Scope | undefined) {
    super(lock, 1, scope);
    this.#lock = lock;
    this.#waiters = waiters;
  }

  /**
   * Releases the lock, waits for a notification and takes the lock again before it goes on. Something else may have changed by then: look again, or use `waitFor`.
   *
   * Cancelling: a cancellation point. The lock is taken again before the error is thrown, and a notification that this has not had goes to another.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   */
  wait(): Awaitable<void> {
    this[mustHold]('wait()');
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    this[lend]();
    const wait = new Notified(this, this.#lock, scope);
    this.#waiters.push(wait as Wait<unknown>);
    if (debug.on) asked(wait as Wait<unknown>);
    this.#lock[giveBack]();
    return wait.handle();
  }

  /**
   * Waits, time and again, until `predicate()` is true; not at all if it is. It is called with the lock held.
   *
   * Cancelling: as `wait`.
   *
   * @returns What `predicate` returned.
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   * @throws {NotCallableError} if `predicate` is not a function; or {OptionError} if it returns a promise, which is always true.
   */
  waitFor<R>(predicate: () => R): Awaitable<R> {
    mustBeFunction('waitFor', predicate);
    this[mustHold]('waitFor()');
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    const now = look(predicate);
    if (now) return ready(now);
    const guard = this;
    const block = new Looking(scope);
    block.begin(function* () {
      for (;;) {
        yield* guard.wait();
        const then = look(predicate);
        if (then) return then;
      }
    }, []);
    return block as unknown as Awaitable<R>;
  }

  /**
   * Wakes those who have waited longest. They go on one after another, when this guard has been released.
   *
   * @param n How many at most. Default 1.
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   * @throws {OptionError} unless `n` is a whole number from 1.
   */
  notify(n = 1): void {
    if (n !== 1) mustBe('notify', some, n);
    this[mustHold]('notify()');
    this.#notify(n);
  }

  /**
   * Wakes all that wait.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   */
  notifyAll(): void {
    this[mustHold]('notifyAll()');
    this.#notify(this.#waiters.size);
  }

  #notify(n: number): void {
    for (let i = 0; i < n; i++) {
      const first = this.#waiters.first as Notified | undefined;
      if (first === undefined) return;
      first.notify();
    }
  }
}

/** The block of a `waitFor`: awaiting it is no cancellation point of its own, so it ends with the lock in hand. */
class Looking extends Scope {
  override get title(): string {
    return 'condition.waitFor';
  }
}

function look<R>(predicate: () => R): R {
  const value = predicate();
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function')
    throw new OptionError('waitFor expects a function that returns at once whether to go on, got one that returns a promise');
  return value;
}
