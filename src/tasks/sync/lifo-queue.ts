import { LifoStore } from './item-store.js';
import { Queue } from './queue.js';

/**
 * A `Queue` from which the item that was put last leaves first. Those who wait are served in the order in which they came, as in any queue; the item of one who waits to put is
 * in it from the moment when there was room.
 *
 * Cancelling: as with `Queue`.
 *
 * @example
 * ```ts run
 * import { LifoQueue } from 'meantime/tasks';
 *
 * const queue = new LifoQueue<string>(10);
 * for (const plate of ['lower', 'middle', 'upper']) await queue.put(plate);
 * await queue.get(); // => 'upper'
 * ```
 */
export class LifoQueue<T> extends Queue<T> {
  /**
   * @param capacity How many items it holds at most: has to be said, also if it is `Infinity`.
   * @throws {OptionError} unless it is a whole number from 1, or Infinity.
   */
  constructor(capacity: number) {
    super(capacity, new LifoStore<T>());
  }
}
