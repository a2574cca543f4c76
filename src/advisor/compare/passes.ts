import { bare, clock, WorkerLostError } from '../../core/index.js';
import type { AnyFunction, Settled } from '../../futures/index.js';
import { ProcessPoolExecutor } from '../../processes/index.js';
import { TaskExecutor } from '../../tasks/index.js';
import { ThreadPoolExecutor } from '../../threads/index.js';
import { type FunctionRef, portable } from '../../wire/index.js';
import { loopEntry } from '../loop-entry.js';
import { told } from '../told.js';
import type { Contender } from './comparison.js';
import { Gauge } from './gauge.js';
import * as far from './loop.entry.js';
import { type LoopPass, type Outcome, type Position, plainLoop } from './plain-loop.js';
import { unlessAborted } from './unless-aborted.js';

const runLoop = portable(loopEntry, 'runLoop', far.runLoop);
const getReady = portable(loopEntry, 'getReady', far.getReady);
const usage = portable(loopEntry, 'usage', far.usage);

/** In messages about workers. */
const NAME = 'comparison';

/** All inputs once, in one way. Times are ms, sizes bytes. */
export interface Pass {
  readonly startMs: number;
  readonly ms: number;
  /** `undefined` if a worker took what it had used with it. */
  readonly cpuMs: number | undefined;
  readonly memory: number | undefined;
  readonly outcomes: readonly Outcome[];
}

/** What is run. */
export interface Work {
  readonly fn: AnyFunction;
  /** How it travels; `undefined` if it cannot. */
  readonly ref: FunctionRef | undefined;
  readonly inputs: readonly unknown[];
  /** How many inputs run before it is timed, in each worker: where all are a matter of milliseconds, most of those would be the engine's, which compiles the function. */
  readonly warmUp: number;
  readonly stdout: 'stdout' | 'stderr' | undefined;
  /** Whether its calls are known to end their process, so that none may be made in this one. */
  readonly isDeadly: boolean;
}

/**
 * The plain loop, in a thread of its own (in a process, if calls end theirs): there a call that never returns can be ended, and what the function keeps in its
 * module begins anew at each pass.
 *
 * Cancelling: when `signal` aborts its worker is ended.
 *
 * @param position Is only told of by a thread: it is shared memory.
 */
export async function loopPass(work: Work, budget: number, position: Position, signal: AbortSignal): Promise<Pass> {
  const { inputs, warmUp, stdout, isDeadly } = work;
  const ref = work.ref as FunctionRef;
  const Pool = isDeadly ? ProcessPoolExecutor : ThreadPoolExecutor;
  const pool = new Pool(bare({ workers: 1, grace: 0, name: NAME, ...(stdout && bare({ stdout })) }));
  const gauge = new Gauge();
  try {
    const pass = await pool
      .with({ signal })
      .submit(runLoop, { ref, inputs, warmUp, budget, position: isDeadly ? new Int32Array(1) : position });
    return asPass(pass, gauge);
  } finally {
    gauge.close();
    await pool.shutdown({ cancelPending: true, grace: 0 });
  }
}

/**
 * The plain loop on this thread, for a function that cannot travel.
 *
 * Cancelling: when `signal` aborts, no further call is made; one that waits is left behind, one that holds the thread cannot be ended.
 */
export async function loopPassHere({ fn, inputs, warmUp }: Work, budget: number, position: Position, signal: AbortSignal): Promise<Pass> {
  const executor = new TaskExecutor({ concurrency: 1 });
  const gauge = new Gauge();
  try {
    const pass = await executor.with({ signal }).submit(async () => {
      await plainLoop(fn, inputs.slice(0, warmUp), Number.POSITIVE_INFINITY, position, () => signal.aborted);
      return plainLoop(fn, inputs, budget, position, () => signal.aborted);
    });
    return asPass(pass, gauge);
  } finally {
    gauge.close();
    await executor.shutdown({ cancelPending: true, grace: 0 });
  }
}

const asPass = ({ outcomes, ms, cpuMs }: LoopPass, gauge: Gauge): Pass => ({ startMs: 0, ms, cpuMs, memory: gauge.memory(), outcomes });

/**
 * As tasks on this thread.
 *
 * Cancelling: as with `loopPassHere`.
 */
export async function tasksPass({ fn, inputs, warmUp }: Work, { concurrency }: Contender, signal: AbortSignal): Promise<Pass> {
  const executor = new TaskExecutor({ concurrency });
  let gauge: Gauge | undefined;
  try {
    await executor.map(fn, inputs.slice(0, warmUp), { onError: 'settle', signal });
    gauge = new Gauge();
    const began = clock.now();
    const settled = await executor.map(fn, inputs, { onError: 'settle', signal });
    const ms = clock.now() - began;
    return { startMs: 0, ms, cpuMs: gauge.cpuMs(), memory: gauge.memory(), outcomes: settled.map(outcomeOf) };
  } finally {
    gauge?.close();
    await executor.shutdown({ cancelPending: true, grace: 0 });
  }
}

/**
 * On new threads, or in new processes. Their start is timed on its own.
 *
 * Cancelling: when `signal` aborts the workers are ended.
 */
export async function poolPass(work: Work, contender: Contender, signal: AbortSignal): Promise<Pass> {
  const { fn, inputs, warmUp, stdout } = work;
  const ref = work.ref as FunctionRef;
  const { on, workers, concurrency } = contender;
  const Pool = on === 'threads' ? ThreadPoolExecutor : ProcessPoolExecutor;
  const opened = clock.now();
  const pool = new Pool(bare({ workers, concurrency, grace: 0, name: NAME, ...(stdout && bare({ stdout })) }));
  let gauge: Gauge | undefined;
  try {
    await unlessAborted(pool.broadcast(getReady, ref), signal);
    const startMs = clock.now() - opened;
    if (warmUp > 0) {
      const each = inputs.slice(0, warmUp);
      await pool.map(fn, new Array(workers).fill(each).flat(1), { onError: 'settle', signal, chunk: warmUp });
    }
    const before = on === 'processes' ? await unlessAborted(pool.broadcast(usage), signal) : [];
    gauge = new Gauge();
    const began = clock.now();
    const settled = await pool.map(fn, inputs, { onError: 'settle', signal });
    const ms = clock.now() - began;
    const [cpuHere, memoryHere] = [gauge.cpuMs(), gauge.memory()];
    const outcomes = settled.map(outcomeOf);
    if (on === 'threads') return { startMs, ms, cpuMs: cpuHere, memory: memoryHere, outcomes };
    // Who replaced a worker cannot say what that had used.
    const lost = settled.some((each) => each.status === 'rejected' && each.reason instanceof WorkerLostError);
    if (lost) return { startMs, ms, cpuMs: undefined, memory: undefined, outcomes };
    const after = await unlessAborted(pool.broadcast(usage), signal);
    const since = new Map(before.map(({ pid, cpuMs }) => [pid, cpuMs]));
    return {
      startMs,
      ms,
      cpuMs: after.reduce((sum, { pid, cpuMs }) => sum + cpuMs - (since.get(pid) ?? 0), cpuHere),
      memory: after.reduce((sum, { memory }) => sum + memory, memoryHere),
      outcomes,
    };
  } finally {
    gauge?.close();
    await pool.shutdown({ cancelPending: true, grace: 0 });
  }
}

const outcomeOf = (settled: Settled<unknown>): Outcome =>
  settled.status === 'fulfilled'
    ? { value: settled.value, failed: undefined, stays: undefined }
    : { value: undefined, failed: told(settled.reason), stays: undefined };
