import { bindHere, func, readOptions } from '../../core/index.js';
import type { Awaitable } from '../wait.js';
import { type Before, key, PriorityStore, smallerFirst } from './priority-store.js';
import { Queue } from './queue.js';

/** How the items of a `PriorityQueue` are ordered. */
export interface PriorityOptions<T> {
  /** Whether `a` leaves before `b`. Default: smaller numbers, strings and bigints first; of lists such as `[priority, item]` the first entries count. */
  before?: Before<T>;
}

const table = { before: func };

/**
 * A `Queue` from which the item that comes first by `before` leaves first; of equal ones the one that was put first. Those who wait are served in the order in which they
 * came, as in any queue; the item of one who waits to put takes its place when there is room.
 *
 * Cancelling: as with `Queue`.
 *
 * @example
 * ```ts run
 * import { PriorityQueue } from 'meantime/tasks';
 *
 * const queue = new PriorityQueue<[number, string]>(10);
 * await queue.put([2, 'sweep']);
 * await queue.put([1, 'put out the fire']);
 * await queue.get(); // => [1, 'put out the fire']
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  readonly #isOrdered: boolean;

  /**
   * @param capacity How many items it holds at most: has to be said, also if it is `Infinity`.
   * @throws {OptionError} unless it is a whole number from 1, or Infinity; or for an unknown option.
   */
  constructor(capacity: number, options?: PriorityOptions<T>) {
    const { before } = readOptions('PriorityQueue', options, table);
    super(capacity, new PriorityStore<T>(before ? bindHere(before) : smallerFirst));
    this.#isOrdered = before !== undefined;
  }

  /**
   * Puts an item, at once or when there is room and its turn comes.
   *
   * Cancelling: a cancellation point.
   *
   * @throws {QueueClosedError} as `Queue` does.
   * @throws {OptionError} if it cannot be compared with the others; or whatever `before` throws. The queue is as it was.
   */
  override put(item: T): Awaitable<void> {
    if (!this.#isOrdered) key(item); // also if it is the only one: whether an item is good must not depend on the others
    return super.put(item);
  }

  /**
   * Puts an item if there is room.
   *
   * @returns `false` if there is none.
   * @throws {QueueClosedError} as `Queue` does.
   * @throws {OptionError} as `put` does.
   */
  override tryPut(item: T): boolean {
    if (!this.#isOrdered) key(item);
    return super.tryPut(item);
  }
}
