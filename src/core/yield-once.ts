import type { Coroutine } from './coroutine.js';
import { graftStack } from './graft-stack.js';

/** `yield* new YieldOnce(what)` gives `what` to the runtime, and is what the runtime gives back. Unlike a generator it knows the stack of those who wait when an error comes. */
export class YieldOnce {
  readonly #what: unknown;
  #given = false;

  constructor(what: unknown) {
    this.#what = what;
  }

  static of<T>(what: unknown): Coroutine<T> {
    return new YieldOnce(what) as unknown as Coroutine<T>;
  }

  next(value: unknown): IteratorResult<unknown, unknown> {
    if (this.#given) return { done: true, value };
    this.#given = true;
    return { done: false, value: this.#what };
  }

  throw(error: unknown): never {
    throw graftStack(error, this.throw);
  }

  return(value: unknown): IteratorResult<unknown, unknown> {
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
