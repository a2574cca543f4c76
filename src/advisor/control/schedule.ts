import type { Experiment } from './experiment.js';

/** How far an experiment goes beside the limit. */
export const ASIDE = 1.25;
/**
 * How long is waited between experiments, in ms. Those upwards cost next to nothing and must notice
 * new capacity; those downwards cost throughput where the limit is right.
 */
const UP = { first: 600, most: 1200 };
const DOWN = { first: 600, most: 8000 };

const DOUBT = 300;

/** When which limit beside the one held is tried. */
export class Schedule {
  #upAt = 0;
  #downAt = 0;
  #up = UP.first;
  #down = DOWN.first;
  #began = 0;
  /** Whether the next experiment downwards goes to the half. */
  #doubts = false;

  /** The limit to try at `at`, if an experiment is due. */
  next(at: number, held: number, least: number, most: number): number | undefined {
    const up = Math.min(most, Math.max(held + 1, Math.round(held * ASIDE)));
    const down = Math.max(least, Math.min(held - 1, Math.round(held / (this.#doubts ? 2 : ASIDE))));
    const next = at >= this.#upAt && up > held ? up : at >= this.#downAt && down < held ? down : undefined;
    if (next !== undefined) this.#began = at;
    return next;
  }

  /** An experiment beside `held` has ended. */
  ended(at: number, experiment: Experiment, held: number): void {
    const took = at - this.#began;
    if (experiment.isUp) {
      this.#up = Math.min(UP.most, this.#up * Math.SQRT2);
      this.#upAt = at + Math.max(this.#up, took);
      return;
    }
    this.#doubts = false;
    // Half of a step down was lost: not to be asked again soon. Where it was unclear, little is lost by asking.
    const isNeeded = Math.log(experiment.ratio) < Math.log(experiment.other / held) / 2;
    const isSteep = experiment.other <= held / 1.5;
    this.#down = Math.min(DOWN.most, this.#down * (!isNeeded ? 1 : isSteep ? 4 : 2));
    this.#downAt = at + Math.max(this.#down, (isNeeded ? 4 : 2) * took);
  }

  /** Nothing is known of what is beside the limit any more. */
  restart(): void {
    this.#up = UP.first;
    this.#down = DOWN.first;
  }

  /** A search has ended, which looked beside the limit already. Whoever doubled while the program was still warming up took that for a gain, so the half is asked for once. */
  wait(at: number): void {
    this.#upAt = at + this.#up;
    this.#downAt = at + DOUBT;
    this.#doubts = true;
  }

  /** No experiment upwards for a while. */
  waitUp(at: number): void {
    this.#upAt = at + this.#up;
  }
}
