import { isCoroutine } from './coroutine.js';
import { NotCallableError } from './errors.js';

/**
 * The check of every parameter that is a function, in every room.
 *
 * @param who The function that was called, for the message.
 * @throws {NotCallableError} with what was given instead of a function, and what to write.
 */
export function mustBeFunction(who: string, fn: unknown): asserts fn is (...args: never[]) => unknown {
  const error = notCallable(who, fn);
  if (error !== undefined) throw error;
}

/** The same error for a caller who is told by a rejected future. */
export function notCallable(who: string, fn: unknown): NotCallableError | undefined {
  return typeof fn === 'function' ? undefined : new NotCallableError(complaint(who, fn));
}

/** The functions that take the arguments of another one after it. */
const takesArguments = /\b(spawn|call|submit|stream|broadcast|start|toThread|toProcess)$/;

function complaint(who: string, value: unknown): string {
  const expected = `${who} expects a function`;
  const after = takesArguments.test(who) ? ', and its arguments after it' : '';
  if (isCoroutine(value)) {
    value.return(undefined); // it has not begun, and never will
    return `${expected}, got a generator object: the generator function was called. Pass the function itself${after}`;
  }
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function') {
    (value as PromiseLike<unknown>).then(undefined, () => undefined); // the error thrown here is told instead
    return `${expected}, got a promise: the async function was called. Pass the function itself${after}`;
  }
  return `${expected}, got ${value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${String(value)}`}`;
}
