import {
  either,
  environment,
  flag,
  func,
  limit,
  list,
  milliseconds,
  type OptionTable,
  oneOf,
  record,
  text,
  whole,
} from '../../core/index.js';
import type { AnyFunction } from '../../futures/index.js';
import type { Point } from '../advice.js';
import type { Decision } from './decision.js';

/** How an AutoExecutor is made. Sizes are bytes, times ms. */
export interface AutoOptions {
  /** The most threads. Default: the cores for work that computes, up to 32 for work that holds its threads without computing. */
  maxWorkers?: number;
  /** The most calls in progress at a time, over all threads. Default 1,024. */
  maxConcurrency?: number;
  /** The most a worker's JavaScript heap may hold, in bytes. */
  memoryLimit?: number;
  /**
   * Whether nothing that can travel runs on this thread. Default `false`: a map begins here, as a loop would, and moves to threads when that pays. Then a call that computes holds
   * this thread, at most for one call; one that never returns holds it for ever.
   */
  isolate?: boolean;
  /** Where it begins, for instance `(await advise(fn, inputs)).point`; it steers on from there. Its workers are threads, also where processes were advised. Default: it finds out. */
  start?: { readonly on?: Point['on']; readonly workers: number; readonly concurrency: number };
  /** Told of every decision, when it is made. */
  onDecision?: (decision: Decision) => void;
  /** Runs once in every worker before its first call: a function, or a function and its arguments. */
  initializer?: AnyFunction | readonly [AnyFunction, ...unknown[]];
  /** The environment of the workers. Default: a copy of this process's. */
  env?: Record<string, string | undefined>;
  /** A worker without work for this long ends. Default 30,000; Infinity: never. */
  idleTimeout?: number;
  /** A worker is replaced after this many calls. Default Infinity. */
  maxCallsPerWorker?: number;
  /**
   * How long a worker may take, in ms, to start, and to import a function's module. Default 30,000;
   * Infinity: without end.
   */
  startTimeout?: number;
  /** How long a cancelled or timed-out call may take to let go before its worker is ended. Default 1,000. */
  grace?: number;
  /** In messages, in the trace and as the threads' name. */
  name?: string;
  /** Where the workers' stdout goes: on to this process's stdout (default), or to its stderr. */
  stdout?: 'stdout' | 'stderr';
}

export const autoTable: OptionTable = {
  maxWorkers: whole(1),
  maxConcurrency: limit,
  memoryLimit: limit,
  isolate: flag,
  start: record,
  onDecision: func,
  initializer: either(func, list),
  env: environment,
  idleTimeout: milliseconds,
  maxCallsPerWorker: limit,
  startTimeout: milliseconds,
  grace: milliseconds,
  name: text,
  stdout: oneOf('stdout', 'stderr'),
};
export const startTable: OptionTable = { on: oneOf('tasks', 'threads', 'processes'), workers: whole(1), concurrency: limit };
