import { flag, func, type OptionTable, record, signal, text } from '../core/index.js';
import type { AnyFunction } from '../futures/index.js';
import type { NotBegun } from './open-executor.js';
import { type BatchOptions, batchTable } from './options.js';
import type { Progress } from './progress.js';
import { Source } from './source.js';

/** A failure, as a job tells it while it goes on. */
export interface Failure {
  index: number;
  input: unknown;
  reason: unknown;
}

/** What a job does, and where its results go. */
export interface JobOptions extends BatchOptions {
  fn: AnyFunction;
  source: Source<unknown>;
  /** Result lines go to this file, as JSON Lines, with a journal beside it. Default: standard output, without one. */
  out?: string;
  /** Failures go to this file. Default: with the results. */
  errors?: string;
  /** Continues the run whose results `out` has; a new one if it has none. */
  resume?: boolean;
  /**
   * Overwrites what `out` and `errors` have. With `resume`: goes on from the result lines alone
   * where the journal is gone or cannot be read, and takes out lines that are no results.
   */
  force?: boolean;
  /** With `resume`: the failures of the former run are taken out and their inputs run again. */
  retryFailed?: boolean;
  /**
   * Where relative `out` and `errors` are, and where processes start. Default: the working
   * directory when the job is started.
   */
  cwd?: string;
  /** Names `fn` in the journal. Default: its own name. */
  identity?: { file: string; name: string };
  /** Stops the job gently when it aborts: no further input is taken, what is running is finished and written. */
  stop?: AbortSignal;
  /**
   * Told what its workers are still at, before they run what they were given, when `stop` aborts:
   * that is waited for as well.
   */
  onStopping?: (notBegun: readonly NotBegun[]) => void;
  onStart?: (start: Progress) => void;
  onFailure?: (failure: Failure) => void;
  /** Told in a sentence what a resumed run has found and mended, and what it cannot check. */
  onNote?: (note: string) => void;
  /** The least time between two calls of `onProgress`, in ms. Default 100. */
  progressEvery?: number;
}

/** What became of a job. */
export interface JobReport extends Progress {
  /** Failures in the results of a former run, which were kept. */
  readonly failedBefore: number;
  /** `finished`: every input has its line. `stopped`: on request. `broken`: see `error`. */
  readonly state: 'finished' | 'stopped' | 'broken';
  /** Whether `resume` can continue it: its results are in a regular file. */
  readonly resumable: boolean;
  /** Why it could not go on: an input that cannot be read, an output that cannot be written, `signal`'s reason. */
  readonly error: unknown;
}

export const jobTable: OptionTable = {
  ...batchTable,
  fn: func,
  source: (v: unknown) => (v instanceof Source ? undefined : 'a source, such as lines(file)'),
  out: text,
  errors: text,
  resume: flag,
  force: flag,
  retryFailed: flag,
  cwd: text,
  identity: record,
  stop: signal,
  onStopping: func,
  onStart: func,
  onFailure: func,
  onNote: func,
  progressEvery: batchTable.timeout,
};
