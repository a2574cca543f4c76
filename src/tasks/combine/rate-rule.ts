import { OptionError, oneOf, readOptions, whole } from '../../core/index.js';
import { SlidingWindow } from './sliding-window.js';
import { TokenBucket } from './token-bucket.js';

/** How much a `RateLimiter` lets through. */
export interface RateRule {
  /** How many permits in `per` milliseconds. Infinity: no limit. */
  limit: number;
  /** Milliseconds. */
  per: number;
  /**
   * How `limit` is meant. `bucket` (default): permits drip into a bucket, `limit` in every `per` ms, evenly; one that is full gives `burst` at once. `sliding`: in any `per` ms, wherever they
   * begin, at most `limit` are let through.
   */
  window?: 'bucket' | 'sliding';
  /** How many permits the bucket holds. Default: `limit`. With 1 they come one by one, evenly spaced. Only for a bucket. */
  burst?: number;
}

/** Counts what one rule lets through. Times are ms of the clock. */
export interface Meter {
  /** More than this can never be let through at once. */
  readonly most: number;
  /** When `n` more will be allowed, if nothing is taken before; not later than `now`: they are allowed now. */
  allowedAt(n: number, now: number): number;
  /** Takes what is allowed. */
  take(n: number, now: number): void;
  /** Goes on from the meter of the rule that this one replaces. */
  follow(former: Meter, now: number): void;
  /** How much of what it has let through still counts. */
  used(now: number): number;
}

const span = (v: unknown): string | undefined =>
  typeof v === 'number' && v > 0 && v < Number.POSITIVE_INFINITY ? undefined : 'a number of milliseconds above 0';
const table = { limit: whole(1, Number.POSITIVE_INFINITY), per: span, window: oneOf('bucket', 'sliding'), burst: whole(1) };

/** Rules, checked; one without a limit has no meter. */
export function metersOf(who: string, rules: RateRule | readonly RateRule[]): (Meter | undefined)[] {
  const list = Array.isArray(rules) ? (rules as readonly RateRule[]) : [rules as RateRule];
  if (list.length === 0) throw new OptionError(`${who} expects a rule { limit, per }, or a list of them, got an empty list`);
  return list.map((rule) => meterOf(who, rule));
}

function meterOf(who: string, rule: RateRule): Meter | undefined {
  const { limit, per, window = 'bucket', burst } = readOptions(who, rule, table);
  if (limit === undefined || per === undefined) {
    throw new OptionError(`${who} expects a rule { limit, per }, got one without ${limit === undefined ? 'limit' : 'per'}`);
  }
  if (window === 'sliding' && burst !== undefined) {
    throw new OptionError(
      `${who}: option "burst" is for a bucket, got ${burst} with a sliding window, which lets through ${limit} at once anyway`,
    );
  }
  if (limit === Number.POSITIVE_INFINITY) return undefined;
  return window === 'sliding' ? new SlidingWindow(limit, per) : new TokenBucket(limit, per, burst ?? limit);
}
