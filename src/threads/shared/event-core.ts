import { atomics, type Words } from './atomics.js';
import type { Counter } from './line.js';
import { MONITOR_WORDS, Monitor } from './monitor.js';
import { SLOTS_WORDS, Slots } from './slots.js';

/** How often it was set and cleared: odd while it is set. */
const CHANGES = 0;
const MONITOR = 16;
const SLOTS_AT = MONITOR + MONITOR_WORDS;

/** What an event needs of its memory, in words. */
export const EVENT_WORDS = SLOTS_AT + SLOTS_WORDS;

/** A flag in shared memory, and those who wait until it is set. */
export class EventCore implements Counter {
  readonly mark = undefined;
  readonly words: Words;
  readonly monitor: Monitor;
  readonly slots: Slots;

  constructor(words: Words) {
    this.words = words;
    this.monitor = new Monitor(words, MONITOR);
    this.slots = new Slots(this.monitor, SLOTS_AT);
  }

  get isSet(): boolean {
    return (this.changes & 1) === 1;
  }

  get changes(): number {
    return atomics.load(this.words, CHANGES);
  }

  /** @param since What `changes` was when the wait began: who found no slot, and looks from time to time, does not miss that it was set and cleared meanwhile. */
  admit(since: number): number | undefined {
    const { changes } = this;
    return changes & 1 || changes !== since ? 0 : undefined;
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
      this.#change(1);
      this.serve();
    });
  }

  clear(): void {
    this.monitor.within(() => {
      this.serve(); // who waited while it was set is not to wait on
      this.#change(0);
    });
  }

  #change(to: number): void {
    const { changes } = this;
    if ((changes & 1) !== to) atomics.store(this.words, CHANGES, (changes + 1) | 0);
  }
}
