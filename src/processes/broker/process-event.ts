import { bare, TimeoutError } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { readLimits, type WaitLimits } from '../connection/limits.js';
import { EventBroker, EventOp } from './event-broker.js';
import { access, Handle } from './handle.js';
import { Here, type Origin } from './origin.js';
import { failed, request } from './request.js';

/**
 * Something that has happened, or has not yet: all processes and threads that have it may wait until it is set.
 *
 * Cancelling: a `wait` is taken back; `set` and `clear` that have left are done.
 *
 * @example
 * ```ts run
 * import { ProcessEvent } from 'meantime/processes';
 *
 * const open = new ProcessEvent();
 * const waiting = open.wait();
 * await open.set();
 * await waiting;
 * await open.isSet(); // => true
 * ```
 */
export class ProcessEvent extends Handle {
  constructor();
  /** @internal */
  constructor(origin: Origin);
  constructor(origin: Origin = new Here(new EventBroker())) {
    super('ProcessEvent', origin);
  }

  /**
   * Lets all go on that wait, also if it is cleared at once, and all that come until then.
   *
   * Cancelling: it is set all the same.
   *
   * @throws {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made it is gone.
   */
  set(): Future<void> {
    return request(this[access], { doing: 'event.set', op: EventOp.SET });
  }

  /** From now on `wait` waits again. Cancelling: it is cleared all the same. */
  clear(): Future<void> {
    return request(this[access], { doing: 'event.clear', op: EventOp.CLEAR });
  }

  /** Whether it is set. Cancelling: nothing is changed by it. */
  isSet(): Future<boolean> {
    return request(this[access], { doing: 'event.isSet', op: EventOp.IS_SET });
  }

  /**
   * Waits until it is set; not at all if it is.
   *
   * Cancelling: it waits no longer.
   *
   * @param options `timeout` in ms, where 0 asks once whether it is set; `signal`.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`; or {ConnectionClosedError} code `MEANTIME_CONNECTION_CLOSED`, if the process that made it is gone.
   */
  wait(options?: WaitLimits): Future<void> {
    try {
      const limits = readLimits('event.wait', options);
      if (limits.timeout === 0) return this.#look(limits);
      return request(this[access], { doing: 'event.wait', op: EventOp.WAIT, limits });
    } catch (error) {
      return failed(error);
    }
  }

  #look({ signal }: WaitLimits): Future<void> {
    const given = (isSet: unknown): void => {
      if (!isSet) throw new TimeoutError('event.wait was not over after 0 ms');
    };
    return request<void>(this[access], {
      doing: 'event.wait',
      op: EventOp.IS_SET,
      limits: signal === undefined ? bare({}) : bare({ signal }),
      given,
    });
  }
}
