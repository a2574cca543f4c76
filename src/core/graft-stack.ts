import { bare } from './bare.js';
import { CancelledError } from './errors.js';

const grafted = new WeakSet<Error>();

/**
 * Adds the frames of this line to the stack of an error that is about to be thrown into them: what waits has no frames of its own in an error that was
 * made elsewhere. Once an error, and not to a cancellation, which is shared by all that it cancels.
 *
 * @param below Frames above this function are left out.
 * @returns The error.
 */
export function graftStack<E>(error: E, below: (...args: never[]) => unknown): E {
  if (!(error instanceof Error) || grafted.has(error) || error instanceof CancelledError || typeof error.stack !== 'string') return error;
  grafted.add(error);
  const here: { stack?: string } = bare({});
  Error.captureStackTrace(here, below);
  const frames = here.stack?.slice(here.stack.indexOf('\n') + 1);
  // Of an error that is frozen it stays as it was.
  if (frames) Reflect.set(error, 'stack', `${error.stack}\n    --- awaited in ---\n${frames}`);
  return error;
}
