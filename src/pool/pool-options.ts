import { either, environment, func, limit, list, milliseconds, type OptionTable, oneOf, text, whole } from '../core/index.js';
import type { AnyFunction } from '../futures/index.js';

/** How a pool of workers is made. Sizes are bytes, times ms. */
export interface PoolOptions {
  /** The most workers. They start when there is work for them. Default: the cores this process may use. */
  workers?: number;
  /**
   * Calls in progress at a time in each worker. Default 1; more for calls that wait; Infinity: all
   * that there are.
   */
  concurrency?: number;
  /** A worker without work for this long ends. Default 30,000; Infinity: never. */
  idleTimeout?: number;
  /** A worker is replaced after this many calls. Default Infinity. */
  maxCallsPerWorker?: number;
  /**
   * The most a worker's JavaScript heap may hold, in bytes. A call that needs more ends its worker,
   * with a WorkerLostError. Infinity: as if it were not given.
   */
  memoryLimit?: number;
  /** Runs once in every worker before its first call: a function, or a function and its arguments. */
  initializer?: AnyFunction | readonly [AnyFunction, ...unknown[]];
  /**
   * How long a worker may take, in ms, before it runs what it was given: its start with all that it
   * imports and its initializer; the import of a called function's module; and, if it runs nothing
   * else, until it takes a call. One that takes longer is ended, and what it was to import or to
   * initialize fails with a WorkerStartError. Default 30,000; Infinity: without end.
   */
  startTimeout?: number;
  /**
   * The environment of the workers. An undefined variable is left out. Default: a copy of this
   * process's.
   */
  env?: Record<string, string | undefined>;
  /** In messages, in the trace and as the thread's name. */
  name?: string;
  /** How long a cancelled or timed-out call may take to let go before its worker is ended. Default 1,000. */
  grace?: number;
  /**
   * Where the workers' stdout goes: on to this process's stdout (default), or to its stderr. That
   * is `console.log` and `process.stdout`; of a process also descriptor 1, with all that is written
   * or started with it. Threads have no descriptors of their own: `fs.writeSync(1, …)` and child
   * processes that inherit it write to this process's stdout.
   */
  stdout?: 'stdout' | 'stderr';
}

/** How long a worker may take to start if nothing else is said, in ms. */
export const START_TIMEOUT = 30_000;

export const poolTable: OptionTable = {
  workers: whole(1),
  concurrency: limit,
  idleTimeout: milliseconds,
  maxCallsPerWorker: limit,
  memoryLimit: limit,
  initializer: either(func, list),
  startTimeout: milliseconds,
  env: environment,
  name: text,
  grace: milliseconds,
  stdout: oneOf('stdout', 'stderr'),
};

/** For the process pool's own options. */
export const processTable: OptionTable = { cwd: text, execArgv: list, killGrace: milliseconds };
