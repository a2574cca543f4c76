import { isCoroutine } from '../core/index.js';
import { NotCallableError } from './errors.js';

/**
 * @param who What was called, for the message.
 * @throws {NotCallableError} with what was given instead of a function, and what to write.
 */
export function mustBeFunction(who: string, fn: unknown): void {
  if (typeof fn !== 'function') throw new NotCallableError(complaint(who, fn));
}

function complaint(who: string, value: unknown): string {
  const expected = `${who} expects a function`;
  const after = who === 'spawn' || who === 'call' ? ', and its arguments after it' : '';
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
