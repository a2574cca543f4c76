import { seeded } from '../../../core/index.js';
import type { Outcome } from '../move.js';
import type { Usage } from '../steering.js';

/** What a call does, in ms, in this order. */
export interface Work {
  /** Computes, on its worker's thread. */
  readonly compute?: number;
  /** Holds the thread without computing. */
  readonly block?: number;
  /** How many can be blocked on the same thing at a time before they wait for one another. */
  readonly device?: number;
  /** Waits, and leaves the thread to others. */
  readonly wait?: number;
}

export interface Steered {
  readonly workers: number;
  readonly inFlight: number;
  ended(at: number, took: number, outcome: Outcome, calls?: number): void;
  running(at: number, calls: number): void;
  tick(at: number, usage?: Usage): void;
}

export interface MachineOptions {
  readonly cores: number;
  readonly work: (at: number) => Work;
  readonly length: number;
  readonly seed: number;
  /** How much of a core a thread gets; the rest others have. */
  readonly available?: (at: number) => number;
  /** Whether the processor time of threads can be seen. */
  readonly seesCpu?: boolean;
  readonly queued?: (at: number) => number;
}

interface Call {
  readonly began: number;
  compute: number;
  block: number;
  wait: number;
  readonly device: number;
}

interface Worker {
  readonly upAt: number;
  /** Those that want the thread, the one that has it first. */
  ready: Call[];
  waiting: Call[];
  leaving: boolean;
}

/** Virtual ms between two usages; there is a tick between them. */
const EVERY = 100;
/** What is left of a call when nothing is, in ms: sums of fractions do not end at 0. */
const NOTHING = 1e-9;
/** What a worker takes to start, in ms. */
const START = 60;
const SCATTER = 0.2;

/** Runs calls without end on the workers of a virtual machine: its cores are shared by the threads that compute. Gives the calls done in each tenth of a second. */
export function runMachine(
  steered: Steered,
  { cores, work, length, seed, available = () => 1, seesCpu = true, queued = () => 1000 }: MachineOptions,
): number[] {
  const random = seeded(seed);
  const done = new Array<number>(Math.ceil(length / EVERY)).fill(0);
  let workers: Worker[] = [];
  let [busy, cpu, inFlight] = [0, 0, 0];
  const up = (at: number): Worker[] => workers.filter((worker) => worker.upAt <= at && !worker.leaving);
  const load = (worker: Worker): number => worker.ready.length + worker.waiting.length;

  const hire = (at: number): void => {
    const staying = workers.filter(({ leaving }) => !leaving);
    for (let n = staying.length; n < steered.workers; n++)
      workers.push({ upAt: at === 0 ? 0 : at + START, ready: [], waiting: [], leaving: false });
    for (const worker of staying.slice(steered.workers)) worker.leaving = true;
    workers = workers.filter((worker) => !worker.leaving || load(worker) > 0);
  };
  const fill = (at: number): void => {
    const there = up(at);
    if (there.length === 0) return;
    const each = Math.ceil(steered.inFlight / Math.max(there.length, steered.workers));
    const before = inFlight;
    while (inFlight < steered.inFlight && inFlight < queued(at)) {
      const worker = there.reduce((least, one) => (load(one) < load(least) ? one : least));
      if (load(worker) >= each) break;
      const { compute = 0, block = 0, wait = 0, device = Number.POSITIVE_INFINITY } = work(at);
      const size = 1 + SCATTER * (2 * random() - 1);
      worker.ready.push({ began: at, compute: compute * size, block: block * size, wait: wait * size, device });
      inFlight++;
    }
    if (inFlight !== before) steered.running(at, inFlight);
  };

  let ticked = 0;
  for (let at = 0; at < length; ) {
    hire(at);
    fill(at);
    const threads = workers.filter(({ upAt }) => upAt <= at);
    const computing = threads.filter(({ ready }) => ready.length > 0 && ready[0].compute > 0).length;
    const blocked = threads.filter(({ ready }) => ready.length > 0 && ready[0].compute <= 0).length;
    const share = available(at) * Math.min(1, cores / Math.max(1, computing));
    const held = ({ device }: Call): number => Math.min(1, device / blocked);
    // Until then nothing changes.
    let next = Math.min(ticked + EVERY / 2, length);
    for (const { upAt } of workers) if (upAt > at) next = Math.min(next, upAt);
    for (const { ready, waiting } of threads) {
      const first = ready[0];
      if (first !== undefined) next = Math.min(next, at + (first.compute > 0 ? first.compute / share : first.block / held(first)));
      for (const call of waiting) next = Math.min(next, at + call.wait);
    }
    const ms = next - at;
    at = next;
    for (const worker of threads) {
      const first = worker.ready[0];
      for (const call of worker.waiting) call.wait -= ms;
      if (first !== undefined) {
        if (!worker.leaving) busy += ms;
        if (first.compute > 0) {
          first.compute -= share * ms;
          if (!worker.leaving) cpu += share * ms;
          if (first.compute < NOTHING) first.compute = 0;
        } else first.block -= held(first) * ms;
        if (first.compute <= 0 && first.block < NOTHING) {
          worker.ready.shift();
          worker.waiting.push(first);
        }
      }
      for (const { began, wait } of worker.waiting) {
        if (wait >= NOTHING) continue;
        inFlight--;
        done[Math.min(done.length - 1, Math.floor(at / EVERY))]++;
        steered.ended(at, at - began, 'ok');
        steered.running(at, inFlight);
      }
      worker.waiting = worker.waiting.filter(({ wait }) => wait >= NOTHING);
    }
    if (at < ticked + EVERY / 2) continue;
    ticked = at;
    if (at % EVERY === 0) {
      const count = up(at).length;
      const usage = {
        workers: count,
        busy: Math.min(1, busy / EVERY / Math.max(1, count)),
        cpu: seesCpu ? cpu / EVERY : undefined,
        queued: Math.max(0, queued(at) - inFlight),
        available: available(at),
      };
      busy = cpu = 0;
      steered.tick(at, usage);
    } else steered.tick(at);
  }
  return done;
}
