import type { Meter } from './rate-rule.js';

/**
 * A bucket into which permits drip evenly. All it knows is when it will be full again: what is missing then is what has been taken. (The generic cell rate algorithm of ATM networks.) So it needs no
 * timer to drip, and no sum of many small numbers drifts.
 */
export class TokenBucket implements Meter {
  readonly most: number;
  /** How long one permit takes to drip in, in ms. */
  readonly #each: number;
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor(limit: number, per: number, burst: number) {
    this.most = burst;
    this.#each = per / limit;
  }

  allowedAt(n: number, now: number): number {
    return Math.max(this.#fullAt, now) + (n - this.most) * this.#each;
  }

  take(n: number, now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + n * this.#each;
  }

  used(now: number): number {
    return Math.max(0, this.#fullAt - now) / this.#each;
  }

  follow(former: Meter, now: number): void {
    this.#fullAt = now + former.used(now) * this.#each;
  }
}
