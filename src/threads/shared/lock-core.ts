import { atomics, type Words } from './atomics.js';
import { MONITOR_WORDS, Monitor } from './monitor.js';
import { CALLED, SERVED, SLOTS_WORDS, Slots, WAITING } from './slots.js';

/*
 * A lock that costs one compare-and-swap to take and one to give back while nobody waits, and stays in order when somebody does.
 *
 *   word 0:   the holder's number << 3 | HANDOFF | AWAKE | QUEUED
 *   word 16:  the monitor, then the slots of those who wait
 *
 * Rules:
 * 1. Nobody waits: everything is a swap of the word between 0 and the holder.
 * 2. QUEUED: somebody waits. Only then the monitor is entered: to release (which calls the first in line), to queue up, to leave the line.
 * 3. AWAKE: somebody was called and is on its way. Until it has come, others may take and release the lock by a swap, as in rule 1: a thread that runs does in a
 *    microsecond what the sleeper needs fifty for. So a lock that two threads want all the time costs no switch of threads each time.
 * 4. HANDOFF: the first in line has waited over PATIENCE ms. From now on a release hands the lock over, and nobody gets in between. So nobody waits longer than
 *    PATIENCE and those before it. (As Go's sync.Mutex, 1.9.)
 * 5. While the word names a holder, others change only its flags, and under the guard; so what the holder does under the guard is one commit (monitor, rule 2).
 * 6. The word of a dead holder is anybody's, under the guard. Whoever takes it then is told.
 */

const [QUEUED, AWAKE, HANDOFF, FLAGS] = [1, 2, 4, 7];
const SHIFT = 3;
const MONITOR = 16;
const SLOTS_AT = MONITOR + MONITOR_WORDS;

/** What a lock needs of its memory, in words. */
export const LOCK_WORDS = SLOTS_AT + SLOTS_WORDS;

const PATIENCE = 1;

export class LockCore {
  readonly words: Words;
  readonly #at: number;
  readonly #monitor: Monitor;
  readonly #slots: Slots;

  readonly #patience: number;

  /** @param patience How long the first in line lets others in before it, in ms. */
  constructor(words: Words, at = 0, patience = PATIENCE) {
    this.words = words;
    this.#at = at;
    this.#patience = patience;
    this.#monitor = new Monitor(words, at + MONITOR);
    this.#slots = new Slots(this.#monitor, at + SLOTS_AT);
  }

  /** Whose it is: a thread's number, or 0. */
  get holder(): number {
    return atomics.load(this.words, this.#at) >>> SHIFT;
  }

  get waiting(): number {
    return this.#slots.waiting;
  }

  /** Takes it if it is free, and it was nobody's dead hand that had it. */
  tryAcquire(): boolean {
    const mine = atomics.self() << SHIFT;
    if (atomics.compareExchange(this.words, this.#at, 0, mine) === 0) return true;
    const word = atomics.load(this.words, this.#at);
    return word >>> SHIFT === 0 && atomics.compareExchange(this.words, this.#at, word, mine | word) === word;
  }

  /** Gives it back; the caller holds it. */
  release(): void {
    const mine = atomics.self() << SHIFT;
    const word = atomics.compareExchange(this.words, this.#at, mine, 0);
    if (word === mine) return;
    // Rule 3.
    if ((word & FLAGS) === (QUEUED | AWAKE) && atomics.compareExchange(this.words, this.#at, word, QUEUED | AWAKE) === word) return;
    this.#monitor.within(() => this.#pass());
  }

  #pass(): void {
    const word = atomics.load(this.words, this.#at);
    const next = this.#slots.first();
    if (next < 0) atomics.store(this.words, this.#at, 0);
    else if (word & HANDOFF) {
      const more = this.#slots.first(next) < 0 ? 0 : QUEUED;
      this.#monitor.note(this.#at, (this.#slots.thread(next) << SHIFT) | more);
      this.#slots.serve(next, 0);
      this.#monitor.commit();
    } else {
      this.#slots.call(next);
      atomics.store(this.words, this.#at, QUEUED | AWAKE);
    }
  }

  /**
   * Under the guard: takes it if it is free or a dead thread's; else leaves a mark that somebody waits, and the caller may sleep.
   *
   * @param slot That of the caller, if it has one: freed when it gets the lock.
   * @param ask Whether to look closely if the holder is alive.
   * @param since When the caller began to wait.
   */
  take(slot: number, ask: boolean, since: number): 'no' | 'yes' | 'abandoned' {
    const { words } = this;
    const mine = atomics.self() << SHIFT;
    const called = slot >= 0 && this.#slots.state(slot) === CALLED;
    const more = this.#slots.first(slot) < 0 ? 0 : QUEUED;
    for (;;) {
      const word = atomics.load(words, this.#at);
      const holder = word >>> SHIFT;
      if (holder === 0 || atomics.isDead(holder, ask)) {
        // Who comes by itself leaves the one who was called on its way.
        const awake = called || holder !== 0 ? 0 : word & AWAKE;
        if (atomics.compareExchange(words, this.#at, word, mine | more | (more && awake)) !== word) continue;
        if (slot >= 0) this.#slots.free(slot);
        return holder === 0 ? 'yes' : 'abandoned';
      }
      let flags = (word & FLAGS) | QUEUED;
      if (called) flags &= ~AWAKE;
      if (slot >= 0 && slot === this.#slots.first() && atomics.now() - since > this.#patience) flags = (flags | HANDOFF) & ~AWAKE;
      if (atomics.compareExchange(words, this.#at, word, (holder << SHIFT) | flags) !== word) continue;
      if (called) atomics.store(words, this.#slots.stateAt(slot), WAITING);
      return 'no';
    }
  }

  /** Under the guard: queues up; -1 if all slots are taken. The mark that somebody waits has been left by `take`. */
  queue(): number {
    return this.#slots.claim(0);
  }

  stateAt(slot: number): number {
    return this.#slots.stateAt(slot);
  }

  /** Under the guard: whether the lock was handed to this slot. */
  served(slot: number): boolean {
    return this.#slots.state(slot) === SERVED;
  }

  /** Under the guard: takes note that it was handed over. */
  arrived(slot: number): void {
    this.#slots.free(slot);
  }

  /** Under the guard: leaves the line, and passes a call on. */
  unqueue(slot: number): void {
    const { words } = this;
    const called = this.#slots.state(slot) === CALLED;
    this.#slots.free(slot);
    const next = this.#slots.first();
    for (;;) {
      const word = atomics.load(words, this.#at);
      const holder = word >>> SHIFT;
      if (next < 0) {
        if (atomics.compareExchange(words, this.#at, word, holder << SHIFT) === word) return;
      } else if (!called) return;
      else if (holder === 0) return this.#slots.call(next);
      else if (atomics.compareExchange(words, this.#at, word, word & ~AWAKE) === word) return;
    }
  }

  within<R>(fn: () => R): R {
    return this.#monitor.within(fn);
  }
}
