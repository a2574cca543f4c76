import type { PoolCall } from './pool-call.js';
import type { PortableFunction } from './portable-function.js';
import type { Seat } from './seat.js';
import type { Step } from './start-watch.js';
import type { LinkEnd } from './transport.js';

/** The calls that a seat makes to its pool. */
export interface SeatOwner {
  /** A call has been answered. */
  answered(seat: Seat, call: PoolCall, ok: boolean, value: unknown): void;
  /** A message of answers has been worked through: there may be room for more calls. */
  roomAt(seat: Seat, ms: number, target: PortableFunction | undefined): void;
  /** A call cannot be sent: only that call fails. */
  unsendable(call: PoolCall, error: unknown): void;
  up(seat: Seat): void;
  /** Nothing of a chunk was sent: its next input cannot travel. */
  skipped(call: PoolCall): void;
  /** The initializer failed. */
  unfit(seat: Seat, error: unknown): void;
  /** The error for a worker that was ended because it did not get through a step in time. */
  notInTime(seat: Seat, step: Step, ms: number): Error;
  /** The error for what was lost with a worker. */
  lossOf(seat: Seat, end: LinkEnd, call: PoolCall | undefined): Error;
  /** The worker is gone. `lost` may have been started there, `unstarted` have not. */
  gone(seat: Seat, end: LinkEnd, lost: PoolCall[], unstarted: PoolCall[]): void;
}
