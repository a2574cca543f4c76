import type { Running } from '../core/index.js';
import type { Future, FutureCell } from './future.js';

/**
 * The end of a block that fails with this error: `cancelled` only by the cancellation of the future
 * that it waited for, or of the task that it is part of. By identity: an AbortError of somebody
 * else's, of a `fetch` for instance, is a failure, and would be swallowed as a cancellation.
 *
 * @param waited What it waited for, of ours.
 * @param running The task that it is part of.
 */
export function endOf(error: unknown, waited: Future<unknown> | undefined, running: Running | undefined): 'cancelled' | 'rejected' {
  if (waited?.state === 'cancelled' && (waited as unknown as FutureCell<unknown>).outcome === error) return 'cancelled';
  return running?.signal.aborted && running.signal.reason === error ? 'cancelled' : 'rejected';
}
