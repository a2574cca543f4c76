import { atomics, type Words } from './atomics.js';
import { HOLDERS_WORDS, Holders } from './holders.js';
import type { Counter } from './line.js';
import { MONITOR_WORDS, Monitor } from './monitor.js';
import { SLOTS_WORDS, Slots } from './slots.js';

const [READERS, WRITER, LEFT] = [0, 1, 2];
const MONITOR = 16;
const HOLDERS = MONITOR + MONITOR_WORDS;
const SLOTS_AT = HOLDERS + HOLDERS_WORDS;

/** What a lock of this kind needs of its memory, in words. */
export const RW_LOCK_WORDS = SLOTS_AT + SLOTS_WORDS;

/** The two requests. */
export const READ = 0;
export const WRITE = 1;

/**
 * Many readers or one writer, in shared memory, first come, first served: who comes after a waiting writer waits behind it. The answer is 1 if a writer died with the
 * lock, until the next writer has had it, who can mend what it left, and else 0.
 */
export class RwLockCore implements Counter {
  readonly mark = undefined;
  readonly words: Words;
  readonly monitor: Monitor;
  readonly slots: Slots;
  readonly #holders: Holders;

  constructor(words: Words) {
    this.words = words;
    this.monitor = new Monitor(words, MONITOR);
    this.slots = new Slots(this.monitor, SLOTS_AT);
    this.#holders = new Holders(this.monitor, HOLDERS);
  }

  get readers(): number {
    return atomics.load(this.words, READERS);
  }

  get writer(): number {
    return atomics.load(this.words, WRITER);
  }

  admit(request: number): number | undefined {
    return this.slots.first() < 0 ? this.#give(atomics.self(), request, -1) : undefined;
  }

  serve(ask: boolean): void {
    if (this.writer !== 0 && atomics.isDead(this.writer, ask)) {
      this.monitor.note(WRITER, 0);
      this.monitor.note(LEFT, 1);
      this.monitor.commit();
    }
    for (let gone = this.#holders.bury(ask); gone > 0; gone = this.#holders.bury(ask)) {
      this.monitor.note(READERS, this.readers - gone);
      this.monitor.commit();
    }
    for (let next = this.slots.first(); next >= 0; next = this.slots.first())
      if (this.#give(this.slots.thread(next), this.slots.data(next), next) === undefined) return;
  }

  takeBack(request: number, answer = 0): void {
    if (answer !== 0) this.monitor.note(LEFT, answer); // nobody was told
    if (request === WRITE) this.monitor.note(WRITER, 0);
    else {
      this.#holders.add(atomics.self(), -1);
      this.monitor.note(READERS, this.readers - 1);
    }
    this.monitor.commit();
    this.serve(false);
  }

  tryAcquire(request: number): number | undefined {
    return this.monitor.within(() => this.admit(request));
  }

  release(request: number): void {
    this.monitor.within(() => this.takeBack(request));
  }

  #give(thread: number, request: number, slot: number): number | undefined {
    if (this.writer !== 0) return undefined;
    if (request === WRITE) {
      if (this.readers > 0) return undefined;
      this.monitor.note(WRITER, thread);
    } else {
      if (!this.#holders.add(thread, 1)) return undefined;
      this.monitor.note(READERS, this.readers + 1);
    }
    const left = atomics.get(this.words, LEFT);
    if (left !== 0 && request === WRITE) this.monitor.note(LEFT, 0);
    if (slot >= 0) this.slots.serve(slot, left);
    this.monitor.commit();
    return left;
  }
}
