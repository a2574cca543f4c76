import type { Measured } from './leg.js';

/** What counted calls scatter by, before anything is known: a third of what lots would. */
const FIRST = 0.3;
const LEARN = 0.15;
/** A stall is no noise: what one pair of legs can say is bounded. */
const MOST = 9;

/** Learns how much the throughput of one and the same limit scatters, from pairs of legs, in units of what a count scatters by if calls end at random. */
export class Noise {
  #dispersion = FIRST;

  get dispersion(): number {
    return this.#dispersion;
  }

  saw(one: Measured, other: Measured): void {
    const far = Math.log(one.rate / other.rate) ** 2 / (1 / one.reports + 1 / other.reports);
    if (far >= 0) this.#dispersion += LEARN * (Math.min(far, MOST) - this.#dispersion);
  }

  /** How far apart, as a logarithm, two legs of one limit have to be expected. */
  between(one: Measured, other: Measured): number {
    return Math.sqrt(this.#dispersion * (1 / one.reports + 1 / other.reports));
  }
}
