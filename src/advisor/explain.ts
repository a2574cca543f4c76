import type { Point, Shares, WorkKind } from './advice.js';
import { amount, percent, round, time } from './figures.js';
import type { Machine } from './machine.js';

/** What is to be explained. */
export interface Explained {
  readonly kind: WorkKind;
  readonly shares: Shares;
  /** Of one call. */
  readonly ms: number;
  readonly point: Point;
  /** What the point would give, against one call at a time. */
  readonly speedup: number;
}

/** Two sentences for somebody who has never heard of event loops: what the function does with its time, and what follows. */
export function explain(what: Explained, machine: Machine): [string, string] {
  return [nature(what, machine), consequence(what, machine)];
}

function nature({ kind, shares: { computing, blocking, pool, waiting }, ms }: Explained, { poolThreads }: Machine): string {
  switch (kind) {
    case 'cpu-bound':
      return `Of the ${time(ms)} that a call takes, ${percent(computing)} are spent computing: a cook who chops, and can chop only one thing at a time.`;
    case 'blocking':
      return `For ${percent(blocking)} of the ${time(ms)} that a call takes it holds its thread without computing: a cook who stands before the oven and may not leave.`;
    case 'pool-bound':
      return `For ${percent(pool)} of the ${time(ms)} that a call takes the work is done by Node's own ${poolThreads} helper threads: the cook hands the chopping to kitchen hands and is free.`;
    case 'io-bound':
      return `For ${percent(waiting)} of the ${time(ms)} that a call takes nothing here has anything to do: the pasta boils, and the cook is free.`;
    case 'mixed':
      return `A call takes ${time(ms)}: for ${percent(computing + blocking)} of it the cook chops, for ${percent(waiting + pool)} the pasta boils.`;
    case 'tiny':
      return `A call takes ${time(ms)}, which is less than it takes to tell another cook to make it.`;
  }
}

function consequence({ kind, point: { on, workers, concurrency }, speedup }: Explained, { cores }: Machine): string {
  const gain = speedup < 1.1 ? 'no faster than one at a time' : `about ${round(speedup)} times as fast as one at a time`;
  if (kind === 'tiny')
    return 'So a plain loop on this thread is best; if there are very many, hand over whole lists of inputs and not one at a time.';
  if (on === 'tasks' && concurrency === 1) {
    if (cores === 1)
      return 'There is one stove here (one core), so more cooks would only take turns: one call after the other, on this thread.';
    return 'More cooks would not make up for the way to them, or cannot be had: one call after the other, on this thread.';
  }
  if (on === 'tasks') {
    const start = kind === 'io-bound' ? '; how many the other side bears is found while running' : '';
    return `So one cook can look after many pots: ${amount(concurrency, 'call')} at a time on this thread, ${gain}${start}.`;
  }
  if (concurrency > 1) {
    return `So several cooks with several pots each: ${amount(workers, 'thread')} with ${amount(concurrency, 'call')} at a time in each, ${gain}.`;
  }
  if (kind === 'blocking')
    return `So more cooks help even where stoves are few: ${amount(workers, 'thread')}, one call at a time in each, ${gain}.`;
  return `So a cook for each of the ${cores} stoves (cores): ${amount(workers, 'thread')}, one call at a time in each, ${gain}.`;
}
