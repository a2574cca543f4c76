import type { Point, Prediction, Shares, WorkKind } from './advice.js';
import type { Machine } from './machine.js';

/** What is known of a function. */
export interface Measured {
  readonly shares: Shares;
  /** How long one call takes, in ms. */
  readonly ms: number;
  readonly kind: WorkKind;
  /** How long it takes to copy the input and the result of one call, in ms, where that is known: what goes to another thread is copied. */
  readonly copying?: number;
}

/** What follows from it. */
export interface Recommendation {
  readonly point: Point;
  readonly chunk: number | 'auto';
  readonly predictions: Prediction[];
}

/** The most threads for work that holds them without computing: each is a heap of its own. */
const MOST_BLOCKED = 32;
/** Threads for each core that such work gets at least, and if it mostly blocks: one more that is held costs little, one too few is a call less, and disks do more when more is asked of them at once. */
const [FEWEST_BLOCKED, MOSTLY_BLOCKED] = [4, 12];
/** Calls in flight of work that waits: from what nearly any service bears to what one loop can look after. */
const [FEWEST_WAITING, MOST_WAITING] = [64, 512];
/** What a call that waits costs the loop falls to about this part when many are answered in one turn. */
const TOGETHER = 0.25;
/** And the least that it can come to: a timer's. Calls in flight are reckoned by that, since more of them than a loop can serve do no harm. */
const AT_BEST = 0.1;
/** A loop that is held for less than this bears more calls than anybody will want to have in flight. */
const [LIGHT, HEAVY] = [0.1, 0.9];
/** A function that holds its loop for this long keeps it busy with few calls. */
const SOME = 0.25;
const MOSTLY = 0.5;
/** Threads have to give this much more than this thread alone before they are worth their start. */
const WORTH = 1.1;
/** A call that takes this long, in ms, is worth a message of its own. */
const LONG = 20;
/** What it costs this thread to have a call made there, in ms, when many travel together. */
const SENDING = { tasks: 0.0005, threads: 0.0015, processes: 0.003 };
/** How often what travels is copied: a process gets it through a pipe. */
const COPIES = { tasks: 0, threads: 1, processes: 1.5 };
/** A share below this is taken for this: nothing is for nothing. */
const LEAST = 1e-3;

/**
 * The point of the plane at which a function does most calls a second, by a model of five limits: calls in flight, threads that are held, processors, threads of Node's
 * pool, and what sending costs. What the model cannot know is what is on the other side: a disk, a service, a lock.
 */
export function recommend(measured: Measured, machine: Machine): Recommendation {
  const { shares, ms, kind } = measured;
  const held = shares.computing + shares.blocking;
  const workers = workersFor(shares, machine);
  const concurrency = inEach(shares);
  const predict = (point: Point): Prediction => ({ ...point, speedup: speedup(point, measured, machine) });
  const tasks = predict({ on: 'tasks', workers: 1, concurrency: kind === 'tiny' ? 1 : onOneLoop(shares, machine) });
  const several = (on: 'threads' | 'processes', workers: number) => {
    // Where the other side is what counts, ways are compared with as many calls in flight: how many it bears is the same from wherever they come.
    const shared = held < LIGHT && kind !== 'tiny' ? Math.max(1, Math.ceil(tasks.concurrency / workers)) : concurrency;
    return predict({ on, workers, concurrency: shared });
  };
  const threads = several('threads', workers);
  const processes = several('processes', Math.min(workers, machine.cores));
  const stays = kind === 'tiny' || held < LIGHT || threads.speedup < WORTH * tasks.speedup;
  const { speedup: _, ...point } = stays ? tasks : threads;
  // A chunk's inputs run one after another: those of work that waits must not wait for each other.
  const chunk = kind !== 'tiny' && (stays || concurrency > 1 || ms >= LONG) ? 1 : 'auto';
  return { point, chunk, predictions: [tasks, threads, processes] };
}

/** What a point would give, against one call at a time on this thread. */
export function speedup({ on, workers, concurrency }: Point, measured: Measured, { cores, poolThreads }: Machine): number {
  const { shares, ms, kind, copying = 0 } = measured;
  const pools = on === 'processes' ? workers : 1; // threads of one process share one pool
  const copied = copying * COPIES[on];
  const there = copied / 2 / Math.max(ms, 1e-6); // one half is read and written there, the other here
  const sending = on === 'tasks' && concurrency === 1 ? 0 : SENDING[on]; // that is a plain loop
  const overhead = kind === 'io-bound' ? TOGETHER + (1 - TOGETHER) / concurrency : 1;
  const computing = overhead * shares.computing;
  return Math.min(
    (workers * concurrency) / (1 + there),
    workers / Math.max(LEAST, computing + shares.blocking + there),
    cores / Math.max(LEAST, computing + shares.pool + 2 * there),
    (pools * poolThreads) / Math.max(LEAST, shares.pool),
    ms / (sending + copied / 2),
  );
}

/** As many threads as keep the processors busy: one for each, and one more for each that is held without computing. */
function workersFor({ computing, blocking, pool }: Shares, { cores }: Machine): number {
  const wanted = Math.round((cores * (computing + blocking)) / Math.max(LEAST, computing + pool));
  const least = cores * (blocking >= MOSTLY ? MOSTLY_BLOCKED : blocking >= SOME ? FEWEST_BLOCKED : 1);
  return Math.max(cores, Math.min(MOST_BLOCKED, Math.max(least, wanted)));
}

/** Calls in flight in each of several workers: enough to fill the time in which their loops are free, twice, since calls do not come evenly. */
function inEach({ computing, blocking }: Shares): number {
  const held = computing + blocking;
  if (held >= HEAVY) return 1;
  return held >= SOME ? Math.ceil(2 / held) : waitingOn(held);
}

function onOneLoop({ computing, blocking, pool, waiting }: Shares, { poolThreads }: Machine): number {
  const held = computing + blocking;
  if (held >= HEAVY) return 1;
  // More than the pool has threads for would wait in its queue.
  if (pool >= waiting) return Math.min(FEWEST_WAITING, Math.ceil(poolThreads / pool));
  return held >= SOME ? Math.ceil(2 / held) : waitingOn(held);
}

const waitingOn = (held: number): number =>
  Math.min(MOST_WAITING, Math.max(FEWEST_WAITING, Math.ceil(1 / (AT_BEST * Math.max(LEAST, held)))));
