import type { Unwrapped } from '../../core/index.js';
import { stays, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { currentScope } from '../current.js';
import { debug } from '../debug.js';
import type { Scope } from '../scope.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import { Waiters } from '../waiters.js';
import { Guard, type GuardOwner, giveBack } from './guard.js';
import { asked, handed } from './holders.js';
import { holding } from './holding.js';

/** For conditions, which share a lock: whose guards are of another class, and whose waiters take the lock again. */
export const acquireFor: unique symbol = Symbol('acquireFor');
export const tryAcquireFor: unique symbol = Symbol('tryAcquireFor');
export const acquireAgain: unique symbol = Symbol('acquireAgain');

/** Makes the guards of one lock. */
export interface GuardMaker<G extends Guard> {
  make(lock: Lock, scope: Scope | undefined): G;
}

const plain: GuardMaker<Guard> = { make: (lock, scope) => new Guard(lock, 1, scope) };

/**
 * One holder at a time. Who releases it hands it to the one who has waited longest: nobody gets in between. It may be released by another task than the one that took it, and
 * who holds it and asks again waits for itself.
 *
 * Cancelling: `acquire` and `with` are cancellation points. Who was handed the lock has it, also if a cancellation comes in the same turn.
 *
 * @example
 * ```ts run
 * import { Lock, sleep, withTaskGroup } from 'meantime/tasks';
 *
 * const lock = new Lock();
 * let balance = 0;
 * await withTaskGroup(async (group) => {
 *   for (let i = 0; i < 3; i++) {
 *     group.spawn(() =>
 *       lock.with(async () => {
 *         const before = balance;
 *         await sleep(1);
 *         balance = before + 1;
 *       }),
 *     );
 *   }
 * });
 * balance; // => 3
 * ```
 */
export class Lock implements GuardOwner {
  #locked = false;
  readonly #waiters = new Waiters();

  /** Whether somebody holds it. */
  get locked(): boolean {
    return this.#locked;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Takes the lock, at once or when its turn comes.
   *
   * Cancelling: a cancellation point.
   *
   * @returns The guard to release it with: `using guard = await lock.acquire()`.
   */
  acquire(): Awaitable<Guard> {
    return this[acquireFor](plain);
  }

  /** The guard if the lock is free, else `undefined`. */
  tryAcquire(): Guard | undefined {
    return this[tryAcquireFor](plain);
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` and everything inside it has ended, whatever the way out.
   *
   * Cancelling: taking the lock is a cancellation point; a cancellation after that goes into `fn`.
   *
   * @param fn An async function, a generator function or a plain one.
   * @throws {NotCallableError} if `fn` is not a function.
   */
  with<R>(fn: () => R): Future<Unwrapped<R>> {
    return holding('lock.with', this, fn);
  }

  /** @internal */
  [acquireFor]<G extends Guard>(maker: GuardMaker<G>): Awaitable<G> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (!this.#locked) {
      this.#locked = true;
      return ready(maker.make(this, scope));
    }
    const wait = new Wait<G>('lock', scope);
    wait.data = maker;
    this.#waiters.push(wait as Wait<unknown>);
    if (debug.on) asked(wait as Wait<unknown>, this);
    return wait.handle();
  }

  /** @internal */
  [tryAcquireFor]<G extends Guard>(maker: GuardMaker<G>): G | undefined {
    if (this.#locked) return undefined;
    this.#locked = true;
    return maker.make(this, currentScope());
  }

  /** @internal */
  [acquireAgain](wait: Wait<unknown>, maker: GuardMaker<Guard>): void {
    wait.data = maker;
    this.#waiters.push(wait);
    if (!this.#locked) this[giveBack]();
  }

  /** @internal */
  [giveBack](): void {
    const next = this.#waiters.first;
    this.#locked = next !== undefined;
    if (next === undefined) return;
    const guard = (next.data as GuardMaker<Guard>).make(this, next.scope);
    next.fulfil(guard);
    if (debug.on) handed(guard, next);
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('a Lock, which is for the tasks of one thread', 'between threads use SharedLock, between processes ProcessLock');
  }
}
