import { CancelledError } from '../core/index.js';
import { debug } from './debug.js';

/**
 * The one error of a scope's cancellation. Without a stack except in debug mode: it is thrown where it lands, not where it was made, and capturing a stack is most of what cancelling costs.
 */
export function cancelled(why: string | undefined, reason: unknown): CancelledError {
  const text = why ?? (reason === undefined ? undefined : reason instanceof Error ? reason.message : String(reason));
  const limit = Error.stackTraceLimit;
  if (!debug.on) Error.stackTraceLimit = 0;
  try {
    return new CancelledError(
      text === undefined ? undefined : `This operation was cancelled: ${text}`,
      reason === undefined ? undefined : { reason, cause: reason },
    );
  } finally {
    Error.stackTraceLimit = limit;
  }
}
