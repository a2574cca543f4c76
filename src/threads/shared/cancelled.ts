import { currentRunning } from '../../core/index.js';
import { cancellation } from '../../futures/index.js';

/** Why nothing may be begun here: in a task that was cancelled, what was taken would be lost. */
export function cancelled(): Error | undefined {
  const running = currentRunning();
  return running?.untilCancelled !== undefined && running.signal.aborted ? cancellation(running.signal.reason) : undefined;
}
