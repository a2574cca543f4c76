import { type Parcel, travels, type Unwrapped } from '../../core/index.js';
import { deliveringSource, type Future, watchFuture } from '../../futures/index.js';
import { CONDITION_WORDS, ConditionCore } from './condition-core.js';
import { holding, holdingSync } from './holding.js';
import { SharedConditionGuard } from './shared-condition-guard.js';
import type { SharedGuard } from './shared-guard.js';
import { SharedLock } from './shared-lock.js';
import type { BlockLimits, WaitLimits } from './waiting.js';

/**
 * A lock, and a place to wait, while not holding it, until somebody who holds it says that something has changed. Who dies between being notified and going on passes
 * the notification on. At most 250 can wait.
 *
 * Cancelling: `acquire` and `with` are taken back; for `wait` see the guard.
 *
 * @example
 * ```ts run
 * import { SharedArray, SharedCondition, toThread } from 'meantime/threads';
 *
 * const condition = new SharedCondition();
 * const stock = new SharedArray('i32', 1);
 * const buy = (condition: SharedCondition, stock: SharedArray<'i32'>) =>
 *   condition.withSync((guard) => {
 *     guard.waitForSync(() => stock.get(0) > 0);
 *     stock.set(0, stock.get(0) - 1);
 *     return 'bought';
 *   });
 * const bought = toThread(buy, condition, stock);
 * await condition.with((guard) => {
 *   stock.set(0, 1);
 *   guard.notify();
 * });
 * await bought; // => 'bought'
 * ```
 */
export class SharedCondition {
  readonly #core: ConditionCore;
  readonly #memory: SharedArrayBuffer;
  readonly #lock: SharedLock;

  /** @param lock The lock of what is waited for; several conditions may share one. Default: one of its own. */
  constructor(lock?: SharedLock);
  /** @internal */
  constructor(lock: SharedLock, memory: SharedArrayBuffer);
  constructor(lock = new SharedLock(), memory = new SharedArrayBuffer(CONDITION_WORDS * 4)) {
    this.#lock = lock;
    this.#memory = memory;
    this.#core = new ConditionCore(new Int32Array(memory));
  }

  /** How many wait to be notified, in all threads, as of now. */
  get waiting(): number {
    return this.#core.slots.waiting;
  }

  /**
   * Takes the lock, at once or when its turn comes.
   *
   * Cancelling: takes the wait back.
   *
   * @returns The guard, with which is waited and notified.
   * @throws what `acquire` of a SharedLock throws.
   */
  acquire(options?: WaitLimits): Future<SharedConditionGuard> {
    const coming = this.#lock.acquire(options);
    const source = deliveringSource<SharedConditionGuard>();
    source.onCancel((reason) => coming.cancel(reason));
    watchFuture(coming, () => {
      try {
        source.fulfil(this.#guard(coming.result()));
      } catch (error) {
        source.reject(error);
      }
    });
    return source.future;
  }

  /**
   * Takes the lock, and blocks this thread until it has it.
   *
   * @throws what `acquireSync` of a SharedLock throws.
   */
  acquireSync(options?: BlockLimits): SharedConditionGuard {
    return this.#guard(this.#lock.acquireSync(options));
  }

  /** The guard if the lock is free, else `undefined`. */
  tryAcquire(): SharedConditionGuard | undefined {
    const guard = this.#lock.tryAcquire();
    return guard && this.#guard(guard);
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` has ended.
   *
   * Cancelling: while it waits for the lock, it is taken back; once `fn` runs, cancelling only stops the waiting for it.
   *
   * @param fn Is given the guard, with which is waited and notified.
   */
  with<R>(fn: (guard: SharedConditionGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('with() of a SharedCondition', () => this.acquire(options), this.#lock.words, fn);
  }

  /** Runs `fn` holding the lock, blocking this thread until it has it. */
  withSync<R>(fn: (guard: SharedConditionGuard) => R, options?: BlockLimits): R {
    return holdingSync('withSync() of a SharedCondition', () => this.acquireSync(options), fn);
  }

  /** @internal */
  [travels](): Parcel {
    const parts = { lock: this.#lock, memory: this.#memory };
    return { kind: 'threads/SharedCondition', parts, only: 'threads', instead: 'between processes use ProcessCondition' };
  }

  #guard(guard: SharedGuard): SharedConditionGuard {
    return new SharedConditionGuard(this.#lock, this.#core, guard);
  }
}
