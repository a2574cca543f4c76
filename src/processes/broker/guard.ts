import { AbandonedError, type ConnectionClosedError, NotHeldError, stays, travels } from '../../core/index.js';
import type { Access, Asked } from './access.js';

/** For a condition. */
export const lend: unique symbol = Symbol('lend');
export const retake: unique symbol = Symbol('retake');
export const mustHold: unique symbol = Symbol('mustHold');
export const asking: unique symbol = Symbol('asking');

/**
 * Something that a process holds: a lock, permits of a semaphore. Release it once, or declare it with `using`, which does so at the end of the block. It stays in the process that
 * got it; when that ends, however it does, what it held is free.
 *
 * @example
 * ```ts run
 * import { ProcessLock } from 'meantime/processes';
 *
 * const lock = new ProcessLock();
 * const guard = await lock.acquire();
 * guard.held; // => true
 * guard.abandoned; // => undefined
 * guard.release();
 * ```
 */
export class ProcessGuard implements Disposable {
  readonly #access: Access;
  #asked: Asked | undefined;
  #lent = false;
  #abandoned: AbandonedError | undefined;

  /** @internal */
  constructor(access: Access, asked: Asked, abandoned: boolean) {
    this.#access = access;
    this.#asked = asked;
    this.#abandoned = abandoned ? abandonment() : undefined;
  }

  /** Whether it is held now. It is not any more once the process that made the lock is gone. */
  get held(): boolean {
    return this.#asked !== undefined && !this.#lent && this.#access.gone === undefined;
  }

  /** There if whoever held the lock before ended without releasing it: what the lock guards may be half done. */
  get abandoned(): AbandonedError | undefined {
    return this.#abandoned;
  }

  /**
   * Gives back what is held: to the one who has waited longest, if somebody does.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if it was released before, or is lent by `guard.wait()`.
   * @throws {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made the lock is gone: then it is not held either.
   */
  release(): void {
    this[mustHold]('release()');
    const asked = this.#asked as Asked;
    this.#asked = undefined;
    asked.release();
  }

  /** Releases it unless that was done before, or there is nothing to release it to: for `using`. */
  [Symbol.dispose](): void {
    if (this.held) this.release();
    else this.#asked = undefined; // what was lent is given back as soon as it comes
  }

  /** @internal */
  [mustHold](what: string): void {
    if (this.held) return;
    const { gone } = this.#access;
    if (gone !== undefined && this.#asked !== undefined) throw gone as ConnectionClosedError;
    const why = this.#lent ? 'it waits for a notification' : 'it was released before';
    throw new NotHeldError(`${what} was called on a guard that is not held: ${why}. Expected one that is held`);
  }

  /** @internal */
  get [asking](): Asked {
    return this.#asked as Asked;
  }

  /** @internal */
  [lend](): void {
    this.#lent = true;
  }

  /**
   * Held again.
   *
   * @internal
   * @returns `false` if it was disposed of meanwhile: then whoever calls this has to give it back.
   */
  [retake](abandoned: boolean): boolean {
    this.#lent = false;
    if (abandoned) this.#abandoned = abandonment();
    return this.#asked !== undefined;
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('a ProcessGuard, which is for the process that acquired it', 'pass the lock, and acquire it there');
  }
}

const abandonment = (): AbandonedError =>
  new AbandonedError(
    'Whoever held this lock before ended without releasing it. What it guards may be half done: look at it before going on',
  );
