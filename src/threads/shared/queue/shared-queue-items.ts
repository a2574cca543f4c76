import { QueueClosedError } from '../../../core/index.js';
import { refused } from '../../../futures/index.js';
import { cancelled } from '../cancelled.js';
import { unpack } from '../codec/codec.js';
import { later } from '../waiting.js';
import type { QueueCore } from './queue-core.js';
import { GetWaiting } from './queue-waiting.js';

/** A `get` that ends quietly when there will be no more. */
class Step<T> extends GetWaiting {
  override outcome(): IteratorResult<T> {
    try {
      return { done: false, value: super.outcome() as T };
    } catch (error) {
      if (error instanceof QueueClosedError) return { done: true, value: undefined };
      throw error;
    }
  }
}

/** What is in a queue, for `for await`. */
export class SharedQueueItems<T> implements AsyncIterableIterator<T> {
  readonly #core: QueueCore;

  constructor(core: QueueCore) {
    this.#core = core;
  }

  next(): Promise<IteratorResult<T>> {
    const stopped = cancelled();
    if (stopped !== undefined) return refused(stopped);
    try {
      const packed = this.#core.tryGet();
      if (packed !== undefined) return Promise.resolve({ done: false, value: unpack(packed) as T });
    } catch (error) {
      if (error instanceof QueueClosedError) return Promise.resolve({ done: true, value: undefined });
      return refused(error as Error);
    }
    return later(new Step<T>('next() of a SharedQueue', this.#core), undefined) as Promise<IteratorResult<T>>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
