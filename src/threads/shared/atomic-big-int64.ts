import { OptionError, type Parcel, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { AtomicCell, type CellParts, noCellsBetweenProcesses, Place } from './atomic-cell.js';
import { plain } from './atomics.js';
import { type ValueWaited, waitLater, waitSync } from './wait-on.js';
import type { BlockLimits, WaitLimits } from './waiting.js';

/**
 * A whole number of 64 bits, a bigint, that threads share: passed as an argument, at any depth, it arrives as itself. Every step is atomic. Values wrap as in a
 * `BigInt64Array`: 2n ** 63n is stored as -(2n ** 63n).
 *
 * @example
 * ```ts run
 * import { AtomicBigInt64 } from 'meantime/threads';
 *
 * const count = new AtomicBigInt64(2n ** 40n);
 * count.add(2n); // => 1099511627776n
 * count.load(); // => 1099511627778n
 * ```
 */
export class AtomicBigInt64 extends AtomicCell<bigint> {
  /**
   * @param value What it is at first. Default: 0n.
   * @throws {OptionError} if it is not a bigint.
   */
  constructor(value?: bigint);
  /** @internal */
  constructor(place: Place);
  constructor(first: bigint | Place = 0n) {
    super('i64', first instanceof Place ? first : Place.of('i64', new SharedArrayBuffer(8), 0));
    if (first instanceof Place || first === 0n) return;
    if (typeof first !== 'bigint') throw new OptionError(`AtomicBigInt64 expects a bigint, got ${String(first)}`);
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
  wait(expected: bigint, options?: WaitLimits): Future<ValueWaited> {
    return waitLater(
      'wait() of an AtomicBigInt64',
      this.array as unknown as BigInt64Array<SharedArrayBuffer>,
      this.index,
      expected,
      options,
    );
  }

  /**
   * The same, blocking this thread.
   *
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `{ blockMain: true }`.
   */
  waitSync(expected: bigint, options?: BlockLimits): ValueWaited {
    return waitSync(
      'waitSync() of an AtomicBigInt64',
      this.array as unknown as BigInt64Array<SharedArrayBuffer>,
      this.index,
      expected,
      options,
    );
  }

  /** Wakes up to `count` of those who wait, first come first served; gives how many. Default: all. */
  notify(count: number = Number.POSITIVE_INFINITY): number {
    return plain.notify(this.array, this.index, count);
  }

  /** @internal */
  override [travels](): Parcel {
    return { kind: 'threads/AtomicBigInt64', parts: this.parts(), only: 'threads', instead: noCellsBetweenProcesses };
  }
}

/** @internal */
export const makeAtomicBigInt64 = ({ memory, at }: CellParts): AtomicBigInt64 => new AtomicBigInt64(Place.of('i64', memory, at));
