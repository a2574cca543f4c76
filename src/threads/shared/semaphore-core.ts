import { atomics, type Words } from './atomics.js';
import { HOLDERS_WORDS, Holders } from './holders.js';
import type { Counter } from './line.js';
import { MONITOR_WORDS, Monitor } from './monitor.js';
import { SLOTS_WORDS, Slots } from './slots.js';

const [AVAILABLE, PERMITS] = [0, 1];
const MONITOR = 16;
const HOLDERS = MONITOR + MONITOR_WORDS;
const SLOTS_AT = HOLDERS + HOLDERS_WORDS;

/** What a semaphore needs of its memory, in words. */
export const SEMAPHORE_WORDS = SLOTS_AT + SLOTS_WORDS;

/** Permits in shared memory: strictly first come, first served; what a dead thread held comes back. Requests are numbers of permits. */
export class SemaphoreCore implements Counter {
  readonly mark = undefined;
  readonly words: Words;
  readonly monitor: Monitor;
  readonly slots: Slots;
  readonly #holders: Holders;

  constructor(words: Words, permits?: number) {
    this.words = words;
    this.monitor = new Monitor(words, MONITOR);
    this.slots = new Slots(this.monitor, SLOTS_AT);
    this.#holders = new Holders(this.monitor, HOLDERS);
    if (permits === undefined) return;
    atomics.set(words, PERMITS, permits);
    atomics.set(words, AVAILABLE, permits);
  }

  get permits(): number {
    return atomics.get(this.words, PERMITS);
  }

  get available(): number {
    return atomics.load(this.words, AVAILABLE);
  }

  admit(n: number): number | undefined {
    return this.slots.first() < 0 && this.#give(atomics.self(), n, -1) ? 0 : undefined;
  }

  serve(ask: boolean): void {
    for (let back = this.#holders.bury(ask); back > 0; back = this.#holders.bury(ask)) {
      this.monitor.note(AVAILABLE, this.available + back);
      this.monitor.commit();
    }
    for (let next = this.slots.first(); next >= 0; next = this.slots.first())
      if (!this.#give(this.slots.thread(next), this.slots.data(next), next)) return;
  }

  takeBack(n: number): void {
    this.#holders.add(atomics.self(), -n);
    this.monitor.note(AVAILABLE, this.available + n);
    this.monitor.commit();
    this.serve(false);
  }

  tryAcquire(n: number): boolean {
    return this.monitor.within(() => this.admit(n) !== undefined);
  }

  release(n: number): void {
    this.monitor.within(() => this.takeBack(n));
  }

  /** One commit: so many permits fewer, this thread holds them, and its slot is served. */
  #give(thread: number, n: number, slot: number): boolean {
    const { available } = this;
    if (n > available || !this.#holders.add(thread, n)) return false;
    this.monitor.note(AVAILABLE, available - n);
    if (slot >= 0) this.slots.serve(slot, 0);
    this.monitor.commit();
    return true;
  }
}
