import { bare, clock } from '../core/index.js';
import type { Origin } from './map-host.js';

/** A captured stack costs 2 µs, more than all the rest of a tiny call: within one window (ms) only the first few calls pay it. */
const WINDOW = 1;
const EXACT = 4;

let windowEnd = 0;
let captured = 0;
let shared: Origin = { stack: undefined };

/** Where the caller of `below` submits a call. In a burst, the later calls share the stack of an earlier one, which says so. */
export function originAbove(below: (...args: never[]) => unknown): Origin {
  const now = clock.now();
  if (now > windowEnd) {
    windowEnd = now + WINDOW;
    captured = 0;
  } else if (captured >= EXACT) return shared;
  const here: { stack: string | undefined } = { stack: undefined };
  Error.captureStackTrace(here, below);
  if (++captured === EXACT) shared = new BurstOrigin(here);
  return here;
}

class BurstOrigin implements Origin {
  readonly #one: Origin;

  constructor(one: Origin) {
    this.#one = one;
  }

  get stack(): string | undefined {
    return this.#one.stack?.replace(/^.*/, '(one of a burst of calls, another of which was submitted here)');
  }
}

/** An error may end many calls (a worker that cannot start); it is given one caller's stack, not all of them. */
const joined = new WeakSet<Error>();

/** Puts the stack of the submission below the one that came from the worker. */
export function joinStacks(error: unknown, origin: Origin): void {
  if (!(error instanceof Error) || typeof error.stack !== 'string' || joined.has(error)) return;
  if (typeof origin.stack !== 'string') return;
  joined.add(error);
  const [head, ...frames] = origin.stack.split('\n');
  const burst = head.startsWith('(') ? ` ${head}` : '';
  const stack = `${error.stack}\n    --- above: in the worker; below: where the call was submitted${burst} ---\n${frames.join('\n')}`;
  Object.defineProperty(error, 'stack', bare({ value: stack, configurable: true, writable: true }));
}
