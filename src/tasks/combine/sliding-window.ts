import { Deque } from '../../core/index.js';
import type { Meter } from './rate-rule.js';

interface Taken {
  readonly at: number;
  readonly n: number;
}

/** At most so many permits in any span of `per` ms, wherever it begins: it remembers when each was taken, for that long. */
export class SlidingWindow implements Meter {
  readonly most: number;
  readonly #per: number;
  /** Oldest first. */
  #taken = new Deque<Taken>();
  #sum = 0;

  constructor(limit: number, per: number) {
    this.most = limit;
    this.#per = per;
  }

  allowedAt(n: number, now: number): number {
    let missing = this.used(now) + n - this.most;
    if (missing <= 0) return now;
    for (const { at, n: freed } of this.#taken) {
      missing -= freed;
      if (missing <= 0) return at + this.#per;
    }
    return Number.POSITIVE_INFINITY; // more than `most`
  }

  take(n: number, now: number): void {
    this.#taken.push({ at: now, n });
    this.#sum += n;
  }

  used(now: number): number {
    for (let oldest = this.#taken.peek(); oldest !== undefined && oldest.at + this.#per <= now; oldest = this.#taken.peek()) {
      this.#taken.shift();
      this.#sum -= oldest.n;
    }
    return this.#sum;
  }

  follow(former: Meter, now: number): void {
    if (former instanceof SlidingWindow) {
      this.#taken = former.#taken;
      this.#sum = former.#sum;
    } else {
      // A bucket knows how much, not when: it counts as taken now.
      const used = Math.ceil(former.used(now));
      if (used > 0) this.take(used, now);
    }
  }
}
