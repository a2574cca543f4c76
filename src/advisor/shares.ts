import type { Shares } from './advice.js';

/** What a clock showed of some calls in a row on one thread, in ms. */
export interface Usage {
  readonly wall: number;
  /** How long the thread's event loop was not idle. */
  readonly busy: number;
  /** The processor time of the thread; `undefined` where nothing tells it. */
  readonly thread: number | undefined;
  /** The processor time of the process, this thread's included. */
  readonly process: number;
}

/** Less than this of a processor is no measurement of a thread any more, but one of its neighbours. */
const LEAST = 0.05;

/**
 * Splits the time of calls, made one at a time, into its four shares.
 *
 * On a busy machine a thread gets a part of a processor only, and work that computes looks like work that waits for the other part. So what was computed counts as what it
 * would have taken alone.
 *
 * @param availability How much of a processor a thread that only computes gets here and now: from 0 to 1.
 */
export function sharesOf(usage: Usage, availability: number): Shares {
  const wall = Math.max(0, usage.wall);
  if (!(wall > 0)) return { computing: 1, blocking: 0, pool: 0, waiting: 0 };
  const part = within(LEAST, Number.isFinite(availability) ? availability : 1, 1);
  const busy = within(0, usage.busy, wall);
  const idle = wall - busy;
  const process = Math.max(0, usage.process);
  // Without the thread's own time: what the process computed while the loop was held.
  const thread = usage.thread === undefined ? Math.min(busy, process) : within(0, usage.thread, Math.max(process, usage.thread));
  const computing = Math.min(busy, thread / part);
  // What the helpers of the engine compute while the loop is held (to collect garbage, to free buffers) is no work of Node's pool.
  const pool = Math.min(idle, Math.max(0, process - thread) / part);
  return { computing: computing / wall, blocking: (busy - computing) / wall, pool: pool / wall, waiting: (idle - pool) / wall };
}

const within = (least: number, value: number, most: number): number => Math.min(most, Math.max(least, value));
