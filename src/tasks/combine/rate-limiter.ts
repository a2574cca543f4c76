import { clock, mustBeFunction, OptionError, type Unwrapped, whole } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { type Alarm, alarms } from '../alarms.js';
import { call } from '../call.js';
import { currentScope } from '../current.js';
import { Scope } from '../scope.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import { Waiters } from '../waiters.js';
import { type Meter, metersOf, type RateRule } from './rate-rule.js';

const count = whole(1);

/** A block that waits for its permit first. */
class Limited extends Scope {
  override get title(): string {
    return 'with a rate limit';
  }
}

/**
 * Lets so much through in so much time: a token bucket, a sliding window, or several rules that must all agree. First in, first out: nobody is let through before one who came earlier, also if that one wants
 * more. A permit is not given back; who is cancelled while it waits has taken nothing, and the next one goes when it may.
 *
 * A bucket that is full gives its `burst` at once and goes on dripping: within one `per` up to `burst + limit` may come through. Where that is too much, say `burst: 1`, or use a sliding window.
 *
 * Cancelling: `acquire` is a cancellation point; of `with`, both the wait and the function are cancelled.
 *
 * @example
 * ```ts run
 * import { now, RateLimiter } from 'meantime/tasks';
 *
 * const limiter = new RateLimiter({ limit: 2, per: 20, window: 'sliding' });
 * const began = now();
 * for (let i = 0; i < 3; i++) await limiter.acquire();
 * now() - began >= 20; // => true
 * ```
 * @example Ten a second, and no more than a hundred a minute
 * ```ts run
 * import { RateLimiter } from 'meantime/tasks';
 *
 * const limiter = new RateLimiter([
 *   { limit: 10, per: 1000, burst: 1 },
 *   { limit: 100, per: 60_000, window: 'sliding' },
 * ]);
 * await limiter.with(async () => 'called'); // => 'called'
 * limiter.tryAcquire(); // => false
 * limiter.update({ limit: 5, per: 1 }); // from now on, also for those who wait
 * await limiter.with(async () => 'called'); // => 'called'
 * ```
 */
export class RateLimiter {
  #meters: (Meter | undefined)[];
  readonly #waiters = new Waiters();
  readonly #alarm: Alarm = { at: 0, order: 0, place: -1, ring: () => this.#serve() };

  /** @throws {OptionError} if a limit, a time or a burst is out of range, or there is no rule. */
  constructor(rules: RateRule | readonly RateRule[]) {
    this.#meters = metersOf('RateLimiter', rules);
  }

  /** How many wait to be let through. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Waits until `n` permits are there, and takes them.
   *
   * @throws {OptionError} if so many can never be there at once, also if `update` makes it so.
   */
  acquire(n = 1): Awaitable<void> {
    this.#check('acquire', n);
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#take(n)) return ready(undefined);
    const wait = new Wait<void>('rate limit', scope);
    wait.data = n;
    // Not at once: others may be cut off by the same cancellation, and what is given to one of them would be lost.
    wait.onCut = () => this.#arm();
    this.#waiters.push(wait);
    if (this.#waiters.first === wait) this.#arm();
    return wait.handle();
  }

  /** Takes `n` permits if they are there and nobody waits; `false` if not. */
  tryAcquire(n = 1): boolean {
    this.#check('tryAcquire', n);
    return this.#take(n);
  }

  /** Waits for one permit and calls `fn`. */
  with<R>(fn: () => R): Future<Unwrapped<R>> {
    mustBeFunction('RateLimiter.with', fn);
    const scope = new Limited(currentScope());
    const body = function* (acquire: () => Awaitable<void>) {
      yield* acquire();
      return yield* call(fn);
    };
    scope.begin(body, [() => this.acquire()]);
    return scope as unknown as Future<Unwrapped<R>>;
  }

  /**
   * Other rules from now on, also for those who wait. What was let through before goes on counting, against the rule in the same place of the list.
   *
   * @throws {OptionError} as the constructor does, and then nothing has changed.
   */
  update(rules: RateRule | readonly RateRule[]): void {
    const meters = metersOf('RateLimiter.update', rules);
    const now = clock.now();
    for (const [i, meter] of meters.entries()) {
      const former = this.#meters[i];
      if (former !== undefined) meter?.follow(former, now);
    }
    this.#meters = meters;
    for (const wait of [...this.#waiters]) {
      const n = wait.data as number;
      if (n > this.#most()) wait.fail(new OptionError(tooMany('acquire', n, this.#most())));
    }
    this.#serve();
  }

  /** Lets through whoever may go now. */
  #serve(): void {
    for (let wait = this.#waiters.first; wait !== undefined; wait = this.#waiters.first) {
      const now = clock.now();
      if (this.#allowedAt(wait.data as number, now) > now) break;
      for (const meter of this.#meters) meter?.take(wait.data as number, now);
      wait.fulfil(undefined);
    }
    this.#arm();
  }

  #check(who: string, n: number): void {
    const wrong = count(n);
    if (wrong !== undefined) throw new OptionError(`RateLimiter.${who} expects ${wrong}, got ${String(n)}`);
    if (n > this.#most()) throw new OptionError(tooMany(who, n, this.#most()));
  }

  #take(n: number): boolean {
    if (this.#waiters.size > 0) return false;
    const now = clock.now();
    if (this.#allowedAt(n, now) > now) return false;
    for (const meter of this.#meters) meter?.take(n, now);
    return true;
  }

  #most(): number {
    let most = Number.POSITIVE_INFINITY;
    for (const meter of this.#meters) if (meter !== undefined && meter.most < most) most = meter.most;
    return most;
  }

  #allowedAt(n: number, now: number): number {
    let at = now;
    for (const meter of this.#meters) if (meter !== undefined) at = Math.max(at, meter.allowedAt(n, now));
    return at;
  }

  /** Rings when the first in the list may go. */
  #arm(): void {
    alarms.clear(this.#alarm);
    const { first } = this.#waiters;
    if (first !== undefined) alarms.set(this.#alarm, this.#allowedAt(first.data as number, clock.now()));
  }
}

const tooMany = (who: string, n: number, most: number): string =>
  `RateLimiter.${who} expects at most ${most} at once by its rules, got ${n}: it would wait for ever`;
