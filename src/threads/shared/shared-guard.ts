import { type AbandonedError, NotHeldError, stays, travels } from '../../core/index.js';

/** Takes back what a guard stands for. */
export interface GuardOwner {
  giveBack(share: number): void;
}

/**
 * Something that is held in this thread: a shared lock, permits of a shared semaphore. Release it once, or declare it with `using`, which does so at the end of
 * the block.
 *
 * @example
 * ```ts run
 * import { SharedLock } from 'meantime/threads';
 *
 * const lock = new SharedLock();
 * const guard = await lock.acquire();
 * lock.locked; // => true
 * guard.release();
 * lock.locked; // => false
 * ```
 */
export class SharedGuard implements Disposable {
  #owner: GuardOwner | undefined;
  readonly #share: number;
  /** Set if the last holder's thread died while it held this: what is guarded may be half done. */
  readonly abandoned: AbandonedError | undefined;

  /** @internal */
  constructor(owner: GuardOwner, share: number, abandoned: AbandonedError | undefined) {
    this.#owner = owner;
    this.#share = share;
    this.abandoned = abandoned;
  }

  /** Whether it is held now. */
  get held(): boolean {
    return this.#owner !== undefined;
  }

  /**
   * Gives back what is held: to the next who waits for it, if somebody does.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if it was released before.
   */
  release(): void {
    const owner = this.#owner;
    if (owner === undefined) throw new NotHeldError('release() was called on a guard that is not held: it was released before');
    this.#owner = undefined;
    owner.giveBack(this.#share);
  }

  /** Releases it unless that was done before: for `using`. */
  [Symbol.dispose](): void {
    if (this.#owner !== undefined) this.release();
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('a guard, which is held by the thread that took it', 'pass the lock itself, and acquire it there');
  }
}
