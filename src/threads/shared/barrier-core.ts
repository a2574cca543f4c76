import { atomics, type Words } from './atomics.js';
import type { Counter } from './line.js';
import { MONITOR_WORDS, Monitor } from './monitor.js';
import { SLOTS_WORDS, Slots } from './slots.js';

const [PARTIES, ROUND, PLACE, FAILED, BROKEN] = [0, 1, 2, 3, 4];
const MONITOR = 16;
const SLOTS_AT = MONITOR + MONITOR_WORDS;

/** What a barrier needs of its memory, in words. */
export const BARRIER_WORDS = SLOTS_AT + SLOTS_WORDS;

/** Answers that are no places. */
export const ABORTED = -1;
export const RESET = -2;

/**
 * Threads that wait for each other. One commit ends a round, whatever becomes of the thread that made it; who waits bears the number of its round, so whoever comes
 * next sends on those that an ended round has left. The answer is the place in the order of arrival, or why there is none.
 */
export class BarrierCore implements Counter {
  readonly words: Words;
  readonly monitor: Monitor;
  readonly slots: Slots;

  constructor(words: Words, parties?: number) {
    this.words = words;
    this.monitor = new Monitor(words, MONITOR);
    this.slots = new Slots(this.monitor, SLOTS_AT);
    if (parties !== undefined) atomics.set(words, PARTIES, parties);
  }

  get parties(): number {
    return atomics.get(this.words, PARTIES);
  }

  get broken(): boolean {
    return atomics.load(this.words, BROKEN) === 1;
  }

  /** The number of the round, under the guard. */
  get round(): number {
    return atomics.get(this.words, ROUND);
  }

  admit(): number | undefined {
    if (this.broken) return ABORTED;
    this.serve();
    const { parties, slots } = this;
    if (slots.waiting + 1 < parties) return undefined;
    slots.bury(); // who died in line has not come, also if nobody has been told of it yet
    if (slots.waiting + 1 < parties) return undefined;
    this.#end(0);
    this.serve();
    return parties - 1;
  }

  mark(): number {
    return this.round;
  }

  /** Sends on those whose round has ended. */
  serve(): void {
    const { words, slots, monitor, round } = this;
    for (let next = slots.first(); next >= 0 && slots.data(next) !== round; next = slots.first()) {
      const place = atomics.get(words, PLACE);
      const failed = atomics.get(words, FAILED);
      slots.serve(next, failed === 0 ? place : failed);
      monitor.note(PLACE, place + 1);
      monitor.commit();
    }
  }

  takeBack(): void {}

  abort(): void {
    this.monitor.within(() => {
      this.serve();
      this.monitor.note(BROKEN, 1);
      this.#end(ABORTED);
      this.serve();
    });
  }

  reset(): void {
    this.monitor.within(() => {
      this.serve();
      this.monitor.note(BROKEN, 0);
      this.#end(RESET);
      this.serve();
    });
  }

  #end(failed: number): void {
    this.monitor.note(ROUND, (this.round + 1) | 0);
    this.monitor.note(PLACE, 0);
    this.monitor.note(FAILED, failed);
    this.monitor.commit();
  }
}
