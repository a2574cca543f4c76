import { messageOf, SHORT, WorkerLostError, WorkerStartError, whatToDo } from '../core/index.js';
import type { PoolCall } from './pool-call.js';
import type { Seat } from './seat.js';
import type { LinkEnd } from './transport.js';

/** Whether nobody asked for this end: not the pool, or it came with an error of its own. */
export const isUnasked = (seat: Seat, end: LinkEnd): boolean =>
  seat.endReason === undefined || seat.fault !== undefined || end.error !== undefined;

/**
 * The error for a worker that is gone: told to the caller of a call that it ran, or, without one,
 * of a start or a broadcast.
 *
 * @param call The word `idle` if it ran nothing.
 */
export function loss(who: string, seat: Seat, end: LinkEnd, call: PoolCall | 'idle' | undefined): Error {
  const how = seat.endReason ?? (end.signal ? `signal ${end.signal}` : `exit code ${end.exitCode}`);
  const why = end.error instanceof Error ? `: ${messageOf(end.error)}${whatToDo(end.error, SHORT)}` : '';
  const said = end.stderr.trim();
  const stderr = said ? `; the last it wrote to stderr:\n${said}` : '';
  const cause = end.error ?? seat.fault;
  if (!seat.wasUp && call === undefined) return new WorkerStartError(`${who} could not start (${how})${why}${stderr}`, { cause });
  return new WorkerLostError(
    `${who} was lost while it ${call === 'idle' ? 'was idle' : `ran ${call ? call.name : 'a broadcast'}`} (${how})${why}${stderr}`,
    { exitCode: end.exitCode, signal: end.signal, stderr: end.stderr },
    { cause },
  );
}
