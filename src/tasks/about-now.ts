import { type Clock, clock } from '../core/index.js';
import { scheduler } from './scheduler.js';

/** How exact it is, in ms. */
const TICK = 20;

/** The clock that is looked at every now and then; `undefined` while nothing begins to wait. */
let ticking: Clock | undefined;
let asked = false;

/**
 * About what time it is, in whole ms, for a wait that begins. A look at the clock would cost as much as the wait: a weak timer looks for all of them, as long as there are
 * any, and sleeps while the process does.
 */
export function aboutNow(): number {
  asked = true;
  if (ticking !== clock) tick(clock);
  return scheduler.coarse;
}

function tick(on: Clock): void {
  ticking = on;
  asked = false;
  // Either this is the timer, or it has come since anything began to wait: the loop has had a turn.
  scheduler.turned(on.now());
  on.after(TICK, () => again(on), true);
}

function again(on: Clock): void {
  if (ticking !== on) return; // another clock is in force by now
  if (asked) tick(on);
  else ticking = undefined;
}
