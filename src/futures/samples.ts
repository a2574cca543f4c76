import type { Percentiles } from './executor.js';

/** The last 1,024 durations (ms), for percentiles: exact over that window, and cheap to add to. */
export class Samples {
  readonly #ring = new Float64Array(1024);
  #count = 0;

  add(ms: number): void {
    this.#ring[this.#count++ & 1023] = ms;
  }

  percentiles(): Percentiles {
    const sorted = this.#ring.slice(0, Math.min(this.#count, 1024)).sort();
    const at = (share: number) => (sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
    return Object.freeze({ p50: at(0.5), p99: at(0.99) });
  }
}
