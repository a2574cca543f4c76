import { func, readOptions } from '../../core/index.js';
import { type Before, PriorityStore, smallerFirst } from './priority-store.js';
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
  /**
   * @param capacity How many items it holds at most: has to be said, also if it is `Infinity`.
   * @throws {OptionError} unless it is a whole number from 1, or Infinity; or for an unknown option. `put` throws it for an item that cannot be compared.
   */
  constructor(capacity: number, options?: PriorityOptions<T>) {
    const { before } = readOptions('PriorityQueue', options, table);
    super(capacity, new PriorityStore<T>(before ?? smallerFirst));
  }
}
