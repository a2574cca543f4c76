import { bare } from '../../core/index.js';
import type { Measured } from './leg.js';
import { WORTH } from './move.js';

/** A bracket is narrow enough when its ends are this far apart. */
const NARROW = 1.3;
/** If chance may have moved a comparison so much, as a logarithm, a "no" may come from a lucky leg before it. */
const DOUBTFUL = 0.14;
/** As good as all of it. */
const ALL = 0.85;
const GENTLE = Math.SQRT2;
const BOLD = 2;

/** How much more `to` gives than has to come of its other limit, as a logarithm: above 0 it is worth it. */
export function worth(from: Measured, to: Measured, share = WORTH): number {
  return Math.log(to.rate / from.rate) - share * Math.log(to.limit / from.limit);
}

export interface SearchOptions {
  /** Whether to double at once, as when nothing is known. */
  readonly bold?: boolean;
  /** A limit to try before any other. */
  readonly first?: number;
  /** Limits that are known to be worse. */
  readonly low?: number;
  readonly high?: number;
  /** What share of growth has to arrive as throughput. */
  readonly worth?: number;
  /** How far apart the ends of a bracket may be that is narrow enough. */
  readonly narrow?: number;
}

/** A way up or down in strides, then a bracket around the best limit that closes. Every question is answered by one leg, so it is quick, and what it finds is held to proof later. */
export class Search {
  /** The best so far. */
  best: Measured;
  /** Limits that are known to be worse, below and above. */
  #low = 0;
  #high = Number.POSITIVE_INFINITY;
  #stride: number;
  readonly #bold: boolean;
  readonly #worth: number;
  readonly #narrow: number;
  #first: number | undefined;
  /** The limit that had a second opinion. */
  #again: number | undefined;

  constructor(best: Measured, { bold = false, first, low = 0, high, worth = WORTH, narrow = NARROW }: SearchOptions = bare({})) {
    this.best = best;
    this.#bold = bold;
    this.#worth = worth;
    this.#narrow = narrow;
    this.#stride = bold ? BOLD : GENTLE;
    this.#first = first;
    this.#low = low;
    if (high !== undefined) this.#high = high;
  }

  /** The limit to measure next, if there is anything left to ask. */
  next(least: number, most: number): number | undefined {
    const { limit } = this.best;
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined && first >= least && first <= most) return first;
    const top = Math.min(this.#high - 1, most);
    if (top > limit) {
      if (this.#high === Number.POSITIVE_INFINITY) return Math.min(top, Math.max(limit + 1, Math.ceil(limit * this.#stride)));
      if (this.#high > limit * this.#narrow) return Math.min(top, Math.ceil(Math.sqrt(limit * this.#high)));
    }
    const bottom = Math.max(this.#low + 1, least);
    if (bottom >= limit) return undefined;
    if (this.#low === 0) return Math.max(bottom, Math.min(limit - 1, Math.floor(limit / GENTLE)));
    return limit > this.#low * this.#narrow ? Math.max(bottom, Math.floor(Math.sqrt(limit * this.#low))) : undefined;
  }

  /**
   * Takes what was measured at a limit that `next` gave, and says whether it is better than the best so far.
   *
   * @param doubt How far, as a logarithm, chance may have moved it. Where nothing is known yet, the doubt speaks for more: too far up is mended sooner than stuck far below.
   */
  saw(there: Measured, doubt = 0): boolean {
    const { best } = this;
    const isUp = there.limit > best.limit;
    const isBold = isUp && this.#bold && this.#high === Number.POSITIVE_INFINITY;
    if (there.limit === best.limit) {
      // The second opinion on the best so far.
      this.best = {
        ...there,
        rate: (best.rate * best.reports + there.rate * there.reports) / (best.reports + there.reports),
        reports: best.reports + there.reports,
      };
      return false;
    }
    const gain = worth(best, there, this.#worth);
    const growth = Math.log(there.limit / best.limit);
    const better = gain > (isBold && doubt > DOUBTFUL ? -(this.#worth * growth) / 2 : 0);
    if (!better && isBold && doubt > DOUBTFUL && this.#again !== best.limit) {
      this.#again = best.limit;
      this.#first = best.limit;
    } else if (better) {
      // Where all of the growth arrives, what lies between is as much worse as it is less.
      if (isUp)
        this.#low = gain > (ALL - this.#worth) * growth ? Math.max(best.limit, Math.floor(there.limit / this.#narrow) + 1) : best.limit;
      else this.#high = best.limit;
      this.best = there;
      this.#stride = Math.min(BOLD, this.#stride * GENTLE);
    } else if (isUp) this.#high = there.limit;
    else this.#low = there.limit;
    return better;
  }

  /** `limit` is too much, whatever it would give. */
  refused(limit: number): void {
    if (limit > this.best.limit) this.#high = Math.min(this.#high, limit);
  }
}
