import { currentRunning, type Running } from '../../core/index.js';
import { cancellation } from '../../futures/index.js';

/** Why nothing may be taken here: a task that was cancelled does not get to see what it waits for, so nobody would give it back. */
export function cancelled(running: Running | undefined = currentRunning()): Error | undefined {
  return running?.untilCancelled !== undefined && running.mustStop?.() && running.signal.aborted
    ? cancellation(running.signal.reason)
    : undefined;
}
