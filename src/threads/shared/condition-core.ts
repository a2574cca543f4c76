import type { Words } from './atomics.js';
import type { Counter } from './line.js';
import { MONITOR_WORDS, Monitor } from './monitor.js';
import { SLOTS_WORDS, Slots } from './slots.js';

const SLOTS_AT = MONITOR_WORDS;

/** What a condition needs of its memory beside its lock, in words. */
export const CONDITION_WORDS = SLOTS_AT + SLOTS_WORDS;

/** Those who wait to be notified. Nobody is admitted at once; a notification that a dead thread was given and never took goes to the next. */
export class ConditionCore implements Counter {
  readonly mark = undefined;
  readonly monitor: Monitor;
  readonly slots: Slots;

  constructor(words: Words) {
    this.monitor = new Monitor(words, 0);
    this.slots = new Slots(this.monitor, SLOTS_AT);
  }

  admit(): number | undefined {
    return undefined;
  }

  serve(ask: boolean): void {
    for (const _ of this.slots.unclaimed(ask)) this.#next();
  }

  /** Nobody is there to act on it: the next one does. */
  takeBack(): void {
    this.#next();
  }

  notify(n: number): void {
    this.monitor.within(() => {
      this.serve(false);
      for (let i = 0; i < n; i++) if (!this.#next()) return;
    });
  }

  #next(): boolean {
    const next = this.slots.first();
    if (next < 0) return false;
    this.slots.serve(next, 0);
    this.monitor.commit();
    return true;
  }
}
