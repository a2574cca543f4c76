import { onAbort } from '../../core/index.js';

/**
 * Waits for what may not be possible to cancel.
 *
 * Cancelling: when `signal` aborts it rejects with its reason; what it waited for goes on.
 */
export function unlessAborted<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).then(release);
  });
}
