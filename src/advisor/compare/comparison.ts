import type { Advice, Caution, Point } from '../advice.js';

/** How `compare` runs. Times are ms. */
export interface CompareOptions {
  /** How many times each way is measured; the figures are medians. Default: 3, fewer if one pass takes seconds. */
  rounds?: number;
  /** Which ways are measured, beside one at a time. Default: all. */
  on?: Point['on'] | readonly Point['on'][];
  /** The most it may take as a whole, in ms. What was measured until then is told. Default 120,000. */
  timeout?: number;
  /** The most inputs that are taken. Default 10,000. */
  maxInputs?: number;
  /** What was measured of the function before; `false`: no advice beside the truth. Default: the function is measured first, see `advise`. */
  advice?: Advice | false;
  /** Cancels it when it aborts. */
  signal?: AbortSignal;
  /** Ends it when it aborts, with what was measured until then. */
  stop?: AbortSignal;
  /**
   * Where the workers' stdout goes, as with the pools: on to this process's stdout (default), or to
   * its stderr.
   */
  stdout?: 'stdout' | 'stderr';
  /** Told before each way is measured. */
  onProgress?: (progress: CompareProgress) => void;
}

/** Where a comparison is. */
export interface CompareProgress {
  /** What is measured now: `2 threads`. */
  readonly label: string;
  /** From 1. */
  readonly round: number;
  /** Not known before the first pass has ended. */
  readonly rounds: number | undefined;
}

/** One way of running the inputs: `loop` is one at a time, in a plain loop. */
export interface Contender {
  readonly on: 'loop' | Point['on'];
  readonly workers: number;
  /** Calls in progress at a time in each worker. */
  readonly concurrency: number;
  /** For people: `2 threads`. */
  readonly label: string;
  /** Whether it is the point that the advice recommends. */
  readonly advised: boolean;
}

/** What a way of running the inputs gave. Times are ms, sizes bytes. */
export interface Row extends Contender {
  /**
   * `measured`: there are figures. `failed`: every call failed, or no worker could start. `too-slow`: it was ended, being several times slower than one at a
   * time. `never-returned`: a call had not returned after half of the whole time. `not-run`: see `reason`.
   */
  readonly state: 'measured' | 'failed' | 'too-slow' | 'never-returned' | 'not-run';
  /** If there are no figures: why. */
  readonly reason: string | undefined;
  /** How many passes the figures are the medians of. */
  readonly rounds: number;
  /** All inputs once, with the workers up and the function loaded in them; where that is a matter of milliseconds, after some calls to warm up. */
  readonly ms: number | undefined;
  /** The same in the fastest pass: what the neighbours of a busy machine disturb least. */
  readonly fastestMs: number | undefined;
  /** Starting the workers and loading the function in them, before that; 0 where there are none to start. */
  readonly startMs: number | undefined;
  /** Against one at a time. */
  readonly speedup: number | undefined;
  /** The same with the start of the workers counted. */
  readonly speedupWithStart: number | undefined;
  /** What the advice said that `speedup` would be. */
  readonly predicted: number | undefined;
  /** Processor time of all threads and workers together. */
  readonly cpuMs: number | undefined;
  /** How many cores were busy on average: `cpuMs / ms`. Not told of less than 10 ms. */
  readonly cores: number | undefined;
  /** The most resident memory of this process and of its worker processes, added up. What processes share is counted in each. */
  readonly memory: number | undefined;
  /** How many calls failed, in the worst pass; and what the first of them threw. */
  readonly failed: number;
  readonly error: string | undefined;
  /** For how many inputs the answer was another than one at a time had given, in the worst pass. */
  readonly differing: number;
}

/** What `compare` found. */
export interface Comparison {
  /** The function's name. */
  readonly name: string;
  /** How many inputs each pass ran. */
  readonly inputs: number;
  /** `finished`; `timed-out` or `stopped`: not everything was measured, see the rows. */
  readonly state: 'finished' | 'timed-out' | 'stopped';
  readonly rounds: number;
  /** The cores that this process may use. */
  readonly cores: number;
  /** How much of a core a thread that only computes had, from 0 to 1: less than 0.85 is a busy machine, whose figures say little. */
  readonly availability: number;
  /** One at a time first. */
  readonly rows: readonly Row[];
  /** The fastest once its workers are up; of those within 5 %, the simplest. */
  readonly best: Row | undefined;
  /** The same with the start of the workers counted: what is best if these inputs are all there is. */
  readonly bestWithStart: Row | undefined;
  readonly advice: Advice | undefined;
  readonly cautions: readonly Caution[];
  /** How it was measured, where that is not as usual: fewer inputs, fewer rounds. */
  readonly notes: readonly string[];
}
