import { QueueClosedError } from '../../core/index.js';
import { type Future, watchFuture } from '../../futures/index.js';
import type { WaitLimits } from '../connection/limits.js';
import { NotLoaded, type Packed, unpack } from '../connection/packed.js';

/** What the iterator needs of its queue. */
export const take: unique symbol = Symbol('take');
export const putBack: unique symbol = Symbol('putBack');

interface Source {
  [take](most: number, limits: WaitLimits): Future<Packed[]>;
  [putBack](payloads: readonly Packed[]): void;
}

/** What is in a queue, for `for await`. Items are fetched together, and unpacked when it is their turn. */
export class ProcessQueueItems<T> implements AsyncIterableIterator<T> {
  readonly #queue: Source;
  readonly #prefetch: number;
  readonly #limits: WaitLimits;
  #fetched: Packed[] = [];
  #at = 0;
  /** Those who called `next()` before the former one was there wait here, one behind the other. */
  #last: Promise<unknown> | undefined = undefined;
  #fetching: Future<Packed[]> | undefined = undefined;
  /** Asked for while there is still something to come to. */
  #ahead: Future<Packed[]> | undefined = undefined;
  #isOver = false;

  constructor(queue: Source, prefetch: number, limits: WaitLimits) {
    this.#queue = queue;
    this.#prefetch = prefetch;
    this.#limits = limits;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#last === undefined && this.#at < this.#fetched.length) return this.#come();
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
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.state === 'fulfilled') left.push(...ahead.result());
    else ahead?.cancel();
    this.#fetched = [];
    this.#at = 0;
    if (left.length > 0) this.#queue[putBack](left);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** So that the next ones are on their way while these are worked on; never more than `prefetch` together. Not where each step has its time. */
  #lookAhead(): void {
    const left = this.#fetched.length - this.#at;
    if (this.#ahead !== undefined || left > this.#prefetch / 2 || this.#isOver || this.#limits.timeout !== undefined) return;
    this.#ahead = this.#queue[take](this.#prefetch - left, this.#limits);
    watchFuture(this.#ahead, looked); // a failure is told at its turn
  }

  /** To the next one of those that were fetched. */
  #come(): Promise<IteratorResult<T>> {
    try {
      const item = this.#fetched[this.#at++];
      const value = unpack(item);
      if (this.#prefetch > 1) this.#lookAhead();
      if (!(value instanceof NotLoaded)) return Promise.resolve({ done: false, value: value as T });
      return value.load.then(() => ({ done: false, value: unpack(item) as T }));
    } catch (error) {
      return Promise.reject(error); // this one cannot be read here
    }
  }

  async #step(): Promise<IteratorResult<T>> {
    if (this.#at >= this.#fetched.length) {
      if (this.#isOver) return { done: true, value: undefined };
      try {
        this.#fetching = this.#ahead ?? this.#queue[take](this.#prefetch, this.#limits);
        this.#ahead = undefined;
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
    return this.#come();
  }
}

function looked(): void {}
