import { NotPortableError } from '../core/index.js';
import type { AnyFunction } from '../futures/index.js';
import { type FunctionRef, referenceOf } from '../wire/index.js';

/** A function, and how it gets to another process, or why it does not. */
export interface Travelling {
  readonly name: string;
  readonly ref: Promise<FunctionRef | NotPortableError>;
}

/** Has to be called while whoever handed the function over is on the stack: that is where its module is looked for. */
export function travelling(fn: AnyFunction): Travelling {
  const ref = (async () => {
    try {
      return await referenceOf(fn);
    } catch (error) {
      if (error instanceof NotPortableError) return error;
      throw error;
    }
  })();
  return { name: fn.name || 'anonymous', ref };
}
