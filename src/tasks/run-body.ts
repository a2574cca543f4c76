import { isCoroutine, type KeptContext } from '../core/index.js';
import { step } from './current.js';
import { NotCallableError } from './errors.js';
import { Fiber } from './fiber.js';
import { orderly } from './orderly.js';
import type { Scope } from './scope.js';

/** Calls a body and tells its scope how it ends. The context is already the scope's. */
export function runBody(scope: Scope, fn: (...args: never[]) => unknown, args: unknown[], context?: KeptContext): void {
  // What a generator calls directly is not a part of its stepping: an async body gets promises.
  const former = step(undefined);
  try {
    const value: unknown = fn(...(args as never[]));
    if (isCoroutine(value)) new Fiber(scope, value, context).start();
    else if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function') {
      orderly(value as PromiseLike<unknown>).then(
        (result) => scope.bodyEnded(true, result),
        (error) => scope.bodyEnded(false, error),
      );
    } else if (isAsyncGenerator(value)) throw new NotCallableError(asyncGenerator(fn.name));
    else scope.bodyEnded(true, value);
  } catch (error) {
    scope.bodyEnded(false, error);
  } finally {
    step(former);
  }
}

const asyncGenerator = (name: string): string =>
  `${name || 'The function'} is an async generator function, which runs only as it is iterated. Expected an async, a generator or a plain function`;

const isAsyncGenerator = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object AsyncGenerator]';
