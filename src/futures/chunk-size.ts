/** Below this a chunk grows, above the other it shrinks, in ms in the worker. After joblib's batching (BSD licence), whose lower bound is 200 ms. */
const SHORT = 20;
const LONG = 200;
/** A chunk of a few microseconds says little about one sixteen times as long, and nothing about more. */
const LEAP = 16;

/**
 * How many inputs go into the next chunk: grown until a chunk takes 20 to 200 ms, never so many that one worker gets what
 * another could start on.
 */
export class ChunkSize {
  #size = 1;
  readonly #buffer: number;
  readonly #fixed: boolean;

  /** @param buffer The most inputs that are under way: two chunks for each slot must fit. */
  constructor(chunk: number | 'auto', buffer: number) {
    this.#buffer = buffer;
    this.#fixed = chunk !== 'auto';
    if (chunk !== 'auto') this.#size = chunk;
  }

  /** @param left How many inputs are left, if that is known. */
  next(left: number | undefined, slots: number): number {
    // Asked for each time: an executor may change the number of its workers while the map runs.
    const most = Math.min(this.#size, Math.floor(this.#buffer / (2 * slots)));
    if (this.#fixed || left === undefined) return Math.max(1, most);
    return Math.max(1, Math.min(most, Math.ceil(left / (2 * slots))));
  }

  ran(inputs: number, ms: number): void {
    if (this.#fixed || inputs === 0) return;
    const ideal = (inputs * 2 * SHORT) / Math.max(ms, 1e-3);
    // A short tail chunk says the same of the time per input, so it may lower the size but not raise it beyond what it saw.
    if (ms < SHORT && inputs * LEAP > this.#size) this.#size = Math.min(this.#buffer, Math.max(this.#size, Math.min(ideal, inputs * LEAP)));
    else if (ms > LONG) this.#size = Math.max(1, Math.min(this.#size, ideal));
    this.#size = Math.max(1, Math.floor(this.#size));
  }
}
