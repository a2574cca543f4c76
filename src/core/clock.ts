import { outside } from './context.js';

/** A timer that can be taken back. */
export interface Timer {
  cancel(): void;
}

/** The seam for time: nothing else in `src` names a timer or a clock, so a test can replace them all here. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  now(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /**
   * Runs `fn` once, `ms` from now, in no async context. A `weak` timer does not keep the process
   * alive.
   */
  after(ms: number, fn: () => void, weak?: boolean): Timer;
  /** Runs `fn` in the next turn of the event loop, after IO has had its chance. */
  soon(fn: () => void): void;
}

/** The longest delay that Node's timers take; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

class RealTimer implements Timer {
  #handle: NodeJS.Timeout;

  constructor(at: number, ms: number, fn: () => void, weak: boolean) {
    const wait = (left: number): NodeJS.Timeout => {
      const handle =
        left > LONGEST
          ? setTimeout(() => {
              this.#handle = wait(at + ms - performance.now());
            }, LONGEST)
          : setTimeout(fn, left);
      return weak ? handle.unref() : handle;
    };
    this.#handle = wait(ms);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, fn, weak = false) => outside(() => new RealTimer(performance.now(), Math.max(0, ms), fn, weak)),
  soon: (fn) => {
    setImmediate(fn);
  },
};

/** The clock in force. */
export let clock: Clock = realClock;

/** Puts another clock in force and returns a function that brings the former one back. */
export function useClock(other: Clock): () => void {
  const former = clock;
  clock = other;
  return () => {
    clock = former;
  };
}
