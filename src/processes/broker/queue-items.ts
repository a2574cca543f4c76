import { QueueClosedError } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import type { WaitLimits } from '../connection/limits.js';
import { Loading, type Payload, unpack } from './payload.js';

/** What the iterator needs of its queue. */
export const take: unique symbol = Symbol('take');
export const putBack: unique symbol = Symbol('putBack');

interface Source {
  [take](most: number, limits: WaitLimits): Future<Payload[]>;
  [putBack](payloads: readonly Payload[]): void;
}

/** What is in a queue, for `for await`. Items are fetched together, and unpacked when it is their turn. */
export class ProcessQueueItems<T> implements AsyncIterableIterator<T> {
  readonly #queue: Source;
  readonly #prefetch: number;
  readonly #limits: WaitLimits;
  #fetched: Payload[] = [];
  #at = 0;
  /** Those who called `next()` before the former one was there wait here, one behind the other. */
  #last: Promise<unknown> | undefined = undefined;
  #fetching: Future<Payload[]> | undefined = undefined;
  #isOver = false;

  constructor(queue: Source, prefetch: number, limits: WaitLimits) {
    this.#queue = queue;
    this.#prefetch = prefetch;
    this.#limits = limits;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#last === undefined && this.#at < this.#fetched.length) {
      const value = unpack(this.#fetched[this.#at++]);
      if (!(value instanceof Loading)) return Promise.resolve({ done: false, value: value as T });
      return value.value.then((loaded) => ({ done: false, value: loaded as T }));
    }
    const before = this.#last;
    const mine = (
      before === undefined
        ? this.#step()
        : before.then(
            () => this.#step(),
            () => this.#step(),
          )
    ).finally(() => {
      if (this.#last === mine) this.#last = undefined;
    });
    this.#last = mine;
    return mine;
  }

  /** The loop was left: what was fetched and not come to goes back to the head of the queue. */
  async return(): Promise<IteratorResult<T>> {
    this.#isOver = true;
    this.#fetching?.cancel();
    const left = this.#fetched.slice(this.#at);
    this.#fetched = [];
    this.#at = 0;
    if (left.length > 0) this.#queue[putBack](left);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #step(): Promise<IteratorResult<T>> {
    if (this.#at >= this.#fetched.length) {
      if (this.#isOver) return { done: true, value: undefined };
      try {
        this.#fetching = this.#queue[take](this.#prefetch, this.#limits);
        this.#fetched = await this.#fetching;
        this.#at = 0;
      } catch (error) {
        if (error instanceof QueueClosedError) this.#isOver = true;
        if (this.#isOver) return { done: true, value: undefined };
        throw error;
      } finally {
        this.#fetching = undefined;
      }
    }
    const value = unpack(this.#fetched[this.#at++]);
    return { done: false, value: (value instanceof Loading ? await value.value : value) as T };
  }
}
