import type { Measured } from './leg.js';

const LEARN = 0.15;
/** Calls that begin together end together, so that a leg has a wave more or less. */
const WAVES = 0.1;
/** Nothing takes exactly as long each time: such times were not measured one by one. */
const EXACT = 1e-6;
const UNKNOWN = 0.3;
/** A stall is no noise: what one pair of legs can say is bounded. */
const MOST = 9;

/** Learns how much the throughput of one and the same limit scatters, from pairs of legs, in units of what a count scatters by if calls end at random. */
export class Noise {
  #dispersion: number | undefined;

  /** Before two legs of one limit were seen, what the times of the calls scatter by is the best guess. */
  dispersion(there: Measured): number {
    const guess = there.scatter < EXACT ? UNKNOWN : Math.min(there.scatter, 1);
    return Math.max(WAVES, this.#dispersion ?? guess);
  }

  saw(one: Measured, other: Measured): void {
    const far = Math.log(one.rate / other.rate) ** 2 / (1 / one.reports + 1 / other.reports);
    const before = this.dispersion(other);
    if (far >= 0) this.#dispersion = before + LEARN * (Math.min(far, MOST) - before);
  }

  /** How far apart, as a logarithm, two legs of one limit have to be expected. */
  between(one: Measured, other: Measured): number {
    return Math.sqrt(this.dispersion(other) * (1 / one.reports + 1 / other.reports));
  }
}
