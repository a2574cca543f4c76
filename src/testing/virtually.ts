import { clock, useClock, VirtualClock } from '../core/index.js';
import { withTaskGroup } from '../tasks/index.js';

/** A check that has not ended by then, in ms of the virtual clock, waits for something that will never come. */
const LIMIT = 1e9;
/** So many turns of the event loop are enough for everything that was cut off to end. */
const TURNS = 20;

let last: Promise<void> = Promise.resolve();

/**
 * Runs a check in a group of its own on a virtual clock: the same way every time, and at once. One after another, since the clock is one for all.
 *
 * @throws what the check throws; or an error that says that it is stuck.
 */
export function virtually(check: () => Promise<void>): Promise<void> {
  const done = last.then(() => alone(check));
  last = done.catch(() => undefined);
  return done;
}

async function alone(check: () => Promise<void>): Promise<void> {
  const real = clock;
  const restore = useClock(new VirtualClock());
  let stop = (): void => undefined;
  try {
    const root = withTaskGroup(check);
    const stuck = new Promise<never>((_, reject) => {
      const timer = clock.after(LIMIT, () => reject(new Error('the check is stuck: somebody waits for what will never come')));
      stop = () => timer.cancel();
    });
    try {
      await Promise.race([root, stuck]);
    } finally {
      stop();
      root.cancel();
      for (let i = 0; i < TURNS; i++) await new Promise<void>((resolve) => real.soon(resolve));
    }
  } finally {
    restore();
  }
}
