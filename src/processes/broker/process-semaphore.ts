import type { Unwrapped } from '../../core/index.js';
import { mustBe, some } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import type { WaitLimits } from '../connection/limits.js';
import { type Acquiring, acquire, tryAcquire } from './acquire.js';
import { ProcessGuard } from './guard.js';
import { access, Handle } from './handle.js';
import { holding } from './holding.js';
import { Here, type Origin } from './origin.js';
import { failed, request } from './request.js';
import { SemaphoreBroker, SemaphoreOp } from './semaphore-broker.js';

/**
 * A number of permits among all processes and threads that have it. Who needs several asks for them together. First come, first served, also for large ones. The permits of a process
 * that ends come back.
 *
 * Cancelling: `acquire` and `with` are taken out of the line; permits that were on their way are given on.
 *
 * @example
 * ```ts run
 * import { ProcessSemaphore } from 'meantime/processes';
 *
 * const semaphore = new ProcessSemaphore(2);
 * const guard = await semaphore.acquire(2);
 * await semaphore.tryAcquire(); // => undefined
 * guard.release();
 * await semaphore.available(); // => 2
 * ```
 */
export class ProcessSemaphore extends Handle {
  readonly #of: Acquiring<ProcessGuard>;
  /** How many there are, held ones included. */
  readonly permits: number;

  /**
   * @param permits How many there are.
   * @throws {OptionError} unless it is a whole number from 1.
   */
  constructor(permits: number);
  /** @internal */
  constructor(permits: number, origin: Origin);
  constructor(permits: number, origin?: Origin) {
    mustBe('ProcessSemaphore', some, permits);
    super('ProcessSemaphore', origin ?? new Here(new SemaphoreBroker(permits)), [permits]);
    this.permits = permits;
    this.#of = { name: 'semaphore', access: this[access], mayReenter: true, make: (...parts) => new ProcessGuard(...parts) };
  }

  /** How many are free. Cancelling: nothing is changed by it. */
  available(): Future<number> {
    return request(this[access], { doing: 'semaphore.available', op: SemaphoreOp.AVAILABLE });
  }

  /**
   * Takes `n` permits together, at once or when its turn comes.
   *
   * Cancelling: it leaves the line.
   *
   * @param n Default 1.
   * @param options `timeout` in ms, `signal`.
   * @returns The guard that gives all of them back.
   * @throws {OptionError} unless `n` is a whole number from 1 to `permits`.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made it is gone.
   */
  acquire(n = 1, options?: WaitLimits): Future<ProcessGuard> {
    return this.#check('acquire', n) ?? acquire(this.#of, SemaphoreOp.ACQUIRE, n, options);
  }

  /**
   * The guard of `n` permits if they are free and nobody waits, else `undefined`.
   *
   * Cancelling: permits that were on their way are given on.
   *
   * @throws {OptionError} unless `n` is a whole number from 1 to `permits`.
   */
  tryAcquire(n = 1): Future<ProcessGuard | undefined> {
    return this.#check('tryAcquire', n) ?? tryAcquire(this.#of, SemaphoreOp.TRY, n);
  }

  /**
   * Runs `fn` holding one permit, and gives it back when `fn` has ended, whatever the way out.
   *
   * Cancelling: while the permit is waited for, it leaves the line. After that `fn` runs to its end: a cancelled task is cancelled inside of it.
   */
  with<R>(fn: (guard: ProcessGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('semaphore.with', this[access], () => this.acquire(1, options), fn);
  }

  #check(method: string, n: number): Future<never> | undefined {
    if (Number.isInteger(n) && n >= 1 && n <= this.permits) return undefined;
    try {
      mustBe(`semaphore.${method}`, () => `a whole number from 1 to ${this.permits}, which is all there are`, n);
    } catch (error) {
      return failed(error);
    }
    return undefined;
  }
}
