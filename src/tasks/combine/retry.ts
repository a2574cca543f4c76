import {
  clock,
  either,
  func,
  limit,
  milliseconds,
  mustBeFunction,
  OptionError,
  readOptions,
  TimeoutError,
  type Unwrapped,
} from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { Block } from '../block.js';
import { isPassing } from '../border.js';
import { call } from '../call.js';
import { currentScope } from '../current.js';
import { addFailure } from '../failures.js';
import type { Scope } from '../scope.js';
import { sleep } from '../sleep.js';
import { type Delay, exponential } from './delays.js';

/** How often, how long and when a `retry` tries again. Times are ms. */
export interface RetryOptions {
  /** How often in all. Default 3. Infinity: until it works. */
  attempts?: number;
  /**
   * The wait before the next attempt: ms, or `fixed`, `exponential`, `decorrelated`, or a function
   * of your own. A function's answer below 0, or NaN, is 0, as a `Retry-After` in the past
   * is; Infinity waits until it is cancelled. Default `exponential()`.
   */
  delay?: number | Delay;
  /** Whether to try again after this error. Default: always. `attempt` counts from 1. */
  when?: (error: unknown, attempt: number) => boolean | PromiseLike<boolean>;
  /** The most that one attempt may take; then it is cancelled, and has failed with a `TimeoutError`. */
  timeout?: number;
  /** The most that all may take together, waits included. A wait that would pass it is not begun. */
  deadline?: number;
  /** Told before each wait: the error, the number of the attempt that failed, and how long the wait will be. */
  onRetry?: (error: unknown, attempt: number, delay: number) => void | PromiseLike<void>;
}

const table = {
  attempts: limit,
  delay: either(milliseconds, func),
  when: func,
  timeout: milliseconds,
  deadline: milliseconds,
  onRetry: func,
};

const NEVER = Number.POSITIVE_INFINITY;
/** How many failures are kept for `failuresOf`: a retry may go on for months. */
const KEPT = 100;

/** All attempts at one function. */
class Retry extends Block {
  readonly #name: string;
  #attempt = 0;
  readonly #failures: unknown[] = [];

  constructor(outer: Scope | undefined, fn: (attempt: number) => unknown, deadline: number) {
    super(outer, 'retry', deadline === NEVER ? NEVER : clock.now() + deadline);
    this.#name = fn.name || 'a function';
  }

  override get title(): string {
    return `retry of ${this.#name}, attempt ${this.#attempt}`;
  }

  *tries(fn: (attempt: number) => unknown, options: RetryOptions): Generator<unknown, unknown, never> {
    const { attempts = 3, timeout = NEVER, delay = exponential(), when, onRetry } = options;
    let wait = 0;
    for (;;) {
      const attempt = ++this.#attempt;
      try {
        const until = timeout === NEVER ? NEVER : clock.now() + timeout;
        // A block of its own: what an attempt has left behind has ended before the next one begins.
        const block = new Block(this, `attempt ${attempt} of retry of ${this.#name}`, until);
        block.begin(fn, [attempt]);
        return yield* block;
      } catch (error) {
        if (isPassing(error, this)) throw error;
        if (this.#failures.push(error) > KEPT) this.#failures.shift();
        if (attempt >= attempts) throw error;
        // It failed and would be tried again, but for a cancellation in the meantime: that is why there is no next attempt, not the failure.
        if (this.error !== undefined) throw this.error;
        if (when !== undefined && !(yield* call(when, error, attempt))) throw error;
        wait = typeof delay === 'number' ? delay : checked(yield* call(delay, error, attempt, wait));
        if (clock.now() + wait >= this.deadline) throw error;
        if (onRetry !== undefined) yield* call(onRetry, error, attempt, wait);
      }
      yield* sleep(wait);
    }
  }

  override border(ok: boolean, value: unknown): void {
    if (ok || !this.isOwn(value)) super.border(ok, value);
    else if (this.expired) this.finish('rejected', new TimeoutError(`${this.title} has run out of time`, { cause: value }));
    else this.finish('cancelled', value); // of its own future: no quiet end, since there is no result
  }

  override finish(end: 'fulfilled' | 'rejected' | 'cancelled', value: unknown, seen = false): void {
    if (end === 'rejected') for (const earlier of this.#failures) addFailure(value, earlier);
    super.finish(end, value, seen);
  }
}

/**
 * A time that has passed, as a `Retry-After` may be, or one that could not be read: the next
 * attempt is due now.
 */
function checked(wait: unknown): number {
  if (typeof wait === 'number') return wait > 0 ? wait : 0;
  throw new OptionError(`The delay of a retry is expected to be a number of milliseconds; the function gave ${String(wait)}`);
}

/**
 * Calls a function again when it fails. Each attempt has ended, with everything inside it, before the next begins. When no attempt is left the last error is thrown, as itself;
 * `failuresOf(error)` has the earlier ones too, up to a hundred.
 *
 * Cancelling: cancels the attempt or the wait. A cancellation of a scope around it is never taken for a failure and never tried again.
 *
 * @param fn Is given the number of the attempt, from 1.
 * @throws the last error.
 * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, if an attempt is running at the `deadline`, or if the last attempt took longer than `timeout`.
 * @throws {OptionError} if an option is out of range, or a function given for `delay` returns no
 * number.
 *
 * @example
 * ```ts run
 * import { failuresOf, retry } from 'meantime/tasks';
 *
 * const flaky = async (attempt: number) => {
 *   if (attempt < 3) throw new Error(`failed ${attempt}`);
 *   return attempt;
 * };
 * await retry(flaky, { delay: 1 }); // => 3
 * await retry(flaky, { delay: 1, attempts: 2 }).catch((error) => failuresOf(error).map(String)); // => ['Error: failed 2', 'Error: failed 1']
 * ```
 * @example As the server says
 * ```ts run
 * import { exponential, retry } from 'meantime/tasks';
 *
 * class Busy extends Error {
 *   retryAfter = 2; // ms
 * }
 * const backoff = exponential({ first: 50 });
 * const seen: number[] = [];
 * await retry(
 *   async (attempt) => {
 *     if (attempt === 1) throw new Busy('429');
 *     return 'served';
 *   },
 *   {
 *     when: (error) => error instanceof Busy,
 *     delay: (error, attempt, previous) => (error instanceof Busy ? error.retryAfter : backoff(error, attempt, previous)),
 *     onRetry: (_error, _attempt, delay) => void seen.push(delay),
 *   },
 * ); // => 'served'
 * seen; // => [2]
 * ```
 */
export function retry<R>(fn: (attempt: number) => R, options?: RetryOptions): Future<Unwrapped<R>> {
  mustBeFunction('retry', fn);
  const checkedOptions = readOptions('retry', options, table);
  const block = new Retry(currentScope(), fn, checkedOptions.deadline ?? NEVER);
  block.begin(block.tries.bind(block), [fn, checkedOptions]);
  return block as unknown as Future<Unwrapped<R>>;
}
