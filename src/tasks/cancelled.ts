import { CancelledError, withStackLimit } from '../core/index.js';
import { debug } from './debug.js';

/**
 * The one error of a scope's cancellation. Without a stack except in debug mode: it is thrown where it lands, not where it was made, and capturing a stack is most of what cancelling costs.
 */
export function cancelled(why: string | undefined, reason: unknown): CancelledError {
  const text = why ?? (reason === undefined ? undefined : reason instanceof Error ? reason.message : String(reason));
  const make = () =>
    new CancelledError(
      text === undefined ? undefined : `This operation was cancelled: ${text}`,
      reason === undefined ? undefined : { reason, cause: reason },
    );
  return debug.on ? make() : withStackLimit(0, make);
}
