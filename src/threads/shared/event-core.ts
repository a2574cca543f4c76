import { atomics, type Words } from './atomics.js';
import type { Counter } from './line.js';
import { MONITOR_WORDS, Monitor } from './monitor.js';
import { SLOTS_WORDS, Slots } from './slots.js';

const SET = 0;
const MONITOR = 16;
const SLOTS_AT = MONITOR + MONITOR_WORDS;

/** What an event needs of its memory, in words. */
export const EVENT_WORDS = SLOTS_AT + SLOTS_WORDS;

/** A flag in shared memory, and those who wait until it is set. */
export class EventCore implements Counter {
  readonly words: Words;
  readonly monitor: Monitor;
  readonly slots: Slots;

  constructor(words: Words) {
    this.words = words;
    this.monitor = new Monitor(words, MONITOR);
    this.slots = new Slots(this.monitor, SLOTS_AT);
  }

  get isSet(): boolean {
    return atomics.load(this.words, SET) === 1;
  }

  admit(): number | undefined {
    return this.isSet ? 0 : undefined;
  }

  /** If whoever set it died half way through, those who are left find it set. */
  serve(): void {
    if (!this.isSet) return;
    for (let next = this.slots.first(); next >= 0; next = this.slots.first()) {
      this.slots.serve(next, 0);
      this.monitor.commit();
    }
  }

  takeBack(): void {}

  set(): void {
    this.monitor.within(() => {
      atomics.store(this.words, SET, 1);
      this.serve();
    });
  }

  clear(): void {
    this.monitor.within(() => {
      this.serve(); // who waited while it was set is not to wait on
      atomics.store(this.words, SET, 0);
    });
  }
}
