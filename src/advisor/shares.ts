import type { Shares } from './advice.js';

/** What a clock showed of some calls in a row on one thread, in ms. */
export interface Usage {
  readonly wall: number;
  /** How long the thread's event loop was not idle. */
  readonly busy: number;
  /** The processor time of the thread; `undefined` where nothing tells it. */
  readonly thread: number | undefined;
  /** How long the thread stood in line for a processor, where that is told. */
  readonly queued?: number | undefined;
  /** The processor time of the process, this thread's included. */
  readonly process: number;
  /** How long all its threads together stood in line. */
  readonly processQueued?: number | undefined;
}

/** Less than this of a processor is no measurement of a thread any more, but one of its neighbours. */
const LEAST = 0.05;

/** The four parts of the time of calls, in ms. */
export type Times = Shares;

/**
 * Splits the time of calls, made one at a time, into its four parts, each as long as it would be on an idle machine. On a busy one a thread gets a part of a processor only, and
 * work that computes looks as if it waited for the other part. What is known of that is taken out: best by the time for which threads stood in line, else by how much a thread
 * that only computes gets.
 *
 * @param availability How much of a processor a thread that only computes gets here and now: from 0 to 1.
 */
export function timesOf(usage: Usage, availability: number): Times {
  const wall = Math.max(0, usage.wall);
  const part = within(LEAST, Number.isFinite(availability) ? availability : 1, 1);
  const busy = within(0, usage.busy, wall);
  const idle = wall - busy;
  const process = Math.max(0, usage.process);
  // Without the thread's own time: what the process computed while the loop was held.
  const computing = within(0, usage.thread ?? process, busy);
  const others = Math.max(0, process - (usage.thread ?? computing));
  const inLine = Math.max(0, usage.queued ?? computing / part - computing);
  const othersInLine = Math.max(0, usage.processQueued === undefined ? others / part - others : usage.processQueued - inLine);
  const held = Math.max(0, busy - computing);
  const blocking = Math.max(0, held - inLine);
  // What of the thread's time in line was not while its loop was held was before it came to hold it: it was called, and came late.
  const late = usage.queued === undefined ? 0 : Math.max(0, inLine - held);
  const waiting = Math.max(0, idle - others - othersInLine - late);
  // What the helpers of the engine compute while the loop is held (to collect garbage, to free buffers) is no work of Node's pool.
  return { computing, blocking, pool: Math.min(others, idle - waiting), waiting };
}

/** How the time of calls was spent: {@link timesOf}, as parts of 1. */
export function sharesOf(usage: Usage, availability: number): Shares {
  const { computing, blocking, pool, waiting } = timesOf(usage, availability);
  const all = computing + blocking + pool + waiting;
  if (!(all > 0)) return { computing: 1, blocking: 0, pool: 0, waiting: 0 };
  return { computing: computing / all, blocking: blocking / all, pool: pool / all, waiting: waiting / all };
}

const within = (least: number, value: number, most: number): number => Math.min(most, Math.max(least, value));
