import type { FunctionRef } from '../../wire/index.js';
import type { Usage } from '../shares.js';

/** What is to be measured. Times are ms. */
export interface Order {
  readonly ref: FunctionRef;
  /** How long the calls that count should take together. */
  readonly budget: number;
  /** How long the measuring may take, from its begin. */
  readonly until: number;
}

/** A stretch of calls in a row. */
export interface Window extends Usage {
  readonly calls: number;
  /** How much of a processor a thread got around that time: from 0 to 1. */
  readonly availability: number;
}

/** What values are like that have to be copied to get to another thread. */
export interface Copying {
  /** Of one value, in V8's structured-clone format. */
  readonly bytes: number;
  /** To write and read one, in ms. */
  readonly ms: number;
  /** Why a value cannot be copied, if it cannot. */
  readonly refused: string | undefined;
}

/** What was seen while a function was called. */
export interface Measurement {
  readonly windows: readonly Window[];
  /** Calls in the windows, and before them. */
  readonly calls: number;
  readonly failed: number;
  /** The first failure: `TypeError: not a picture`. */
  readonly failure: string | undefined;
  /** One call, the median of the windows, in ms. */
  readonly ms: number;
  /** The fastest of them. */
  readonly fastest: number;
  readonly input: Copying;
  readonly result: Copying;
  /** By how many bytes the calls have made the process larger, at its largest. */
  readonly memory: number;
  /** Exports of the function's module, other than functions, that are not what they were. */
  readonly changed: readonly string[];
}

/** What the far side answers. */
export type Answer = { readonly measured: Measurement } | { readonly unloadable: string };
