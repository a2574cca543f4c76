import { atomics } from './atomics.js';
import type { Monitor } from './monitor.js';

/*
 * Who waits, in shared memory: a slot each, and a ticket that says who came first. There are no links between them, so nothing is to be mended when a thread dies: its
 * slots are those that bear its number.
 *
 *   word 0:  the next ticket
 *   word 1:  no slot from here on is taken
 *   then for each slot: its state, on which its tenant sleeps; ticket; thread; data
 */

const [TICKET, HIGH, HEAD] = [0, 1, 2];
const SIZE = 4;

/** How many can wait at one place. */
export const SLOTS = 250;
/** What they need of their memory, in words. */
export const SLOTS_WORDS = HEAD + SIZE * SLOTS;

export const FREE = 0;
/** Asleep, and nothing has been decided. */
export const WAITING = 1;
/** To look again, whatever was decided. */
export const CALLED = 2;
/** It has what it waited for; `data` says what that is. */
export const SERVED = 3;

export class Slots {
  readonly #monitor: Monitor;
  readonly #at: number;

  constructor(monitor: Monitor, at: number) {
    this.#monitor = monitor;
    this.#at = at;
  }

  /** Takes a slot at the end of the line; -1 if all are taken. */
  claim(data: number): number {
    const { words } = this.#monitor;
    const high = atomics.get(words, this.#at + HIGH);
    let slot = 0;
    while (slot < high && !this.#isFree(slot)) slot++;
    if (slot === SLOTS) return -1;
    const ticket = atomics.get(words, this.#at + TICKET);
    atomics.set(words, this.#at + TICKET, (ticket + 1) | 0);
    const at = this.stateAt(slot);
    atomics.set(words, at + 1, ticket);
    atomics.set(words, at + 2, atomics.self());
    atomics.set(words, at + 3, data);
    if (slot >= high) atomics.set(words, this.#at + HIGH, slot + 1);
    atomics.store(words, at, WAITING);
    return slot;
  }

  /** Where a slot's state is. */
  stateAt(slot: number): number {
    return this.#at + HEAD + SIZE * slot;
  }

  state(slot: number): number {
    return atomics.load(this.#monitor.words, this.stateAt(slot));
  }

  thread(slot: number): number {
    return atomics.get(this.#monitor.words, this.stateAt(slot) + 2);
  }

  data(slot: number): number {
    return atomics.get(this.#monitor.words, this.stateAt(slot) + 3);
  }

  /** Gives the slot back. What still sleeps on it (a wait of an event loop cannot be taken back) is woken, or it would take the next tenant's call. */
  free(slot: number): void {
    const { words } = this.#monitor;
    atomics.store(words, this.stateAt(slot), FREE);
    this.#monitor.wake(this.stateAt(slot));
    let high = atomics.get(words, this.#at + HIGH);
    if (slot !== high - 1) return;
    while (high > 0 && atomics.load(words, this.stateAt(high - 1)) === FREE) high--;
    atomics.set(words, this.#at + HIGH, high);
  }

  /** Notes, for a commit, that it is served. */
  serve(slot: number, data: number): void {
    this.#monitor.note(this.stateAt(slot), SERVED);
    this.#monitor.note(this.stateAt(slot) + 3, data);
    this.#monitor.wake(this.stateAt(slot));
  }

  /** Has it look again. */
  call(slot: number): void {
    atomics.store(this.#monitor.words, this.stateAt(slot), CALLED);
    this.#monitor.wake(this.stateAt(slot));
  }

  /** Lets it sleep again. */
  rest(slot: number): void {
    atomics.store(this.#monitor.words, this.stateAt(slot), WAITING);
  }

  /** Who has waited longest, of those that are neither served nor dead; -1: nobody. `but` does not count. */
  first(but = -1): number {
    const { words } = this.#monitor;
    const high = atomics.get(words, this.#at + HIGH);
    let [found, ticket] = [-1, 0];
    for (let slot = 0; slot < high; slot++) {
      if (slot === but || !this.#waits(slot)) continue;
      const other = atomics.get(words, this.stateAt(slot) + 1);
      if (found < 0 || ((other - ticket) | 0) < 0) [found, ticket] = [slot, other];
    }
    return found;
  }

  /** Whether somebody waits, and of those somebody whom nobody has called. */
  whoWaits(): 'nobody' | 'called' | 'asleep' {
    const high = atomics.get(this.#monitor.words, this.#at + HIGH);
    let found: 'nobody' | 'called' = 'nobody';
    for (let slot = 0; slot < high; slot++) {
      const state = this.state(slot);
      if ((state !== WAITING && (state !== CALLED || found === 'called')) || atomics.isDead(this.thread(slot), false)) continue;
      if (state === WAITING) return 'asleep';
      found = 'called';
    }
    return found;
  }

  /** Who has waited longest, of those that nobody has called; -1: nobody. */
  firstAsleep(): number {
    const { words } = this.#monitor;
    const high = atomics.get(words, this.#at + HIGH);
    let [found, ticket] = [-1, 0];
    for (let slot = 0; slot < high; slot++) {
      if (this.state(slot) !== WAITING || atomics.isDead(this.thread(slot), false)) continue;
      const other = atomics.get(words, this.stateAt(slot) + 1);
      if (found < 0 || ((other - ticket) | 0) < 0) [found, ticket] = [slot, other];
    }
    return found;
  }

  /** How many wait. */
  get waiting(): number {
    let count = 0;
    const high = atomics.load(this.#monitor.words, this.#at + HIGH);
    for (let slot = 0; slot < high; slot++) if (this.#waits(slot)) count++;
    return count;
  }

  /** Looks closely whether those who wait are alive. */
  bury(): void {
    const high = atomics.get(this.#monitor.words, this.#at + HIGH);
    const self = atomics.self();
    for (let slot = 0; slot < high; slot++) {
      const thread = this.thread(slot);
      if (thread !== self && this.#waits(slot)) atomics.isDead(thread, true);
    }
  }

  /** What dead threads were served and never took: what it was, and then their slots are free. */
  *unclaimed(ask: boolean): Generator<number, void, undefined> {
    const high = atomics.get(this.#monitor.words, this.#at + HIGH);
    for (let slot = 0; slot < high; slot++) {
      if (this.state(slot) !== SERVED || !atomics.isDead(this.thread(slot), ask)) continue;
      yield this.data(slot); // freed after it was passed on: of two deaths in a row, the second repeats it and does not lose it
      this.free(slot);
    }
  }

  #waits(slot: number): boolean {
    const state = this.state(slot);
    return (state === WAITING || state === CALLED) && !atomics.isDead(this.thread(slot), false);
  }

  #isFree(slot: number): boolean {
    return this.state(slot) === FREE || atomics.isDead(this.thread(slot), false);
  }
}
