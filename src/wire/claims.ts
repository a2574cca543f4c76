/*
 * Who may start a call: one word of memory that a pool and its thread share.
 *
 *   word 0:  epoch (12 bits) | calls claimed in this epoch (20 bits)
 *   word 1:  position in the chunk that runs: inputs started
 *
 * Rules:
 * 1. The worker claims a call, by compare-and-swap from (epoch, n) to (epoch, n + 1), before it starts it. It claims in the order in
 *    which the calls were sent, so n says exactly which have been started.
 * 2. The pool recalls by swapping in (epoch + 1, 0). What the old epoch had not claimed can never be claimed: a claim names the
 *    epoch that its message was sent in, and fails. The pool may then give those calls to another worker.
 * 3. Only the pool changes the epoch, only the worker adds to the count.
 */

const COUNT_BITS = 20;
const COUNT = (1 << COUNT_BITS) - 1;
const EPOCHS = 1 << (31 - COUNT_BITS);

/** The most calls one epoch can number. */
export const EPOCH_CALLS = COUNT - 1;

/** Both ends of the claim word. */
export class Claims {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Worker: may the next call of this epoch be started? `false`: it was recalled. */
  claim(epoch: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#words, 0);
      if (word >>> COUNT_BITS !== epoch) return false;
      if (Atomics.compareExchange(this.#words, 0, word, word + 1) === word) return true;
    }
  }

  /** Worker: this many inputs of the running chunk have been started. A plain store: it is read only after the worker's end. */
  progress(inputs: number): void {
    this.#words[1] = inputs;
  }

  /** Pool: ends the epoch and tells how many of its calls were claimed. */
  recall(): number {
    for (;;) {
      const word = Atomics.load(this.#words, 0);
      const next = (((word >>> COUNT_BITS) + 1) % EPOCHS) << COUNT_BITS;
      if (Atomics.compareExchange(this.#words, 0, word, next) === word) return word & COUNT;
    }
  }

  /** Pool: how many calls of this epoch have been claimed by now. */
  claimed(): number {
    return Atomics.load(this.#words, 0) & COUNT;
  }

  /** Pool, after the worker's end: inputs of the running chunk that were started. */
  started(): number {
    return Atomics.load(this.#words, 1);
  }

  get epoch(): number {
    return Atomics.load(this.#words, 0) >>> COUNT_BITS;
  }
}
