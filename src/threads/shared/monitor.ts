import { atomics, type Words } from './atomics.js';

/*
 * A guard for a few instructions, and a log of what they change: so that a thread that is ended in the middle leaves everything as before its change, or as after it.
 *
 *   word 0:      the guard: 0, or the holder's number << 1, + 1 if somebody may be asleep on it
 *   word 1:      how many writes are in the log: 0 unless they are being made
 *   words 2...:  the log, pairs of place and value
 *
 * Rules:
 * 1. What is inside is read and written only by the holder of the guard, unless its file says otherwise.
 * 2. Writes that belong together are noted first; storing their number is the instant at which they count; then they are made. Whoever takes the guard over from a
 *    dead thread makes them again, all of them: they are values, not differences, so twice is as good as once.
 * 3. The guard is held for some hundred nanoseconds and never while waiting, so also the main thread may wait for it.
 */

const GUARD = 0;
const COUNT = 1;
const LOG = 2;

/** How long the first and the longest sleep on a guard is, in ms, before its holder is looked at. */
const [FIRST_LOOK, LONGEST_LOOK] = [10, 500];

/** What a monitor needs of its memory, in words. It fills whole lines of the processor's cache. */
export const MONITOR_WORDS = 32;

export class Monitor {
  readonly words: Words;
  readonly #at: number;
  readonly #log: number[] = [];
  readonly #waking: number[] = [];

  constructor(words: Words, at: number) {
    this.words = words;
    this.#at = at;
  }

  /** Runs `fn` holding the guard; then wakes whom it said to wake. */
  within<R>(fn: () => R): R {
    this.#enter();
    try {
      return fn();
    } finally {
      this.#log.length = 0; // what was noted and not committed, when it threw
      this.#leave();
    }
  }

  /** Notes a write that belongs together with others. */
  note(at: number, value: number): void {
    this.#log.push(at, value);
  }

  /** Makes the writes that were noted: all or, if this thread dies, none (rule 2). */
  commit(): void {
    const { words } = this;
    const log = this.#log;
    const count = log.length;
    if (count > 2) {
      for (let i = 0; i < count; i++) atomics.set(words, this.#at + LOG + i, log[i]);
      atomics.store(words, this.#at + COUNT, count);
      this.#replay(count);
    } else if (count > 0) atomics.store(words, log[0], log[1]);
    log.length = 0;
  }

  /** Once the guard is free, those are woken that sleep on this word. */
  wake(at: number): void {
    this.#waking.push(at);
  }

  #replay(count: number): void {
    const { words } = this;
    const log = this.#at + LOG;
    for (let i = 0; i < count; i += 2) atomics.store(words, atomics.get(words, log + i), atomics.get(words, log + i + 1));
    atomics.store(words, this.#at + COUNT, 0);
  }

  #enter(): void {
    const mine = atomics.self() << 1;
    if (atomics.compareExchange(this.words, this.#at + GUARD, 0, mine) !== 0) this.#waitFor(mine);
  }

  /** As Drepper's third mutex ("Futexes Are Tricky", 2011), but that a dead holder is found out. */
  #waitFor(mine: number): void {
    const { words } = this;
    const guard = this.#at + GUARD;
    let look = FIRST_LOOK;
    for (;;) {
      const word = atomics.load(words, guard);
      if (word === 0) {
        // Others may still be asleep on it.
        if (atomics.compareExchange(words, guard, 0, mine | 1) === 0) return;
      } else if (!(word & 1)) atomics.compareExchange(words, guard, word, word | 1);
      else if (atomics.isDead(word >>> 1, look > FIRST_LOOK)) {
        if (atomics.compareExchange(words, guard, word, mine | 1) !== word) continue;
        const count = atomics.load(words, this.#at + COUNT);
        if (count > 0) this.#replay(count);
        return;
      } else if (atomics.wait(words, guard, word, look) === 'timed-out') look = Math.min(2 * look, LONGEST_LOOK);
    }
  }

  #leave(): void {
    if (atomics.exchange(this.words, this.#at + GUARD, 0) & 1) atomics.notify(this.words, this.#at + GUARD, 1);
    const waking = this.#waking;
    // Everybody: of one slot only its tenant is asleep, and waits of former ones that nobody has taken back.
    for (let i = 0; i < waking.length; i++) atomics.notify(this.words, waking[i], Number.POSITIVE_INFINITY);
    waking.length = 0;
  }
}
