import { churn } from './data.mjs';

/** Holds the thread for `ms` and does nothing. */
export function sleepSync(ms) {
  return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A little work, then it stands still. */
export function workThenSleepSync(ms) {
  churn(1_000_000);
  return sleepSync(ms);
}
