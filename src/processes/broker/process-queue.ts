import { bare, flag, letLeave, limit, mustBe, mustBeSaid, readOptions, some, TooLargeError, whole, without } from '../../core/index.js';
import { type Future, type FutureCell, FutureSource } from '../../futures/index.js';
import { begin, limitsTable, readLimits, type WaitLimits } from '../connection/limits.js';
import { NotLoaded, type Packed, type Parcelled, pack, unpack } from '../connection/packed.js';
import type { Receiver } from './access.js';
import { access, Handle } from './handle.js';
import { Here, type Origin } from './origin.js';
import { QueueBroker, QueueOp, QueueTell } from './queue-broker.js';
import { ProcessQueueItems, putBack, take } from './queue-items.js';
import { failed, later, request, whyNot } from './request.js';

/** The largest item, in bytes: several must fit into one message. */
const LARGEST_ITEM = 2 ** 28;

/** Items that are given back in one entry: no message may be too large to be read. */
const BACK = 1000;

/** What becomes of the items in a queue that is closed. */
export interface ProcessCloseOptions {
  /** Take them out and return them, instead of leaving them to those who still ask. Default: false. */
  discard?: boolean;
}

/** How a queue is iterated over. */
export interface ProcessItemsOptions extends WaitLimits {
  /**
   * How many items are fetched together, at most. Those that were fetched and not come to yet are lost if the process is killed, and are given back when the loop is left. Default 1.
   */
  prefetch?: number;
}

/**
 * A bounded queue between processes and threads: who puts into a full one waits, and so does who gets from an empty one. First come, first served, for items and for those who wait,
 * wherever they are. An item is copied when it is put, and may be whatever can cross: also errors, locks, and other queues.
 *
 * The process that makes it holds the items; with it they are gone, and whoever waits gets a ConnectionClosedError. An item is delivered at most once: what was on its way to a process
 * that is killed is lost, and nothing else.
 *
 * What is put in one turn leaves as one message. So put several before you await them, or use `putMany` and `getMany`.
 *
 * Cancelling: `put`, `get` and `join` are taken back. An item that was on its way to who does not want it any more goes back to the head of the queue.
 *
 * @example
 * ```ts run
 * import { ProcessQueue } from 'meantime/processes';
 *
 * const queue = new ProcessQueue<number>(2);
 * const seen: number[] = [];
 * const reading = (async () => {
 *   for await (const n of queue) seen.push(n);
 * })();
 * for (let n = 0; n < 5; n++) await queue.put(n);
 * await queue.close();
 * await reading;
 * seen; // => [0, 1, 2, 3, 4]
 * ```
 */
export class ProcessQueue<T> extends Handle {
  /** How many items it holds at most. */
  readonly capacity: number;

  /**
   * @param capacity How many items it holds at most: has to be said, also if it is `Infinity`.
   * @throws {OptionError} unless it is a whole number from 1, or Infinity.
   */
  constructor(capacity: number);
  /** @internal */
  constructor(capacity: number, origin: Origin);
  constructor(capacity: number, origin?: Origin) {
    mustBe('ProcessQueue', limit, capacity);
    super('ProcessQueue', origin ?? new Here(new QueueBroker(capacity)), [capacity]);
    this.capacity = capacity;
  }

  /**
   * Puts an item, at once or when there is room and its turn comes.
   *
   * Cancelling: the item is not put, unless somebody has got it already.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed, or is while this waits: the item is not in it then.
   * @throws {NotCloneableError} code `MEANTIME_NOT_CLONEABLE`; {TooLargeError} code `MEANTIME_TOO_LARGE`, for an item of more than 256 MB; {TimeoutError} code `MEANTIME_TIMEOUT`;
   * or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made the queue is gone.
   */
  put(item: T, options?: WaitLimits): Future<void> {
    try {
      const limits = readLimits('queue.put', options);
      return this.#ask<void>('queue.put', QueueOp.PUT, pack('The item', item, LARGEST_ITEM), limits, nothing);
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Puts several items, one after the other, as there is room: together they are one message.
   *
   * Cancelling: those that are in the queue stay; the others are not put.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws as `put`. Nothing is put if one of them cannot travel.
   * @throws {TooLargeError} code `MEANTIME_TOO_LARGE`, for more than 1,048,576 items: put them in
   * parts.
   */
  putMany(items: Iterable<T>, options?: WaitLimits): Future<void> {
    try {
      const limits = readLimits('queue.putMany', options);
      return this.#putMany(packAll(items), limits);
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Puts an item if there is room.
   *
   * Cancelling: the item is not put, unless somebody has got it already.
   *
   * @returns `false` if there is none.
   * @throws as `put`.
   */
  tryPut(item: T): Future<boolean> {
    try {
      return this.#ask<boolean>('queue.tryPut', QueueOp.TRY_PUT, pack('The item', item, LARGEST_ITEM), bare({}), (isIn) => isIn);
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Takes the next item, at once or when one comes and it is its turn.
   *
   * Cancelling: it waits no longer; an item that was on its way goes back to the head of the queue.
   *
   * @param options `timeout` in ms, `signal`.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed and empty, or becomes so while this waits.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made the queue is gone.
   */
  get(options?: WaitLimits): Future<T> {
    return this.#get('queue.get', QueueOp.GET, 1, options, ([item]) => item);
  }

  /**
   * Takes what is there, at least one item and at most so many.
   *
   * Cancelling: as `get`.
   *
   * @param most How many at most.
   * @param options `timeout` in ms, `signal`.
   * @throws {OptionError} unless `most` is a whole number from 1; else as `get`.
   */
  getMany(most: number, options?: WaitLimits): Future<T[]> {
    return this.#get('queue.getMany', QueueOp.GET, most, options, (items) => items);
  }

  /**
   * Takes the next item if there is one.
   *
   * Cancelling: as `get`.
   *
   * @returns `undefined` if there is none.
   * @throws {QueueClosedError} code `MEANTIME_QUEUE_CLOSED`, if the queue is closed and empty.
   */
  tryGet(): Future<T | undefined> {
    return this.#get('queue.tryGet', QueueOp.TRY_GET, 1, undefined, ([item]) => item as T | undefined);
  }

  /**
   * Takes nothing more. Those who wait to put are refused; those who get are given what is still in it, and then refused too. A queue may be closed more than once.
   *
   * Cancelling: it is closed all the same.
   *
   * @returns What was in it, with `{ discard: true }`: it counts as done for `join`. Else nothing.
   * @throws {OptionError} for an unknown option.
   */
  close(options?: ProcessCloseOptions): Future<T[]> {
    try {
      const { discard = false } = readOptions<ProcessCloseOptions>('queue.close', options, { discard: flag });
      return request<T[]>(this[access], {
        doing: 'queue.close',
        op: discard ? QueueOp.DISCARD : QueueOp.CLOSE,
        given: (payloads, _asked, source) => unpackAll(payloads as Packed[], source, (left: T[]) => left),
      });
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * Says that one of the items that were taken out has been dealt with: for `join`.
   *
   * Cancelling: it is said all the same.
   *
   * @throws {NotHeldError} code `MEANTIME_NOT_HELD`, if it is called more often than items were put.
   */
  taskDone(): Future<void> {
    return request(this[access], { doing: 'queue.taskDone', op: QueueOp.TASK_DONE });
  }

  /**
   * Waits until every item that was put has been dealt with, as `taskDone` tells.
   *
   * Cancelling: it waits no longer.
   *
   * @param options `timeout` in ms, `signal`.
   */
  join(options?: WaitLimits): Future<void> {
    try {
      return request(this[access], { doing: 'queue.join', op: QueueOp.JOIN, limits: readLimits('queue.join', options) });
    } catch (error) {
      return failed(error);
    }
  }

  /** How many items are in it. What those hold who wait to put is not. Cancelling: nothing is changed by it. */
  size(): Future<number> {
    return request(this[access], { doing: 'queue.size', op: QueueOp.SIZE });
  }

  /** Whether it was closed. Cancelling: nothing is changed by it. */
  closed(): Future<boolean> {
    return request(this[access], { doing: 'queue.closed', op: QueueOp.CLOSED });
  }

  /**
   * Every item that comes, until the queue is closed and empty. Several may iterate over one queue: each item goes to one of them.
   *
   * Cancelling: each step is taken back as `get` is; leaving the loop gives back what was fetched and not come to.
   *
   * @param options `prefetch`; `timeout` in ms, for each step; `signal`.
   * @throws {OptionError} for an unknown option.
   *
   * @example
   * ```ts run
   * import { ProcessQueue } from 'meantime/processes';
   *
   * const queue = new ProcessQueue<number>(10);
   * await queue.putMany([1, 2, 3, 4]);
   * for await (const n of queue.items({ prefetch: 3 })) if (n === 2) break;
   * await queue.getMany(10); // => [3, 4]
   * ```
   */
  items(options?: ProcessItemsOptions): AsyncIterableIterator<T> {
    const table = { ...limitsTable, prefetch: whole(1, 65_536) };
    const read = readOptions<ProcessItemsOptions>('queue.items', options, table);
    return new ProcessQueueItems<T>(this, read.prefetch ?? 1, without(read, 'prefetch'));
  }

  /** The same as `items()`. Cancelling: as there. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.items();
  }

  /** @internal For its items, which are unpacked one at a time. */
  [take](most: number, limits: WaitLimits): Future<Packed[]> {
    return request<Packed[]>(this[access], { doing: 'queue.get', op: QueueOp.GET, data: most, limits, late: this.#giveBack });
  }

  /** @internal */
  [putBack](payloads: readonly Packed[]): void {
    this.#giveBack(payloads);
  }

  readonly #giveBack = (items: unknown): void => {
    // The last first, since each goes to the head.
    for (let end = (items as unknown[]).length; end > 0; end -= BACK)
      this[access].tell(QueueTell.GIVE_BACK, undefined, (items as unknown[]).slice(Math.max(0, end - BACK), end));
  };

  #get<R>(doing: string, op: number, most: number, options: WaitLimits | undefined, of: (items: T[]) => R): Future<R> {
    try {
      if (most !== 1) mustBe(doing, some, most);
      return request<R>(this[access], {
        doing,
        op,
        data: most,
        limits: readLimits(doing, options),
        late: this.#giveBack,
        given: (payloads, _asked, source) => unpackAll(payloads as Packed[], source, of, this.#giveBack),
      });
    } catch (error) {
      return failed(error);
    }
  }

  /**
   * A thing inside of an item leaves when the queue has it, and not if there was no room, or it was
   * refused or cut off.
   */
  #ask<R>(doing: string, op: number, { packed, leaving }: Parcelled, limits: WaitLimits, of: (isIn: boolean) => R): Future<R> {
    const taken = (isIn: unknown): R => {
      if (isIn === true) letLeave(leaving);
      return of(isIn as boolean);
    };
    return request<R>(this[access], { doing, op, data: packed, limits, given: taken, late: taken });
  }

  #putMany(items: readonly Parcelled[], limits: WaitLimits): Future<void> {
    const source = new FutureSource<void>();
    const refusal = whyNot(this[access], limits);
    if (refusal !== undefined) source.reject(refusal);
    else if (items.length === 0) source.fulfil(undefined);
    if (source.future.settled) return source.future;
    let done = 0; // they are taken in as they stand in the line: in their order
    const receiver: Receiver = {
      given: () => {
        letLeave(items[done].leaving);
        if (++done === items.length) source.fulfil(undefined);
      },
      refused: (error) => void source.reject(error),
    };
    const asked = items.map(({ packed }) => this[access].ask(QueueOp.PUT, packed, receiver));
    if (source.future.settled) return source.future;
    return begin(source, 'queue.putMany', limits, (error) => {
      for (const [i, { leaving }] of items.entries()) if (i >= done) asked[i].cancel(() => letLeave(leaving));
      source.reject(error);
    });
  }
}

const nothing = (): undefined => undefined;

/**
 * More items at a time than these are refused: an iterator need have no end, and nothing is put
 * before all are packed.
 */
const MOST_ITEMS = 2 ** 20;

function packAll(items: Iterable<unknown>): Parcelled[] {
  const out: Parcelled[] = [];
  for (const item of items) {
    if (out.length === MOST_ITEMS) throw new TooLargeError(`putMany takes at most ${MOST_ITEMS} items at a time: put them in parts`);
    out.push(pack(`Item ${out.length}`, item, LARGEST_ITEM));
  }
  return out;
}

/**
 * The items again: at once, or once the makers of the handles in them are there. If nobody waits
 * for them any more by then, they go back to where they were; at the moment at which that is known,
 * or the next `get` would be given what came after them.
 */
function unpackAll<T, R>(
  items: Packed[],
  source: FutureSource<R>,
  of: (items: T[]) => R,
  giveBack?: (items: Packed[]) => void,
): R | typeof later {
  mustBeSaid(Array.isArray(items), 'A queue', 'a list of items', items);
  const values = items.map(unpack);
  const loads = values.filter((value) => value instanceof NotLoaded).map(({ load }) => load);
  if (loads.length === 0) return of(values as T[]);
  let isTaken = false;
  (source.future as unknown as FutureCell<R>).passBy(() => {
    if (!isTaken) giveBack?.(items);
  });
  const take = (settle: () => void): void => {
    if (source.future.settled) return;
    isTaken = true;
    try {
      settle();
    } catch (error) {
      source.reject(error);
    }
  };
  Promise.all(loads).then(
    () => take(() => source.fulfil(of(values.map((value, i) => (value instanceof NotLoaded ? unpack(items[i]) : value)) as T[]))),
    (error: unknown) => take(() => source.reject(error)),
  );
  return later;
}
