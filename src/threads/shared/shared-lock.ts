import { type Parcel, SelfWaitError, travels, type Unwrapped } from '../../core/index.js';
import { type Future, refused } from '../../futures/index.js';
import { leftBehind } from './abandoned.js';
import { atomics } from './atomics.js';
import { heldHere, holding, holdingSync } from './holding.js';
import { LOCK_WORDS, LockCore } from './lock-core.js';
import { LockWaiting } from './lock-waiting.js';
import { SharedGuard } from './shared-guard.js';
import { type BlockLimits, block, later, mayBlock, surely, type WaitLimits } from './waiting.js';

/**
 * A lock that threads share: one holder at a time, whichever thread it is in. Pass it as an argument, alone or inside of other values: it arrives as itself.
 *
 * A thread that dies while it holds the lock leaves it *abandoned*: the next one gets it all the same, and finds an `AbandonedError` in `guard.abandoned`.
 *
 * First come, first served, but that a thread that is running may get in while the first in line is still being woken; after a millisecond of waiting it is handed
 * over directly. So a lock that several threads want all the time does not cost a switch of threads each time, and nobody starves. Those who block and those who
 * await stand in one line.
 *
 * Of more than 250 that wait at once, those beyond look again twice a second or oftener, in no order.
 *
 * Cancelling: `acquire` and `with` are taken back, unless the lock has been delivered; what was handed over in that instant is given on.
 *
 * @example
 * ```ts run
 * import { SharedLock, SharedArray, toThread } from 'meantime/threads';
 *
 * const lock = new SharedLock();
 * const count = new SharedArray('f64', 1);
 * const add = async (lock: SharedLock, count: SharedArray<'f64'>) => {
 *   for (let i = 0; i < 100; i++) await lock.with(() => count.set(0, count.get(0) + 1));
 * };
 * await Promise.all([toThread(add, lock, count), toThread(add, lock, count)]);
 * count.get(0); // => 200
 * ```
 */
export class SharedLock {
  readonly #core: LockCore;

  constructor();
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(LOCK_WORDS * 4)) {
    this.#core = new LockCore(new Int32Array(memory));
  }

  /** Whether somebody holds it, as of now. */
  get locked(): boolean {
    return this.#core.holder !== 0;
  }

  /** How many wait for it, in all threads, as of now. */
  get waiting(): number {
    return this.#core.waiting;
  }

  /**
   * Takes the lock, at once or when its turn comes, and lets this thread go on with other things meanwhile.
   *
   * Cancelling: takes the wait back.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, inside of the `with` of this very lock: it would wait for itself.
   */
  acquire(options?: WaitLimits): Future<SharedGuard> {
    if (heldHere(this.#core.words)) return refused(selfWait());
    return later(this.#waiting('acquire()'), options);
  }

  /**
   * Takes the lock, and blocks this thread until it has it.
   *
   * @param options `timeout` in ms; `blockMain` allows it on the main thread.
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, if this thread holds it: it would wait for itself.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  acquireSync(options?: BlockLimits): SharedGuard {
    const timeout = mayBlock('acquireSync() of a SharedLock', options);
    if (this.#core.tryAcquire()) return new SharedGuard(this, 1, undefined);
    if (this.#core.holder === atomics.self()) throw selfWait();
    return block(this.#waiting('acquireSync()'), timeout);
  }

  /** The guard if the lock is free, else `undefined`. One that a dead thread holds is not free: that is seen by those who wait. */
  tryAcquire(): SharedGuard | undefined {
    return this.#core.tryAcquire() ? new SharedGuard(this, 1, undefined) : undefined;
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` has ended, whatever the way out.
   *
   * Cancelling: while it waits for the lock, it is taken back; once `fn` runs, cancelling only stops the waiting for it.
   *
   * @param fn Is given the guard; what it returns is awaited.
   */
  with<R>(fn: (guard: SharedGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('with() of a SharedLock', () => this.acquire(options), this.#core.words, fn);
  }

  /**
   * Runs `fn` holding the lock, blocking this thread until it has it.
   *
   * @throws what `fn` throws, and what `acquireSync` throws.
   */
  withSync<R>(fn: (guard: SharedGuard) => R, options?: BlockLimits): R {
    return holdingSync('withSync() of a SharedLock', () => this.acquireSync(options), fn);
  }

  /** @internal What tells whether it is held around here. */
  get words(): object {
    return this.#core.words;
  }

  /** @internal For a condition, whose guard has to have it again: not taken back with the task around it, and not refused. */
  acquireAgain(): Future<SharedGuard> {
    return surely(this.#waiting('wait()'));
  }

  /** @internal */
  giveBack(): void {
    this.#core.release();
  }

  /** @internal */
  [travels](): Parcel {
    const parts = this.#core.words.buffer;
    return { kind: 'threads/SharedLock', parts, only: 'threads', instead: 'between processes use ProcessLock' };
  }

  #waiting(what: string): LockWaiting<SharedGuard> {
    return new LockWaiting(
      `${what} of a SharedLock`,
      this.#core,
      (abandoned) => new SharedGuard(this, 1, abandoned ? leftBehind('SharedLock') : undefined),
      selfWait,
    );
  }
}

const selfWait = (): SelfWaitError =>
  new SelfWaitError(
    'This thread waits for a SharedLock that it holds: it would wait for ever. Expected a release() before, or a SharedReentrantLock',
  );
