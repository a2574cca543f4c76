import type { FutureCell } from '../futures/index.js';
import type { Wait } from './wait.js';

/** Waits for a future without a promise. A wait that is cut off leaves it, and its later failure is nobody's. */
export function followFuture(wait: Wait<unknown>, future: FutureCell<unknown>): void {
  const settled = () => {
    if (future.state === 'fulfilled') wait.fulfil(future.outcome);
    else wait.fail(future.outcome);
  };
  wait.onCut = () => future.lookAway(settled);
  future.watch(settled);
}
