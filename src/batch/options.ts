import {
  either,
  finite,
  flag,
  func,
  limit,
  milliseconds,
  type OptionCheck,
  type OptionTable,
  oneOf,
  record,
  signal,
  whole,
} from '../core/index.js';
import type { Backoff } from './backoff.js';
import type { WorkerOptions } from './open-executor.js';
import type { Progress } from './progress.js';

/** What `map` and a job have in common. Times are ms, sizes bytes. */
export interface BatchOptions extends WorkerOptions {
  /**
   * How often a call that threw, timed out or lost its worker runs again; instead of what a view of
   * an executor says. Default 0: at most once.
   */
  retries?: number;
  /** How long to wait before that: the first wait in ms, or more exactly. Default 200 ms, doubled each time. */
  backoff?: number | Backoff;
  /** The most a call may take, in ms, from its start. */
  timeout?: number;
  /** The most calls that start per second, evenly spaced. */
  rate?: number;
  /** Outcomes in the order of the inputs. */
  ordered?: boolean;
  /** Inputs per message to a worker. Default `auto`. */
  chunk?: number | 'auto';
  /** Ends it when it aborts: what is in flight is cancelled. */
  signal?: AbortSignal;
  /** Told how far it is, about ten times a second at most. */
  onProgress?: (progress: Progress) => void;
}

const positive: OptionCheck = (v) => (typeof v === 'number' && v > 0 ? undefined : 'a number above 0');
const executor: OptionCheck = (v) =>
  typeof v === 'object' && v !== null && typeof (v as { submit?: unknown }).submit === 'function' ? undefined : 'an executor';

/** The checks of `BatchOptions`. */
export const batchTable: OptionTable = {
  on: either(oneOf('auto', 'tasks', 'threads', 'processes'), executor),
  workers: whole(1),
  concurrency: limit,
  maxWorkers: whole(1),
  maxConcurrency: limit,
  isolate: flag,
  onDecision: func,
  memoryLimit: limit,
  startTimeout: milliseconds,
  retries: whole(0, Number.POSITIVE_INFINITY),
  backoff: either(finite, record),
  timeout: milliseconds,
  rate: positive,
  ordered: flag,
  chunk: either(whole(1), oneOf('auto')),
  signal,
  onProgress: func,
};
