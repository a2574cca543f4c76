import { type Clock, clock, type Timer } from './clock.js';
import { Heap } from './heap.js';

interface Due extends Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
  cancelled: boolean;
}

/**
 * A clock that waits for nothing: when nothing else is left to do, it moves on to the next timer. Timers of the same instant fire in the order in which they were set,
 * each after everything that the one before it caused. A program on it runs the same way every time, as far as it waits for nothing real.
 */
export class VirtualClock implements Clock {
  readonly #real = clock;
  readonly #epoch: number;
  readonly #timers = new Heap<Due>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  #soon: (() => void)[] = [];
  #now = 0;
  #orders = 0;
  #live = 0;
  #pumping = false;

  /** @param epoch What `wall()` starts at, in ms since 1970. */
  constructor(epoch = 0) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#epoch + this.#now;
  }

  after(ms: number, fn: () => void, weak = false): Timer {
    const due: Due = {
      at: this.#now + Math.max(0, ms),
      order: this.#orders++,
      fn,
      cancelled: false,
      cancel: () => {
        if (due.cancelled) return;
        due.cancelled = true;
        if (!weak) this.#live--;
      },
    };
    if (!weak) this.#live++;
    this.#timers.push(due);
    this.#pump();
    return due;
  }

  soon(fn: () => void): void {
    this.#soon.push(fn);
    this.#pump();
  }

  /** One step for each turn of the real loop: by then all that the last one caused has run, however many promises it took. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    this.#real.soon(() => {
      this.#pumping = false;
      try {
        if (this.#soon.length > 0) this.#turn();
        else if (this.#isDue) this.#next();
      } finally {
        if (this.#soon.length > 0 || this.#isDue) this.#pump();
      }
    });
  }

  /** Time goes on for the sake of a timer that is not weak; a weak one fires when it has been brought so far. */
  get #isDue(): boolean {
    return this.#live > 0 || (this.#timers.peek()?.at ?? Number.POSITIVE_INFINITY) <= this.#now;
  }

  /** As with real ones, an error in one callback does not keep the others from running. */
  #turn(): void {
    const due = this.#soon;
    this.#soon = [];
    let ran = 0;
    try {
      for (const fn of due) {
        ran++;
        fn();
      }
    } finally {
      this.#soon.unshift(...due.slice(ran));
    }
  }

  #next(): void {
    let due = this.#timers.pop();
    while (due?.cancelled) due = this.#timers.pop();
    if (due === undefined) return;
    due.cancel();
    this.#now = Math.max(this.#now, due.at);
    due.fn();
  }
}
