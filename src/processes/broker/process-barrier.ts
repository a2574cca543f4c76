import { mustBe, some } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { readLimits, type WaitLimits } from '../connection/limits.js';
import { BarrierBroker, BarrierOp } from './barrier-broker.js';
import { access, Handle } from './handle.js';
import { Here, type Origin } from './origin.js';
import { failed, request } from './request.js';

/**
 * A place where processes and threads wait for each other: when as many have come as there are parties, all go on. It can be used again at once. A process that ends while it waits
 * breaks it: it will not come again, and the others would wait for ever.
 *
 * Cancelling: who is cut off has not come: the others wait for one more.
 *
 * @example
 * ```ts run
 * import { ProcessBarrier } from 'meantime/processes';
 *
 * const barrier = new ProcessBarrier(2);
 * await Promise.all([barrier.wait(), barrier.wait()]); // => [0, 1]
 * ```
 */
export class ProcessBarrier extends Handle {
  /** How many wait for each other. */
  readonly parties: number;

  /**
   * @param parties How many wait for each other.
   * @throws {OptionError} unless it is a whole number from 1.
   */
  constructor(parties: number);
  /** @internal */
  constructor(parties: number, origin: Origin);
  constructor(parties: number, origin?: Origin) {
    mustBe('ProcessBarrier', some, parties);
    super('ProcessBarrier', origin ?? new Here(new BarrierBroker(parties)), [parties]);
    this.parties = parties;
  }

  /**
   * Waits until as many as there are parties have come.
   *
   * Cancelling: who is cut off has not come.
   *
   * @param options `timeout` in ms, `signal`.
   * @returns The place in the order of arrival, from 0; the one that came last has `parties - 1`. Each is given once.
   * @throws {BrokenBarrierError} code `MEANTIME_BROKEN_BARRIER`, if it is broken, or is broken or reset while this waits.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made it is gone.
   */
  wait(options?: WaitLimits): Future<number> {
    try {
      return request(this[access], { doing: 'barrier.wait', op: BarrierOp.WAIT, limits: readLimits('barrier.wait', options) });
    } catch (error) {
      return failed(error);
    }
  }

  /** Breaks it: for those who wait, and for those who come until it is reset. Cancelling: it is broken all the same. */
  abort(): Future<void> {
    return request(this[access], { doing: 'barrier.abort', op: BarrierOp.ABORT });
  }

  /** Breaks it for those who wait; for those who come it is as new. Cancelling: it is reset all the same. */
  reset(): Future<void> {
    return request(this[access], { doing: 'barrier.reset', op: BarrierOp.RESET });
  }

  /** Whether it was aborted, or a party ended while it waited, and it was not reset since. Cancelling: nothing is changed by it. */
  broken(): Future<boolean> {
    return request(this[access], { doing: 'barrier.broken', op: BarrierOp.BROKEN });
  }

  /** How many have come and wait. Cancelling: nothing is changed by it. */
  waiting(): Future<number> {
    return request(this[access], { doing: 'barrier.waiting', op: BarrierOp.WAITING });
  }
}
