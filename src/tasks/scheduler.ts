import { clock, Deque } from '../core/index.js';
import { told } from './told.js';

/** Something that is to go on. */
export interface Runnable {
  /** Whose it is, if it is not itself a task. */
  readonly scope: object | undefined;
  resume(): void;
}

/** The longest that ready work keeps timers and IO from their turn, in ms. */
const SLICE = 5;
/** After how many steps, at most, the clock is looked at: looking costs as much as a short step. */
const STEPS = 64;
const now = Promise.resolve();

/** Which of so many ready steps is next, counted from the oldest: for whoever explores the orders that are possible. */
export type Order = (ready: number) => number;

/**
 * The one queue of all that is ready to go on, first in, first out, in a microtask. Every few ms it lets the event loop have a turn, so that timers and IO do not starve
 * though everything is always ready.
 */
class Scheduler {
  /** The time of the last look at the clock, in whole ms (a fraction would cost each wait that keeps it another object): good enough to say since when something waits. */
  coarse = 0;
  #ready = new Deque<Runnable>();
  #asked = false;
  #steps = 1;
  #stride = 1;
  #turn = 0;
  /** Whether something waits for the next turn of the loop, to tell it from this one. */
  #isMarked = false;
  /** Between the end of a slice and the next turn of the loop nothing goes on. */
  #pausing = false;
  #order: Order | undefined = undefined;

  push(item: Runnable): void {
    this.#ready.push(item);
    if (this.#asked) return;
    this.#asked = true;
    if (!this.#isMarked) this.#look();
    if (!this.#pausing) this.#ask();
  }

  /** What is to go on, the next one first. */
  get ready(): Iterable<Runnable> {
    return this.#ready;
  }

  /**
   * Called by what could go on at once. `true` if it must wait its turn in the queue: the slice is used up, or somebody explores what could happen then.
   */
  spent(): boolean {
    return (--this.#steps <= 0 ? this.#look() : this.#pausing) || this.#order !== undefined;
  }

  /** About what time it is, in whole ms: for a wait that begins, a look at the clock would cost as much as the wait. */
  time(): number {
    if (!this.#isMarked) this.#look();
    return this.coarse;
  }

  /** The event loop has just had a turn. */
  turned(at: number): void {
    this.coarse = this.#turn = Math.floor(at);
    this.#steps = this.#stride = 1;
  }

  /** Puts an order in force; gives a function that brings the former one back. */
  useOrder(order: Order | undefined): () => void {
    const former = this.#order;
    this.#order = order;
    this.turned(clock.now()); // what was before must not matter for what comes
    return () => {
      this.#order = former;
    };
  }

  #ask(): void {
    if (this.#order) clock.soon(this.#pick);
    else now.then(this.#flush);
  }

  readonly #flush = (): void => {
    let isOrderly = false;
    try {
      for (let item = this.#ready.shift(); item !== undefined; item = this.#ready.shift()) {
        item.resume();
        if (this.#pausing || (--this.#steps <= 0 && this.#look())) {
          isOrderly = true;
          return;
        }
      }
      isOrderly = true;
      this.#asked = false;
    } finally {
      if (!isOrderly) this.#ask(); // something threw, and is reported as uncaught; everybody else goes on
    }
  };

  /** With an order of its own each step has a turn of the loop to itself, so that all it causes is ready before the next is chosen. */
  readonly #pick = (): void => {
    const { size } = this.#ready;
    const chosen = this.#order ? Math.min(Math.max(0, Math.trunc(this.#order(size))), size - 1) : 0;
    const before: Runnable[] = [];
    for (let i = 0; i < chosen; i++) before.push(this.#ready.shift() as Runnable);
    const item = this.#ready.shift();
    while (before.length > 0) this.#ready.unshift(before.pop() as Runnable);
    try {
      item?.resume();
    } finally {
      this.#asked = this.#ready.size > 0;
      if (this.#asked && !this.#pausing) this.#ask();
    }
  };

  #look(): boolean {
    told.look();
    const now = Math.floor(clock.now());
    const passed = now - this.coarse;
    this.coarse = now;
    if (!this.#isMarked) {
      // The first look in this turn of the loop: whatever has passed since the last one was no work of ours.
      this.#isMarked = true;
      this.#turn = now;
      clock.soon(this.#newTurn);
    } else {
      // The longer the steps, the fewer until the next look.
      this.#stride = passed > 1 ? Math.max(1, Math.floor(this.#stride / passed)) : Math.min(STEPS, 2 * this.#stride);
      if (now - this.#turn >= SLICE) this.#pausing = true;
    }
    this.#steps = this.#stride;
    return this.#pausing;
  }

  readonly #newTurn = (): void => {
    this.#isMarked = false;
    this.turned(clock.now());
    if (!this.#pausing) return;
    this.#pausing = false;
    if (this.#asked) this.#ask();
  };
}

export const scheduler = new Scheduler();
