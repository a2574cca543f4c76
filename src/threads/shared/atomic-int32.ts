import { OptionError, type Parcel, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { AtomicCell, type CellParts, noCellsBetweenProcesses, Place } from './atomic-cell.js';
import { plain } from './atomics.js';
import { type ValueWaited, waitLater, waitSync } from './wait-on.js';
import type { BlockLimits, WaitLimits } from './waiting.js';

/**
 * A whole number of 32 bits that threads share: passed as an argument, at any depth, it arrives as itself. Every step is atomic. Values wrap as in an
 * `Int32Array`: 2 ** 31 is stored as -(2 ** 31), and 1.9 as 1.
 *
 * @example
 * ```ts run
 * import { AtomicInt32 } from 'meantime/threads';
 *
 * const count = new AtomicInt32(40);
 * count.add(2); // => 40
 * count.compareExchange(42, 0); // => 42
 * count.load(); // => 0
 * ```
 */
export class AtomicInt32 extends AtomicCell<number> {
  /**
   * @param value What it is at first. Default: 0.
   * @throws {OptionError} if it is not a number.
   */
  constructor(value?: number);
  /** @internal */
  constructor(place: Place);
  constructor(first: number | Place = 0) {
    super('i32', first instanceof Place ? first : Place.of('i32', new SharedArrayBuffer(4), 0));
    if (first instanceof Place || first === 0) return;
    if (typeof first !== 'number') throw new OptionError(`AtomicInt32 expects a number, got ${String(first)}`);
    this.store(first);
  }

  /**
   * Waits until `notify`, as long as the value is `expected`. As with every wait on a value, look at it again afterwards.
   *
   * Cancelling: takes it out of those who wait. A wake-up that came in that instant is given on.
   *
   * @returns `'ok'` if it was notified, `'not-equal'` if the value was another one from the start.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  wait(expected: number, options?: WaitLimits): Future<ValueWaited> {
    return waitLater('wait() of an AtomicInt32', this.array, this.index, expected, options);
  }

  /**
   * The same, blocking this thread.
   *
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `{ blockMain: true }`.
   */
  waitSync(expected: number, options?: BlockLimits): ValueWaited {
    return waitSync('waitSync() of an AtomicInt32', this.array, this.index, expected, options);
  }

  /** Wakes up to `count` of those who wait, first come first served; gives how many. Default: all. */
  notify(count: number = Number.POSITIVE_INFINITY): number {
    return plain.notify(this.array, this.index, count);
  }

  /** @internal */
  override [travels](): Parcel {
    return { kind: 'threads/AtomicInt32', parts: this.parts(), only: 'threads', instead: noCellsBetweenProcesses };
  }
}

/** @internal */
export const makeAtomicInt32 = ({ memory, at }: CellParts): AtomicInt32 => new AtomicInt32(Place.of('i32', memory, at));
