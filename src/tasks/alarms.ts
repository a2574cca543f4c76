import { clock, type Timer } from '../core/index.js';
import { scheduler } from './scheduler.js';

/** Something that is due at a time. Its place in the heap is its own business, so that it can be taken out again. */
export interface Alarm {
  /** When, in ms of `clock.now()`. */
  at: number;
  /** Among equal times the one that was set first rings first. */
  order: number;
  /** Its place in the heap; -1 outside of it. */
  place: number;
  ring(): void;
}

const before = (a: Alarm, b: Alarm): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * All alarms over one timer of the clock, in a binary heap. The timer is set once a turn of the event loop and not once an alarm: most time limits are gone before they matter.
 */
class Alarms {
  readonly #heap: Alarm[] = [];
  #orders = 0;
  #timer: Timer | undefined = undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #checking = false;

  set(alarm: Alarm, at: number): void {
    alarm.at = at;
    alarm.order = this.#orders++;
    this.#heap.push(alarm);
    this.#up(this.#heap.length - 1, alarm);
    if (at < this.#timerAt) this.#check();
  }

  clear(alarm: Alarm): void {
    const { place } = alarm;
    if (place < 0) return;
    alarm.place = -1;
    const last = this.#heap.pop() as Alarm;
    if (last !== alarm) {
      this.#up(place, last);
      this.#down(last.place, last);
    }
    if (this.#heap.length === 0) this.#check();
  }

  /** Looks at the end of this turn of the loop whether the timer is right. */
  #check(): void {
    if (this.#checking) return;
    this.#checking = true;
    clock.soon(() => {
      this.#checking = false;
      this.#arm();
    });
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || first.at < this.#timerAt) {
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#timerAt = Number.POSITIVE_INFINITY;
    }
    // A timer that comes too early only looks and is set again: cheaper than moving it whenever the first alarm goes.
    if (first !== undefined && this.#timer === undefined) {
      this.#timerAt = first.at;
      this.#timer = clock.after(first.at - clock.now(), this.#ring);
    }
  }

  readonly #ring = (): void => {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = clock.now();
    scheduler.turned(now);
    for (let due = this.#heap[0]; due !== undefined && due.at <= now; due = this.#heap[0]) {
      this.clear(due);
      due.ring();
    }
    this.#arm();
  };

  #up(from: number, alarm: Alarm): void {
    const heap = this.#heap;
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (!before(alarm, above)) break;
      heap[i] = above;
      above.place = i;
      i = parent;
    }
    heap[i] = alarm;
    alarm.place = i;
  }

  #down(from: number, alarm: Alarm): void {
    const heap = this.#heap;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      const below = heap[child];
      if (!before(below, alarm)) break;
      heap[i] = below;
      below.place = i;
      i = child;
    }
    heap[i] = alarm;
    alarm.place = i;
  }
}

export const alarms = new Alarms();
