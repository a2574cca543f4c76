import { milliseconds, type OptionCheck, OptionError, oneOf, random, readOptions } from '../../core/index.js';

/**
 * How long `retry` waits before the next attempt, in ms: from the error, the number of the attempt that failed (from 1), and the wait before it (0 at first). May be async.
 */
export type Delay = (error: unknown, attempt: number, previous: number) => number | PromiseLike<number>;

/** A wait that grows. Times are ms. */
export interface ExponentialOptions {
  /** The longest wait after the first failure. Default 100. */
  first?: number;
  /** Each wait is at most this many times the one before. Default 2. */
  factor?: number;
  /** No wait is longer. Default 30,000. */
  max?: number;
  /** What is left to chance: all of it (`full`, the default), half of it (`equal`) or nothing (`none`). */
  jitter?: 'full' | 'equal' | 'none';
}

/** A wait that grows by chance from the one before. Times are ms. */
export interface DecorrelatedOptions {
  /** No wait is shorter. Default 100. */
  first?: number;
  /** No wait is longer. Default 30,000. */
  max?: number;
}

/** For how long the wait of a `retry` can be at most; in ms. */
const MAX = 30_000;
const atLeast1: OptionCheck = (v) => (typeof v === 'number' && v >= 1 && v < Number.POSITIVE_INFINITY ? undefined : 'a number, 1 or more');
const exponentialTable = { first: milliseconds, factor: atLeast1, max: milliseconds, jitter: oneOf('full', 'equal', 'none') };
const decorrelatedTable = { first: milliseconds, max: milliseconds };

/**
 * The same wait each time, for `retry`.
 *
 * @param ms Milliseconds.
 * @throws {OptionError} if that is negative or NaN.
 *
 * @example
 * ```ts run
 * import { fixed } from 'meantime/tasks';
 *
 * fixed(250)(new Error('failed'), 7, 250); // => 250
 * ```
 */
export function fixed(ms: number): Delay {
  const wrong = milliseconds(ms);
  if (wrong !== undefined) throw new OptionError(`fixed expects ${wrong}, got ${String(ms)}`);
  return () => ms;
}

/**
 * Waits that double, for `retry`, with chance in them: what failed together, since a server was down, must not come back together. Algorithms: "full jitter" and "equal jitter" of
 * the article "Exponential Backoff And Jitter" of the AWS architecture blog.
 *
 * @throws {OptionError} for what is out of range.
 *
 * @example
 * ```ts run
 * import { exponential } from 'meantime/tasks';
 *
 * const wait = exponential({ first: 100, max: 500, jitter: 'none' });
 * [1, 2, 3, 4].map((attempt) => wait(new Error('failed'), attempt, 0)); // => [100, 200, 400, 500]
 * ```
 */
export function exponential(options?: ExponentialOptions): Delay {
  const { first = 100, factor = 2, max = MAX, jitter = 'full' } = readOptions('exponential', options, exponentialTable);
  return (_error, attempt) => {
    const most = first === 0 ? 0 : Math.min(max, first * factor ** (attempt - 1));
    if (jitter === 'none') return most;
    return jitter === 'full' ? most * random() : most * (0.5 + random() / 2);
  };
}

/**
 * Waits between `first` and three times the wait before, by chance, for `retry`: they spread further than `exponential`. Algorithm: "decorrelated jitter" of the
 * article "Exponential Backoff And Jitter" of the AWS architecture blog.
 *
 * @throws {OptionError} for what is out of range.
 *
 * @example
 * ```ts run
 * import { decorrelated } from 'meantime/tasks';
 *
 * const wait = decorrelated({ first: 10, max: 20 })(new Error('failed'), 5, 1000) as number;
 * wait >= 10 && wait <= 20; // => true
 * ```
 */
export function decorrelated(options?: DecorrelatedOptions): Delay {
  const { first = 100, max = MAX } = readOptions('decorrelated', options, decorrelatedTable);
  return (_error, _attempt, previous) => Math.min(max, first + random() * (3 * Math.max(first, previous) - first));
}
