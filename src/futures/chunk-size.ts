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
  readonly #most: number;
  readonly #fixed: boolean;

  constructor(chunk: number | 'auto', most: number) {
    this.#most = Math.max(1, most);
    this.#fixed = chunk !== 'auto';
    if (chunk !== 'auto') this.#size = Math.min(chunk, this.#most);
  }

  /** @param left How many inputs are left, if that is known. */
  next(left: number | undefined, slots: number): number {
    if (this.#fixed || left === undefined) return this.#size;
    return Math.max(1, Math.min(this.#size, Math.ceil(left / (2 * slots))));
  }

  ran(inputs: number, ms: number): void {
    if (this.#fixed || inputs === 0) return;
    const ideal = (inputs * 2 * SHORT) / Math.max(ms, 1e-3);
    // A short tail chunk says the same of the time per input, so it may lower the size but not raise it beyond what it saw.
    if (ms < SHORT && inputs * LEAP > this.#size) this.#size = Math.min(this.#most, Math.max(this.#size, Math.min(ideal, inputs * LEAP)));
    else if (ms > LONG) this.#size = Math.max(1, Math.min(this.#size, ideal));
    this.#size = Math.max(1, Math.floor(this.#size));
  }
}
