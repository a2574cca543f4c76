import { currentScope } from '../current.js';
import { QueueClosedError } from '../errors.js';
import type { Scope } from '../scope.js';
import { ready, refused, Wait } from '../wait.js';
import type { Queue } from './queue.js';

/** What the iterator needs of its queue. */
export const stepNow: unique symbol = Symbol('stepNow');
export const stepLater: unique symbol = Symbol('stepLater');

/** A `get` that ends quietly when there will be no more. */
class Step<T> extends Wait<IteratorResult<T>> {
  constructor(scope: Scope | undefined) {
    super('queue.get', scope);
  }

  override fulfil(value: unknown): boolean {
    return super.fulfil({ done: false, value: value as T });
  }

  override fail(error: unknown): boolean {
    return error instanceof QueueClosedError ? super.fulfil({ done: true, value: undefined }) : super.fail(error);
  }
}

/** What is in a queue, for `for await`. */
export class QueueItems<T> implements AsyncIterableIterator<T> {
  readonly #queue: Queue<T>;

  constructor(queue: Queue<T>) {
    this.#queue = queue;
  }

  next(): Promise<IteratorResult<T>> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    const now = this.#queue[stepNow]();
    if (now !== undefined) return ready(now);
    const step = new Step<T>(scope);
    this.#queue[stepLater](step as Wait<unknown>);
    return step.handle();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
