import type { Measured } from './leg.js';
import { WORTH } from './move.js';

/** How many pairs are measured at most before an experiment that shows nothing is given up. */
const MOST_PAIRS = 6;
/** Of the pairs, so many have to say the same: one stall must not decide. */
const AGREE = 2 / 3;

/** So many times what chance may do is a proof. */
const PROOF = 1.5;

class Sum {
  ok = 0;
  ms = 0;
  reports = 0;

  add(leg: Measured, ms: number): void {
    this.ok += leg.rate * ms;
    this.ms += ms;
    this.reports += leg.reports;
  }
}

/**
 * Compares the limit that is held with another near it, as a trial in medicine does: in turn (held, other, other, held, …), so that what changes with time falls on both, and until it is
 * either clear or has taken long enough.
 */
export class Experiment {
  readonly other: number;
  readonly #held = new Sum();
  readonly #others = new Sum();
  readonly #up: boolean;
  /** What the ratio has to exceed, as a logarithm. */
  readonly #bar: number;
  #last: Measured;
  #legs = 1;
  #pairs = 0;
  #votes = 0;

  /** @param held What was just measured at the limit that is held, in `ms`. */
  constructor(held: Measured, ms: number, other: number) {
    this.other = other;
    this.#up = other > held.limit;
    this.#bar = WORTH * Math.log(other / held.limit);
    this.#last = held;
    this.#held.add(held, ms);
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** Whether the next leg is one at the other limit. */
  get isOther(): boolean {
    return this.#legs % 4 === 1 || this.#legs % 4 === 2;
  }

  /** Calls a second at the other limit, against the one held. */
  get ratio(): number {
    return this.#others.ok / this.#others.ms / (this.#held.ok / this.#held.ms);
  }

  /** Takes the leg that was due. `undefined` as long as it is not clear. */
  saw(leg: Measured, ms: number, dispersion: number): 'yes' | 'no' | undefined {
    (this.isOther ? this.#others : this.#held).add(leg, ms);
    this.#legs++;
    if (this.#legs % 2 === 1) {
      this.#last = leg;
      return undefined;
    }
    const gain = Math.log(leg.rate / this.#last.rate);
    this.#pairs++;
    if ((this.#isSecondOther ? gain : -gain) > this.#bar) this.#votes++;
    return this.#pairs % 2 === 0 ? this.#verdict(dispersion) : undefined;
  }

  /** Of the pair that was just completed, the second leg was at the other limit: the first pair of four legs, and not the second. */
  get #isSecondOther(): boolean {
    return this.#legs % 4 === 2;
  }

  #verdict(dispersion: number): 'yes' | 'no' | undefined {
    const doubt = Math.sqrt(dispersion * (1 / this.#held.reports + 1 / this.#others.reports));
    const gain = Math.log(this.ratio) - this.#bar;
    const last = this.#pairs >= MOST_PAIRS;
    // Up has to be proven. Down only must not be refuted: room that gives nothing is given back.
    const proof = this.#up ? PROOF * doubt : last ? 0 : doubt;
    if (gain > proof && this.#votes >= (this.#up ? AGREE : 1 / 2) * this.#pairs) return 'yes';
    return last || !(gain > (this.#up ? 0 : -doubt / 2)) ? 'no' : undefined;
  }
}
