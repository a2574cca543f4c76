import {
  type AbandonedError,
  bare,
  bindHere,
  clock,
  mustBe,
  mustBeFunction,
  NotHeldError,
  OptionError,
  some32,
  stays,
  TooLargeError,
  travels,
} from '../../core/index.js';
import { cancellation, type Future, FutureSource, watchFuture } from '../../futures/index.js';
import type { ConditionCore } from './condition-core.js';
import { InLine } from './line.js';
import type { SharedGuard } from './shared-guard.js';
import type { SharedLock } from './shared-lock.js';
import { SLOTS } from './slots.js';
import { type BlockLimits, block, later, mayBlock, type WaitLimits } from './waiting.js';

/**
 * The lock of a {@link SharedCondition}, held.
 *
 * @example
 * ```ts run
 * import { SharedCondition } from 'meantime/threads';
 *
 * const condition = new SharedCondition();
 * const guard = await condition.acquire();
 * guard.held; // => true
 * guard.notifyAll();
 * guard.release();
 * ```
 */
export class SharedConditionGuard implements Disposable {
  readonly #lock: SharedLock;
  readonly #core: ConditionCore;
  /** `undefined` while it waits, and after its end. */
  #guard: SharedGuard | undefined;
  #waits = false;
  /** Disposed of while it waited: the lock, once it is taken again, is released at once. */
  #dropped = false;

  /** @internal */
  constructor(lock: SharedLock, core: ConditionCore, guard: SharedGuard) {
    this.#lock = lock;
    this.#core = core;
    this.#guard = guard;
  }

  /** Whether the lock is held now. */
  get held(): boolean {
    return this.#guard !== undefined;
  }

  /** Set if the last holder's thread died while it held the lock: what is guarded may be half done. */
  get abandoned(): AbandonedError | undefined {
    return this.#guard?.abandoned;
  }

  /**
   * Releases the lock, waits for a notification and takes the lock again before it goes on. Something else may have changed by then: look again, or use `waitFor`.
   *
   * Cancelling: takes the wait back, and the lock is taken again; a notification that this has not had goes to another. A task that is cancelled meanwhile does not
   * wait for the lock: let it dispose of the guard.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the lock is not held.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms without a notification, and with the lock taken again.
   */
  wait(options?: WaitLimits): Future<void> {
    this.#mustHold('wait()');
    const notified = later(this.#notified('wait()'), options);
    const source = new FutureSource<void>();
    source.onCancel((reason) => notified.cancel(reason));
    watchFuture(notified, () => {
      if (!this.#waits) return this.#settle(source, notified); // it was refused: nothing was released
      watchFuture(this.#lock.acquireAgain(), (again) => {
        this.#retake(again.result());
        this.#settle(source, notified);
      });
    });
    return source.future;
  }

  /**
   * The same, and blocks this thread meanwhile.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`; and what `wait` throws.
   */
  waitSync(options?: BlockLimits): void {
    this.#mustHold('waitSync()');
    const timeout = mayBlock('waitSync() of a SharedCondition', options);
    try {
      block(this.#notified('waitSync()'), timeout);
    } finally {
      if (this.#waits) this.#retake(this.#lock.acquireSync(bare({ blockMain: true })));
    }
  }

  /**
   * Waits, time and again, until `predicate()` is true; not at all if it is. It is called with the lock held.
   *
   * Cancelling: as `wait`.
   *
   * @returns What `predicate` returned.
   * @throws {OptionError} code `MEANTIME_OPTION`, if `predicate` is no function, or returns a promise, which is always true; and what `wait` throws.
   */
  waitFor<R>(predicate: () => R, options?: WaitLimits): Future<R> {
    mustBeFunction('waitFor() of a SharedCondition', predicate);
    this.#mustHold('waitFor()');
    const looking = bindHere(predicate); // what is given back to it comes in the context of another
    const source = new FutureSource<R>();
    let waits: Future<void> | undefined;
    const limits = remaining(options);
    let stopped: Error | undefined;
    source.onCancel((reason) => {
      stopped ??= cancellation(reason);
      waits?.cancel(stopped);
    });
    const step = () => {
      try {
        const value = look(looking);
        if (value) return void source.fulfil(value as R);
        // When it was cancelled it had been notified, and was waiting for the lock.
        if (stopped !== undefined) return void source.reject(stopped);
        waits = this.wait(limits());
      } catch (error) {
        return void source.reject(error);
      }
      watchFuture(waits, (done) => {
        try {
          done.result();
        } catch (error) {
          return void source.reject(error);
        }
        step();
      });
    };
    step();
    return source.future;
  }

  /**
   * The same, and blocks this thread meanwhile.
   *
   * @throws what `waitSync` and `waitFor` throw.
   */
  waitForSync<R>(predicate: () => R, options?: BlockLimits): R {
    mustBeFunction('waitForSync() of a SharedCondition', predicate);
    this.#mustHold('waitForSync()');
    const limits = remaining(options);
    for (;;) {
      const value = look(predicate);
      if (value) return value;
      this.waitSync(limits());
    }
  }

  /**
   * Wakes those who have waited longest. They go on one after another, when this guard has been released.
   *
   * @param n How many at most. Default 1.
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the lock is not held.
   * @throws {OptionError} code `MEANTIME_OPTION`, unless `n` is a whole number from 1.
   */
  notify(n = 1): void {
    mustBe('notify() of a SharedCondition', some32, n);
    this.#mustHold('notify()');
    this.#core.notify(n);
  }

  /**
   * Wakes all that wait.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the lock is not held.
   */
  notifyAll(): void {
    this.#mustHold('notifyAll()');
    this.#core.notify(SLOTS);
  }

  /**
   * Gives the lock back.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if it is not held: it was released before, or this waits.
   */
  release(): void {
    this.#mustHold('release()');
    const guard = this.#guard;
    this.#guard = undefined;
    guard?.release();
  }

  /** Releases the lock unless that was done before; while it waits, as soon as it would have it again. */
  [Symbol.dispose](): void {
    if (this.#waits) this.#dropped = true;
    else if (this.#guard !== undefined) this.release();
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('a guard, which is held by the thread that took it', 'pass the condition itself, and acquire it there');
  }

  #mustHold(what: string): void {
    if (this.#guard === undefined)
      throw new NotHeldError(`${what} was called on a guard that is not held: it ${this.#waits ? 'waits' : 'was released before'}`);
  }

  #retake(guard: SharedGuard): void {
    this.#waits = false;
    if (this.#dropped) guard.release();
    else this.#guard = guard;
  }

  #settle(source: FutureSource<void>, notified: Future<void>): void {
    try {
      source.fulfil(notified.result());
    } catch (error) {
      source.reject(error);
    }
  }

  #notified(what: string): InLine<void> {
    return new Notified(`${what} of a SharedCondition`, this.#core, () => {
      const guard = this.#guard as SharedGuard;
      this.#guard = undefined;
      this.#waits = true;
      guard.release();
    });
  }
}

/** Stands in line first, and then gives the lock back: so no notification comes in between. */
class Notified extends InLine<void> {
  readonly #release: () => void;

  constructor(what: string, core: ConditionCore, release: () => void) {
    super(what, core, 0, () => undefined);
    this.#release = release;
  }

  override begin(): boolean {
    super.begin();
    if (this.at < 0) throw new TooLargeError(`${this.what}: ${SLOTS} wait already, and so many can`);
    this.#release();
    return false;
  }
}

/** What is left of a time limit, for each of several waits. */
function remaining<O extends { timeout?: number }>(options: O | undefined): () => O | undefined {
  if (options?.timeout === undefined) return () => options;
  const end = clock.now() + options.timeout;
  return () => ({ ...options, timeout: Math.max(0, end - clock.now()) });
}

function look<R>(predicate: () => R): R {
  const value = predicate();
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function')
    throw new OptionError('waitFor expects a function that returns at once whether to go on, got one that returns a promise');
  return value;
}
