import type { Unwrapped } from '../../core/index.js';
import { limit, mustBe, stays, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { currentScope } from '../current.js';
import { debug } from '../debug.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import { Waiters } from '../waiters.js';
import { Guard, type GuardOwner, giveBack } from './guard.js';
import { asked, handed } from './holders.js';
import { holding } from './holding.js';
import { Recheck } from './recheck.js';

/**
 * A number of permits: so many may hold one at a time. Who needs several asks for them together. First in, first out, also for large ones: whoever asks for one
 * permit waits behind the one who waits for three.
 *
 * Cancelling: `acquire` and `with` are cancellation points. Who was handed permits has them, also if a cancellation comes in the same turn.
 *
 * @example
 * ```ts run
 * import { Semaphore, sleep, withTaskGroup } from 'meantime/tasks';
 *
 * const semaphore = new Semaphore(2);
 * let [inside, most] = [0, 0];
 * await withTaskGroup(async (group) => {
 *   for (let i = 0; i < 5; i++) {
 *     group.spawn(async () => {
 *       using permit = await semaphore.acquire();
 *       most = Math.max(most, ++inside);
 *       await sleep(1);
 *       inside--;
 *     });
 *   }
 * });
 * most; // => 2
 * ```
 */
export class Semaphore implements GuardOwner {
  #permits: number;
  /** More than there are permits, for a while, after `resize`. */
  #held = 0;
  readonly #waiters = new Waiters();
  readonly #recheck = new Recheck(() => this.#serve());

  /**
   * @param permits How many there are.
   * @throws {OptionError} unless it is a whole number from 1, or Infinity.
   */
  constructor(permits: number) {
    mustBe('Semaphore', limit, permits);
    this.#permits = permits;
  }

  /** How many there are, held ones included. */
  get permits(): number {
    return this.#permits;
  }

  /** How many are free. */
  get available(): number {
    return Math.max(0, this.#permits - this.#held);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Takes `n` permits together, at once or when its turn comes.
   *
   * Cancelling: a cancellation point.
   *
   * @param n Default 1.
   * @returns The guard that gives all of them back.
   * @throws {OptionError} unless `n` is a whole number from 1 to `permits`.
   */
  acquire(n = 1): Awaitable<Guard> {
    if (n !== 1) this.#check('acquire', n);
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#held + n <= this.#permits && this.#waiters.size === 0) {
      this.#held += n;
      return ready(new Guard(this, n, scope));
    }
    const wait = new Wait<Guard>('semaphore', scope);
    wait.data = n;
    wait.onCut = this.#recheck.ask;
    this.#waiters.push(wait as Wait<unknown>);
    if (debug.on) asked(wait as Wait<unknown>, this);
    return wait.handle();
  }

  /**
   * The guard of `n` permits if they are free and nobody waits, else `undefined`.
   *
   * @throws {OptionError} unless `n` is a whole number from 1 to `permits`.
   */
  tryAcquire(n = 1): Guard | undefined {
    if (n !== 1) this.#check('tryAcquire', n);
    if (this.#held + n > this.#permits || this.#waiters.size > 0) return undefined;
    this.#held += n;
    return new Guard(this, n, currentScope());
  }

  /**
   * Runs `fn` holding one permit, and gives it back when `fn` and everything inside it has ended, whatever the way out.
   *
   * Cancelling: taking the permit is a cancellation point; a cancellation after that goes into `fn`.
   *
   * @param fn An async function, a generator function or a plain one.
   * @throws {NotCallableError} if `fn` is not a function.
   */
  with<R>(fn: () => R): Future<Unwrapped<R>> {
    return holding('semaphore.with', this, fn);
  }

  /**
   * Sets how many permits there are. More are handed out at once; fewer count from now on, and who holds one keeps it. Who waits for more than there are waits until there are
   * as many again.
   *
   * @throws {OptionError} unless it is a whole number from 1, or Infinity.
   */
  resize(permits: number): void {
    mustBe('semaphore.resize', limit, permits);
    this.#permits = permits;
    this.#serve();
  }

  /** @internal */
  [giveBack](n: number): void {
    this.#held -= n;
    this.#serve();
  }

  #serve(): void {
    for (let first = this.#waiters.first; first !== undefined; first = this.#waiters.first) {
      const n = first.data as number;
      if (this.#held + n > this.#permits) return;
      this.#held += n;
      const guard = new Guard(this, n, first.scope);
      first.fulfil(guard);
      if (debug.on) handed(guard, first);
    }
  }

  #check(method: string, n: number): void {
    if (Number.isInteger(n) && n >= 1 && n <= this.#permits) return;
    mustBe(`semaphore.${method}`, () => `a whole number from 1 to ${this.#permits}, which is all there are`, n);
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays(
      'a Semaphore, which is for the tasks of one thread',
      'between threads use SharedSemaphore, between processes ProcessSemaphore',
    );
  }
}
