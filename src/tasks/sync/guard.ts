import { debug } from '../debug.js';
import { NotHeldError } from '../errors.js';
import type { Scope } from '../scope.js';
import { gave, took } from './holders.js';

/** Takes back what a guard stands for: so many permits, or for reading or writing. */
export const giveBack: unique symbol = Symbol('giveBack');
/** For a condition: its guard is needed to notify; it is not held while it waits, and held again afterwards. */
export const mustHold: unique symbol = Symbol('mustHold');
export const lend: unique symbol = Symbol('lend');
export const retake: unique symbol = Symbol('retake');

/** What hands out guards. */
export interface GuardOwner {
  [giveBack](share: number): void;
}

/**
 * Something that is held: a lock, permits of a semaphore. Release it once, or declare it with `using`, which does so at the end of the block.
 *
 * @example
 * ```ts run
 * import { Lock } from 'meantime/tasks';
 *
 * const lock = new Lock();
 * const guard = await lock.acquire();
 * lock.locked; // => true
 * guard.release();
 * lock.locked; // => false
 * ```
 */
export class Guard implements Disposable {
  #owner: GuardOwner | undefined;
  readonly #share: number;
  #lent = false;

  /** @internal */
  constructor(owner: GuardOwner, share: number, scope: Scope | undefined) {
    this.#owner = owner;
    this.#share = share;
    if (debug.on) took(this, owner, scope);
  }

  /** Whether it is held now. */
  get held(): boolean {
    return this.#owner !== undefined && !this.#lent;
  }

  /**
   * Gives back what is held: to the next who waits for it, if somebody does.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if it was released before, or is lent by `guard.wait()`.
   */
  release(): void {
    const owner = this.#owner;
    if (owner === undefined || this.#lent) throw this.#notHeld('release()');
    this.#owner = undefined;
    if (debug.on) gave(this, owner);
    owner[giveBack](this.#share);
  }

  /** Releases it unless that was done before: for `using`. */
  [Symbol.dispose](): void {
    if (!this.#lent && this.#owner !== undefined) this.release();
    else this.#owner = undefined; // what was lent is not taken again
  }

  /** @internal */
  [mustHold](what: string): void {
    if (!this.held) throw this.#notHeld(what);
  }

  /**
   * Not held for a while; the caller gives back the lock.
   *
   * @internal
   */
  [lend](): void {
    this.#lent = true;
    if (debug.on && this.#owner !== undefined) gave(this, this.#owner);
  }

  /**
   * Held again.
   *
   * @internal
   * @returns `false` if it was disposed of meanwhile; it is not held then.
   */
  [retake](scope: Scope | undefined): boolean {
    this.#lent = false;
    if (this.#owner === undefined) return false;
    if (debug.on) took(this, this.#owner, scope);
    return true;
  }

  #notHeld(what: string): NotHeldError {
    const why = this.#lent ? 'it waits for a notification' : 'it was released before';
    return new NotHeldError(`${what} was called on a guard that is not held: ${why}. Expected one that is held`);
  }
}
