import { flag, limit, mustBe, readOptions, stays, travels } from '../../core/index.js';
import { currentScope } from '../current.js';
import { NotHeldError, QueueClosedError } from '../errors.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import { Waiters } from '../waiters.js';
import { FifoStore, type ItemStore } from './item-store.js';
import { QueueItems, stepLater, stepNow } from './queue-items.js';

/** What becomes of the items in a queue that is closed. */
export interface CloseOptions {
  /** Take them out and return them, instead of leaving them to those who still ask. Default: false. */
  discard?: boolean;
}

const table = { discard: flag };

/**
 * A bounded queue between tasks: who puts into a full one waits, and so does who gets from an empty one. First in, first out, for items and for those who
 * wait; an item goes from hand to hand, and nobody gets in between.
 *
 * Cancelling: `put`, `get`, `join` and each step of `for await` are cancellation points. Who was handed an item has it, and what was taken in stays, also if a cancellation comes in
 * the same turn. A `put` or `get` that was cut off has done nothing.
 *
 * @example
 * ```ts run
 * import { Queue, withTaskGroup } from 'meantime/tasks';
 *
 * const queue = new Queue<number>(2);
 * const seen: number[] = [];
 * await withTaskGroup(async (group) => {
 *   group.spawn(async () => {
 *     for await (const n of queue) seen.push(n);
 *   });
 *   for (let n = 0; n < 5; n++) await queue.put(n);
 *   queue.close();
 * });
 * seen; // => [0, 1, 2, 3, 4]
 * ```
 */
export class Queue<T> {
  readonly #capacity: number;
  readonly #items: ItemStore<T>;
  // While one of these has somebody in it the queue is empty, or full: so nobody who comes later can get in between.
  readonly #getters = new Waiters();
  readonly #putters = new Waiters();
  readonly #joiners = new Waiters();
  #unfinished = 0;
  #closed = false;

  /**
   * @param capacity How many items it holds at most: has to be said, also if it is `Infinity`.
   * @throws {OptionError} unless it is a whole number from 1, or Infinity.
   */
  constructor(capacity: number);
  /** @internal */
  constructor(capacity: number, items: ItemStore<T>);
  constructor(capacity: number, items: ItemStore<T> = new FifoStore<T>()) {
    mustBe(new.target.name, limit, capacity);
    this.#capacity = capacity;
    this.#items = items;
  }

  /** How many items it holds at most. */
  get capacity(): number {
    return this.#capacity;
  }

  /** How many items are in it. What those hold who wait to put is not. */
  get size(): number {
    return this.#items.size;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many wait to put. */
  get putting(): number {
    return this.#putters.size;
  }

  /** How many wait to get. */
  get getting(): number {
    return this.#getters.size;
  }

  /**
   * Puts an item, at once or when there is room and its turn comes.
   *
   * Cancelling: a cancellation point.
   *
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed, or is while this waits: the item is not in it then.
   */
  put(item: T): Awaitable<void> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#closed) return refused(this.#refusal('put an item into'));
    if (this.#accept(item)) return ready(undefined);
    const wait = new Wait<void>('queue.put', scope);
    wait.data = item;
    this.#putters.push(wait as Wait<unknown>);
    return wait.handle();
  }

  /**
   * Puts an item if there is room.
   *
   * @returns `false` if there is none.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed.
   */
  tryPut(item: T): boolean {
    if (this.#closed) throw this.#refusal('put an item into');
    return this.#accept(item);
  }

  /**
   * Takes the next item, at once or when one comes and it is its turn.
   *
   * Cancelling: a cancellation point.
   *
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed and empty, or becomes so while this waits.
   */
  get(): Awaitable<T> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#items.size > 0) return ready(this.#take());
    if (this.#closed) return refused(this.#refusal('get an item from'));
    const wait = new Wait<T>('queue.get', scope);
    this.#getters.push(wait as Wait<unknown>);
    return wait.handle();
  }

  /**
   * Takes the next item if there is one.
   *
   * @returns `undefined` if there is none.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed and empty.
   */
  tryGet(): T | undefined {
    if (this.#items.size > 0) return this.#take();
    if (this.#closed) throw this.#refusal('get an item from');
    return undefined;
  }

  /**
   * Takes nothing more. Those who wait to put are refused; those who get are given what is still in it, and then refused too. A queue may be closed more than once.
   *
   * @returns What was in it, with `{ discard: true }`: it counts as done for `join`. Else nothing.
   * @throws {OptionError} for an unknown option.
   */
  close(options?: CloseOptions): T[] {
    const { discard = false } = readOptions('queue.close', options, table);
    this.#closed = true;
    failAll(this.#putters, () => this.#refusal('put an item into'));
    failAll(this.#getters, () => this.#refusal('get an item from'));
    const left: T[] = [];
    if (discard) {
      while (this.#items.size > 0) left.push(this.#items.take());
      this.#finished(left.length);
    }
    return left;
  }

  /**
   * Says that one of the items that were taken out has been dealt with: for `join`.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if it is called more often than items were put.
   */
  taskDone(): void {
    if (this.#unfinished === 0)
      throw new NotHeldError('taskDone() was called more often than items were put. Expected one call for each item');
    this.#finished(1);
  }

  /**
   * Waits until every item that was put has been dealt with, as `taskDone` tells.
   *
   * Cancelling: a cancellation point.
   */
  join(): Awaitable<void> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#unfinished === 0) return ready(undefined);
    const wait = new Wait<void>('queue.join', scope);
    this.#joiners.push(wait as Wait<unknown>);
    return wait.handle();
  }

  /**
   * Every item that comes, until the queue is closed and empty. Several may iterate over one queue: each item goes to one of them.
   *
   * Cancelling: each step is a cancellation point.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new QueueItems(this);
  }

  /**
   * The next item, or the end; `undefined` if that is not known yet.
   *
   * @internal
   */
  [stepNow](): IteratorResult<T> | undefined {
    if (this.#items.size > 0) return { done: false, value: this.#take() };
    return this.#closed ? { done: true, value: undefined } : undefined;
  }

  /** @internal */
  [stepLater](wait: Wait<unknown>): void {
    this.#getters.push(wait);
  }

  #accept(item: T): boolean {
    const getter = this.#getters.first;
    if (getter !== undefined) getter.fulfil(item);
    else if (this.#items.size < this.#capacity) this.#items.add(item);
    else return false;
    this.#unfinished++;
    return true;
  }

  /** The next item; there is room for one more then. */
  #take(): T {
    const item = this.#items.take();
    for (let putter = this.#putters.first; putter !== undefined; putter = this.#putters.first) {
      try {
        this.#items.add(putter.data as T);
      } catch (error) {
        putter.fail(error); // it cannot be compared with the others: the next one has its place
        continue;
      }
      this.#unfinished++;
      putter.fulfil(undefined);
      break;
    }
    return item;
  }

  #finished(items: number): void {
    // Of what is discarded some may have been called done before it was taken out.
    this.#unfinished = Math.max(0, this.#unfinished - items);
    if (this.#unfinished > 0) return;
    for (let first = this.#joiners.first; first !== undefined; first = this.#joiners.first) first.fulfil(undefined);
  }

  #refusal(what: string): QueueClosedError {
    return new QueueClosedError(`Cannot ${what} this queue: it is closed${what.startsWith('get') ? ' and empty' : ''}`);
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('a Queue, which is for the tasks of one thread', 'between threads use SharedQueue, between processes ProcessQueue');
  }
}

function failAll(waiters: Waiters, error: () => Error): void {
  for (let first = waiters.first; first !== undefined; first = waiters.first) first.fail(error());
}
