import { clock, type Timer } from '../../core/index.js';

/** Longer than any process lives; renewed if not. In ms. */
const LONG = 2 ** 31 - 1;

let held = 0;
let timer: Timer | undefined;

function renew(): void {
  timer = clock.after(LONG, renew);
}

/**
 * Keeps the event loop alive until `release`. Sockets of connections never do: somebody who waits does, and a paused socket would not
 * even then.
 */
export function hold(): void {
  held++;
  if (held === 1 && timer === undefined) renew();
}

/** Takes back one `hold`. */
export function release(): void {
  held--;
  if (held > 0) return;
  timer?.cancel();
  timer = undefined;
}
