import { currentRunning } from '../core/index.js';
import type { Future, FutureCell } from './future.js';

/** Ties a call to the task that made it: when the task is cancelled, so is the call. Outside of tasks nothing happens. */
export function cancelWithCaller<T>(future: Future<T>): Future<T> {
  const release = currentRunning()?.untilCancelled?.(future, (error) => {
    if (error !== undefined) future.cancel(error);
  });
  if (release !== undefined) (future as unknown as FutureCell<T>).passBy(release);
  return future;
}
