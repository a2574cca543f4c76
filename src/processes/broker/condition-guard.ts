import { clock, currentRunning, mustBe, mustBeFunction, OptionError, some } from '../../core/index.js';
import { endOf, type Future, FutureSource } from '../../futures/index.js';
import { begin, readLimits, type WaitLimits } from '../connection/limits.js';
import type { Access, Asked } from './access.js';
import { ConditionOp, ConditionTell } from './condition-broker.js';
import { asking, lend, mustHold, ProcessGuard, retake } from './guard.js';
import { failed, HeldCell, whyNot } from './request.js';

/**
 * The lock of a `ProcessCondition`, held: wait and notify with it.
 *
 * Cancelling: when `wait` or `waitFor` throw, the lock is held again; so they end only when it is, unless the process that made the condition is gone.
 *
 * @example
 * ```ts run
 * import { ProcessCondition } from 'meantime/processes';
 *
 * const condition = new ProcessCondition();
 * const guard = await condition.acquire();
 * await guard.wait({ timeout: 1 }).catch((error) => error.name); // => 'TimeoutError'
 * guard.held; // => true
 * guard.release();
 * ```
 */
export class ProcessConditionGuard extends ProcessGuard {
  readonly #access: Access;
  #waiting: Asked | undefined = undefined;

  /** @internal */
  constructor(access: Access, asked: Asked, abandoned: boolean) {
    super(access, asked, abandoned);
    this.#access = access;
  }

  /**
   * Releases the lock, waits for a notification and takes the lock again before it goes on. Something else may have changed by then: look again, or use `waitFor`.
   *
   * Cancelling: the lock is taken again before the error is thrown, and a notification that this has not had goes to another.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made the condition is gone: the lock is not held then.
   */
  wait(options?: WaitLimits): Future<void> {
    try {
      const limits = readLimits('guard.wait', options);
      this[mustHold]('wait()');
      const refusal = whyNot(this.#access, limits);
      return refusal === undefined ? this.#wait(limits) : failed(refusal);
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Waits, time and again, until `predicate()` is true; not at all if it is. It is called with the lock held.
   *
   * Cancelling: as `wait`.
   *
   * @param options `timeout` in ms, for all the waiting together; `signal`.
   * @returns What `predicate` returned.
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   * @throws {NotCallableError} at once, if `predicate` is not a function; {OptionError} if it
   * returns a promise, which is always true.
   */
  waitFor<R>(predicate: () => R, options?: WaitLimits): Future<R> {
    mustBeFunction('waitFor', predicate);
    const running = currentRunning();
    let waiting: Future<void> | undefined;
    const cell = new HeldCell<R>((reason) => waiting?.cancel(reason));
    const run = async (): Promise<R> => {
      const limits = readLimits('guard.waitFor', options);
      this[mustHold]('waitFor()');
      const end = limits.timeout === undefined ? undefined : clock.now() + limits.timeout;
      for (;;) {
        const value = predicate();
        if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function')
          throw new OptionError('waitFor expects a function that returns at once whether to go on, got one that returns a promise');
        if (value) return value;
        waiting = this.wait({ signal: limits.signal, timeout: end === undefined ? undefined : Math.max(0, end - clock.now()) });
        await waiting;
      }
    };
    run().then(
      (value) => cell.settle('fulfilled', value),
      (error: unknown) => cell.settle(endOf(error, waiting, running), error),
    );
    return cell;
  }

  /**
   * Wakes those who have waited longest. They go on one after another, when this guard has been released.
   *
   * @param n How many at most. Default 1.
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   * @throws {OptionError} unless `n` is a whole number from 1.
   */
  notify(n = 1): void {
    mustBe('notify', some, n);
    this[mustHold]('notify()');
    this.#access.tell(ConditionTell.NOTIFY, this[asking], n);
  }

  /**
   * Wakes all that wait.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if the guard is not held.
   */
  notifyAll(): void {
    this[mustHold]('notifyAll()');
    this.#access.tell(ConditionTell.NOTIFY, this[asking], Number.MAX_SAFE_INTEGER);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#waiting?.interrupt(); // it must not take a notification that is for another
  }

  #wait(limits: WaitLimits): Future<void> {
    const hold = this[asking];
    this[lend]();
    let why: Error | undefined;
    const cell: HeldCell<void> = new HeldCell<void>((reason) => source.future.cancel(reason));
    const source = new FutureSource<void>();
    const end = (settle: () => void) => {
      this.#waiting = undefined;
      settle();
    };
    this.#waiting = this.#access.ask(
      ConditionOp.WAIT,
      undefined,
      {
        given: (value) =>
          end(() => {
            const [cut, abandoned] = value as [boolean, boolean];
            if (!this[retake](abandoned)) hold.release();
            if (cut && why !== undefined) source.reject(why);
            else source.fulfil(undefined); // a notification that came first stays
          }),
        refused: (error) => end(() => source.reject(error)),
      },
      hold,
    );
    const { future } = source;
    (future as unknown as HeldCell<void>).watch(() => {
      if (future.state === 'fulfilled') cell.settle('fulfilled', undefined);
      else cell.settle(future.state as 'rejected', (future as unknown as HeldCell<void>).outcome);
    });
    begin(source, 'guard.wait', limits, (error) => {
      why ??= error;
      this.#waiting?.interrupt();
    });
    return cell;
  }
}
