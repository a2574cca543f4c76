import { mustBe, OptionError, type Parcel, some32, travels, type Unwrapped } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { holding, holdingSync } from './holding.js';
import { InLine } from './line.js';
import { SEMAPHORE_WORDS, SemaphoreCore } from './semaphore-core.js';
import { SharedGuard } from './shared-guard.js';
import { type BlockLimits, block, later, mayBlock, type WaitLimits } from './waiting.js';

/**
 * Permits that threads share. Strictly first come, first served: a large request is not overtaken by small ones, and those who block stand in one line with those who
 * await. The permits of a thread that dies come back.
 *
 * Of more than 250 that wait at once, those beyond look again twice a second or oftener, in no order.
 *
 * Cancelling: `acquire` and `with` are taken back, unless the permits have been delivered.
 *
 * @example
 * ```ts run
 * import { SharedSemaphore } from 'meantime/threads';
 *
 * const semaphore = new SharedSemaphore(3);
 * const guard = await semaphore.acquire(2);
 * semaphore.available; // => 1
 * semaphore.tryAcquire(2); // => undefined
 * guard.release();
 * semaphore.available; // => 3
 * ```
 */
export class SharedSemaphore {
  readonly #core: SemaphoreCore;

  /**
   * @param permits How many there are: a whole number from 1.
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  constructor(permits: number);
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(from: number | SharedArrayBuffer) {
    if (from instanceof SharedArrayBuffer) this.#core = new SemaphoreCore(new Int32Array(from));
    else {
      mustBe('SharedSemaphore', some32, from);
      this.#core = new SemaphoreCore(new Int32Array(new SharedArrayBuffer(SEMAPHORE_WORDS * 4)), from);
    }
  }

  /** How many permits there are, taken or not. */
  get permits(): number {
    return this.#core.permits;
  }

  /** How many are free, as of now. */
  get available(): number {
    return this.#core.available;
  }

  /** How many wait, in all threads, as of now. */
  get waiting(): number {
    return this.#core.slots.waiting;
  }

  /**
   * Takes `n` permits, at once or when its turn comes.
   *
   * Cancelling: takes the wait back.
   *
   * @throws {OptionError} code `MEANTIME_OPTION`, if there are not so many permits at all.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  acquire(n = 1, options?: WaitLimits): Future<SharedGuard> {
    this.#canBe(n, 'acquire()');
    return later(this.#waiting('acquire()', n), options);
  }

  /**
   * Takes `n` permits, and blocks this thread until it has them.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  acquireSync(n = 1, options?: BlockLimits): SharedGuard {
    this.#canBe(n, 'acquireSync()');
    const timeout = mayBlock('acquireSync() of a SharedSemaphore', options);
    return block(this.#waiting('acquireSync()', n), timeout);
  }

  /** The guard if `n` permits are free and nobody waits, else `undefined`. */
  tryAcquire(n = 1): SharedGuard | undefined {
    this.#canBe(n, 'tryAcquire()');
    return this.#core.tryAcquire(n) ? new SharedGuard(this, n, undefined) : undefined;
  }

  /**
   * Runs `fn` holding one permit, and gives it back when `fn` has ended.
   *
   * Cancelling: while it waits, it is taken back; once `fn` runs, cancelling only stops the waiting for it.
   */
  with<R>(fn: (guard: SharedGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('with() of a SharedSemaphore', () => this.acquire(1, options), undefined, fn);
  }

  /** Runs `fn` holding one permit, blocking this thread until it has it. */
  withSync<R>(fn: (guard: SharedGuard) => R, options?: BlockLimits): R {
    return holdingSync('withSync() of a SharedSemaphore', () => this.acquireSync(1, options), fn);
  }

  /** @internal */
  giveBack(n: number): void {
    this.#core.release(n);
  }

  /** @internal */
  [travels](): Parcel {
    return {
      kind: 'threads/SharedSemaphore',
      parts: this.#core.words.buffer,
      only: 'threads',
      instead: 'between processes use ProcessSemaphore',
    };
  }

  #canBe(n: number, what: string): void {
    if (n !== 1) mustBe(`${what} of a SharedSemaphore`, some32, n);
    if (n > this.permits) throw new OptionError(`${what} of a SharedSemaphore: ${n} permits can never be had, there are ${this.permits}`);
  }

  #waiting(what: string, n: number): InLine<SharedGuard> {
    return new InLine(`${what} of a SharedSemaphore`, this.#core, n, () => new SharedGuard(this, n, undefined));
  }
}
