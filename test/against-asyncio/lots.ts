/** A repeatable source of chance, and what is drawn from it. */
export class Lots {
  #state: number;

  /** @param seed Any 32-bit integer. */
  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) | 0;
    if (this.#state === 0) this.#state = 1;
    for (let i = 0; i < 8; i++) this.#next();
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor((this.#next() / 2 ** 32) * below);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** Whether something of this likelihood, in percent, happens. */
  percent(likelihood: number): boolean {
    return this.below(100) < likelihood;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  /** One of the keys; each is as likely as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    throw new RangeError(`expected a weight above 0, got ${JSON.stringify(weights)}`);
  }

  /** Marsaglia's xorshift: an unsigned 32-bit number, never 0. */
  #next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }
}
