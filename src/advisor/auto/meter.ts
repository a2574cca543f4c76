import { bare, clock, threadBusy, threadCpu, threadQueued } from '../../core/index.js';
import type { WorkerUsage } from '../../threads/index.js';
import type { Usage } from '../shares.js';

/**
 * What the threads that make calls have used over some time. Time in which they stood in line for a processor is left out, as if it had not been: on a busy machine, work that computes
 * would else look like work that blocks.
 */
export interface Reading extends Usage {
  /** How many threads it is of. Their times are added up, `wall` too. */
  readonly threads: number;
  /** How much of a processor they got when they wanted one, from 0 to 1. */
  readonly available: number;
}

/** What is left of a thread's time without that in line has to be so long, in ms: less says nothing, and is read together with what follows. */
const LEAST = 15;

/** Reads what this thread, or those of a pool, have used since the last reading. */
export class Meter {
  #own = ownTimes();
  #workers = new Map<number, WorkerUsage>();

  /** Begins anew. */
  restart(workers: readonly WorkerUsage[] = []): void {
    this.#own = ownTimes();
    this.#workers = new Map(workers.map((usage) => [usage.id, usage]));
  }

  /** Of this thread. */
  here(): Reading {
    const before = this.#own;
    const now = ownTimes();
    this.#own = now;
    const wall = now.at - before.at;
    const waited = Math.min(wall, now.waited - before.waited);
    const busy = Math.max(0, Math.min(wall, now.busy - before.busy) - waited);
    const thread = now.thread === undefined || before.thread === undefined ? undefined : now.thread - before.thread;
    return bare({
      threads: 1,
      wall: wall - waited,
      busy,
      thread,
      process: now.process - before.process,
      available: available(thread, waited),
    });
  }

  /** Of workers; only those that were there at the last reading count. Of none, if they had next to no time. */
  there(workers: readonly WorkerUsage[]): Reading {
    const before = this.#own;
    const own = ownTimes();
    const span = own.at - before.at;
    let [threads, wall, busy, waited]: number[] = [0, 0, 0, 0];
    let thread: number | undefined = 0;
    for (const now of workers) {
      const then = this.#workers.get(now.id);
      if (then === undefined) continue;
      const inLine = Math.min(span, (now.waiting ?? 0) - (then.waiting ?? 0));
      threads++;
      waited += inLine;
      wall += span - inLine;
      busy += Math.max(0, Math.min(span, now.busy - then.busy) - inLine);
      if (now.computing === undefined || then.computing === undefined) thread = undefined;
      else if (thread !== undefined) thread += now.computing - then.computing;
    }
    if (threads > 0 && wall < LEAST * threads && waited > wall)
      return bare({ threads: 0, wall: 0, busy: 0, thread: undefined, process: 0, available: 1 });
    this.#own = own;
    this.#workers = new Map(workers.map((usage) => [usage.id, usage]));
    // What this thread computes is no work of theirs.
    const mine = own.thread === undefined || before.thread === undefined ? 0 : own.thread - before.thread;
    const process = Math.max(0, own.process - before.process - mine);
    return bare({ threads, wall, busy, thread, process, available: available(thread, waited) });
  }
}

const available = (thread: number | undefined, waited: number): number =>
  thread !== undefined && thread > 0 ? thread / (thread + waited) : 1;

function ownTimes() {
  const { user, system } = process.cpuUsage();
  return { at: clock.now(), busy: threadBusy(), thread: threadCpu(), waited: threadQueued() ?? 0, process: (user + system) / 1000 };
}

/** Readings added up. */
export class Readings implements Usage {
  readonly queued = undefined;
  readonly processQueued = undefined;
  wall = 0;
  busy = 0;
  thread: number | undefined = 0;
  process = 0;
  /** Calls that ended meanwhile. */
  done = 0;

  add({ wall, busy, thread, process }: Reading, done: number): void {
    this.wall += wall;
    this.busy += busy;
    this.thread = this.thread === undefined || thread === undefined ? undefined : this.thread + thread;
    this.process += process;
    this.done += done;
  }

  clear(): void {
    this.wall = this.busy = this.process = this.done = 0;
    this.thread = 0;
  }
}
