import { flag, mustBe, type Parcel, QueueClosedError, readOptions, type Traveller, travels, whole } from '../../core/index.js';
import { deliveringSource, type Future, FutureSource, refused } from '../../futures/index.js';
import type { Words } from './atomics.js';
import { cancelled } from './cancelled.js';
import { pack, unpack } from './codec/codec.js';
import { MOST_ITEMS, PAGE_BYTES, wordsOf } from './queue/layout.js';
import { QueueCore, shape } from './queue/queue-core.js';
import { GetWaiting, JoinWaiting, PutWaiting } from './queue/queue-waiting.js';
import { SharedQueueItems } from './queue/shared-queue-items.js';
import { spinning } from './queue/spinning.js';
import { type BlockLimits, block, later, mayBlock, type WaitLimits } from './waiting.js';

/** What a queue may take. */
export interface SharedQueueOptions {
  /**
   * The most bytes of items that do not fit into their cells, which are those over 244 bytes; one by one and all together. The memory is reserved, and used as it is needed.
   * Default: 64 MB.
   */
  maxBytes?: number;
}

/** What becomes of the items in a queue that is closed. */
export interface SharedQueueCloseOptions {
  /** Take them out and return them, instead of leaving them to those who still ask. Default: false. */
  discard?: boolean;
}

const closeTable = { discard: flag };
const table = { maxBytes: whole(PAGE_BYTES, 2 ** 30 - PAGE_BYTES) };
const items = whole(1, MOST_ITEMS);
const MAX_BYTES = 64 * 2 ** 20;
const FIRST_BYTES = 64 * PAGE_BYTES;

interface Parts {
  cells: SharedArrayBuffer;
  pages: SharedArrayBuffer;
}

const finished = (() => {
  const source = new FutureSource<void>();
  source.fulfil(undefined);
  return source.future;
})();

/**
 * A bounded queue that threads share: any number of them put, any number get. Pass it as an argument, alone or inside of other values: it arrives as itself. Each item
 * goes to one of those who ask, as a copy, as structured clone would make it; errors keep their class. What is more than its bytes (shared memory, a lock, another queue) cannot go
 * through a queue: pass it as an argument.
 *
 * First in, first out: for the items, and for those who wait, whether they block or await. Who comes while somebody waits stands behind. A thread that dies takes with it
 * what it was just putting or taking, and nothing else: the queue stays whole.
 *
 * Cancelling: `put`, `get`, `join` and each step of `for await` are taken back. What was cut off has done nothing.
 *
 * @example
 * ```ts run
 * import { SharedQueue, toThread } from 'meantime/threads';
 *
 * const queue = new SharedQueue<{ n: number }>(100);
 * const sum = toThread((queue: SharedQueue<{ n: number }>) => {
 *   let sum = 0;
 *   for (const { n } of queue) sum += n;
 *   return sum;
 * }, queue);
 * for (let n = 1; n <= 1000; n++) await queue.put({ n });
 * queue.close();
 * await sum; // => 500500
 * ```
 */
export class SharedQueue<T> implements Traveller {
  readonly #core: QueueCore;

  /**
   * @param capacity How many items it holds at most: a whole number from 1 to 1,048,576. 256 bytes are needed for each.
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  constructor(capacity: number, options?: SharedQueueOptions);
  /** @internal */
  constructor(parts: Parts);
  constructor(from: number | Parts, options?: SharedQueueOptions) {
    if (typeof from === 'object' && from !== null && from.cells instanceof SharedArrayBuffer) {
      this.#core = new QueueCore(new Int32Array(from.cells), from.pages);
      return;
    }
    mustBe('SharedQueue', items, from);
    const capacity = from as number;
    const { maxBytes = MAX_BYTES } = readOptions('SharedQueue', options, table);
    const pages = Math.ceil(maxBytes / PAGE_BYTES);
    const maxByteLength = pages * PAGE_BYTES;
    const cells: Words = new Int32Array(new SharedArrayBuffer(wordsOf(capacity, pages) * 4));
    shape(cells, capacity, pages);
    this.#core = new QueueCore(cells, new SharedArrayBuffer(Math.min(FIRST_BYTES, maxByteLength), { maxByteLength }));
  }

  /** How many items it holds at most. */
  get capacity(): number {
    return this.#core.ring.capacity;
  }

  /** How many items are in it, as of now; those that are just being put among them. */
  get size(): number {
    return this.#core.ring.size;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#core.ring.closed;
  }

  /** How many wait to put, in all threads, as of now. */
  get putting(): number {
    return this.#core.putters.size;
  }

  /** How many wait to get, in all threads, as of now. */
  get getting(): number {
    return this.#core.getters.size;
  }

  /**
   * Puts an item, at once or when there is room and its turn comes. It is copied now: what is done to it afterwards is not seen.
   *
   * Cancelling: takes the wait back; the item is not in the queue then.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws {NotCloneableError} code `MEANTIME_NOT_CLONEABLE`, at once, if it cannot travel.
   * @throws {TooLargeError} code `MEANTIME_TOO_LARGE`, if it is over `maxBytes`.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed, or is while this waits.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  put(item: T, options?: WaitLimits): Future<void> {
    const stopped = cancelled();
    if (stopped !== undefined) return refused(stopped);
    try {
      const packed = pack(item);
      if (options === undefined && this.#core.tryPut(packed)) return finished;
      this.#core.mustFit(packed);
      return later(new PutWaiting('put() of a SharedQueue', this.#core, packed), options);
    } catch (error) {
      return refused(error as Error);
    }
  }

  /**
   * Puts an item, and blocks this thread until it is in.
   *
   * @param options `timeout` in ms; `blockMain` allows it on the main thread.
   * @throws what `put` rejects with.
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   */
  putSync(item: T, options?: BlockLimits): void {
    const timeout = mayBlock('putSync() of a SharedQueue', options);
    const packed = pack(item);
    if (this.#core.tryPut(packed)) return;
    if (spinning(() => this.#core.putters.isEmpty && this.#core.ring.mayPut) && this.#core.tryPut(packed)) return;
    block(new PutWaiting('putSync() of a SharedQueue', this.#core, packed), timeout);
  }

  /**
   * Puts an item if there is room, and nobody waits to put one.
   *
   * @returns `false` if it did not.
   * @throws {NotCloneableError} code `MEANTIME_NOT_CLONEABLE`, if it cannot travel.
   * @throws {TooLargeError} code `MEANTIME_TOO_LARGE`, if it is over `maxBytes`.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed.
   */
  tryPut(item: T): boolean {
    return this.#core.tryPut(pack(item));
  }

  /**
   * Takes the next item, at once or when one comes and it is its turn.
   *
   * Cancelling: takes the wait back; what comes is somebody else's.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed and empty, or becomes so while this waits.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  get(options?: WaitLimits): Future<T> {
    const stopped = cancelled();
    if (stopped !== undefined) return refused(stopped);
    try {
      const packed = options === undefined ? this.#core.tryGet() : undefined;
      if (packed === undefined) return later(new GetWaiting('get() of a SharedQueue', this.#core), options) as Future<T>;
      const source = deliveringSource<T>();
      source.fulfil(unpack(packed) as T);
      return source.future;
    } catch (error) {
      return refused(error as Error);
    }
  }

  /**
   * Takes the next item, and blocks this thread until there is one.
   *
   * @param options `timeout` in ms; `blockMain` allows it on the main thread.
   * @throws what `get` rejects with.
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   */
  getSync(options?: BlockLimits): T {
    const timeout = mayBlock('getSync() of a SharedQueue', options);
    let packed = this.#core.tryGet();
    if (packed === undefined && spinning(() => this.#core.getters.isEmpty && this.#core.ring.mayGet)) packed = this.#core.tryGet();
    if (packed !== undefined) return unpack(packed) as T;
    return block(new GetWaiting('getSync() of a SharedQueue', this.#core), timeout) as T;
  }

  /**
   * Takes the next item if there is one, and nobody waits for one.
   *
   * @returns `undefined` if it did not.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed and empty.
   */
  tryGet(): T | undefined {
    const packed = this.#core.tryGet();
    return packed === undefined ? undefined : (unpack(packed) as T);
  }

  /**
   * Takes nothing more. Those who wait to put are refused; those who get are given what is still in it, and then refused too. A queue may be closed more than once, by
   * anybody.
   *
   * @returns What was in it, with `{ discard: true }`: it counts as done for `join`. Else nothing.
   * @throws {OptionError} for an unknown option.
   */
  close(options?: SharedQueueCloseOptions): T[] {
    const { discard = false } = readOptions('queue.close', options, closeTable);
    this.#core.close();
    const left: T[] = [];
    if (!discard) return left;
    try {
      for (let packed = this.#core.tryGet(); packed !== undefined; packed = this.#core.tryGet()) {
        left.push(unpack(packed) as T);
        this.#core.taskDone();
      }
    } catch (error) {
      if (!(error instanceof QueueClosedError)) throw error; // it is empty now
    }
    return left;
  }

  /**
   * Says that one of the items that were taken out has been dealt with: for `join`.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if it is called more often than items were put.
   */
  taskDone(): void {
    this.#core.taskDone();
  }

  /**
   * Waits until every item that was put has been dealt with, as `taskDone` tells. An item that a thread takes with it when it dies, before it has it, counts as dealt with;
   * one that it had does not.
   *
   * Cancelling: takes the wait back.
   *
   * @param options `timeout` in ms, `signal`.
   */
  join(options?: WaitLimits): Future<void> {
    return later(new JoinWaiting('join() of a SharedQueue', this.#core), options);
  }

  /**
   * The same, blocking this thread.
   *
   * @param options `timeout` in ms; `blockMain` allows it on the main thread.
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  joinSync(options?: BlockLimits): void {
    const timeout = mayBlock('joinSync() of a SharedQueue', options);
    block(new JoinWaiting('joinSync() of a SharedQueue', this.#core), timeout);
  }

  /**
   * Every item that comes, until the queue is closed and empty. Several may iterate over one queue: each item goes to one of them.
   *
   * Cancelling: each step is taken back.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return new SharedQueueItems<T>(this.#core);
  }

  /**
   * The same for `for (const item of queue)`, which blocks this thread while there is none.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread.
   */
  *[Symbol.iterator](): IterableIterator<T> {
    for (;;) {
      let item: T;
      try {
        item = this.getSync();
      } catch (error) {
        if (error instanceof QueueClosedError) return;
        throw error;
      }
      yield item;
    }
  }

  /** @internal */
  [travels](): Parcel {
    const parts: Parts = { cells: this.#core.words.buffer, pages: this.#core.heap.memory };
    return { kind: 'threads/SharedQueue', parts, only: 'threads', instead: 'between processes use ProcessQueue' };
  }
}
