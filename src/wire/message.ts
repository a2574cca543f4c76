import type { FunctionRef } from './function-ref.js';
import type { Coded, Marks } from './marks.js';
import type { Carrier } from './value.js';

/*
 * Every message that can cross, on one screen. Messages are flat arrays, since those clone 2.7 times faster than objects;
 * the first element says what it is. `seq` numbers the calls of one worker in the order they were sent.
 *
 * A message in which values had to be encoded travels in an envelope: [CODED, message, marks]. No
 * value is looked at to tell whether it was.
 */

/** The kind of the envelope, in both directions. */
export const CODED = 64;

/** The message with its marks around it. */
export const enveloped = (message: unknown[], marks: Marks): unknown[] => [CODED, message, marks];

/** Whether a message is in an envelope: what is in that is not known to be right. */
export const isEnveloped = (message: unknown[]): boolean => message[0] === CODED;

/**
 * From the pool to the worker. END, and all that is said to be between links, is for the transport.
 */
export const ToWorker = {
  /** [FUNCTION, id, ref]: from now on `id` means this function. */
  FUNCTION: 0,
  /** [CALLS, epoch, seq of the first, timed, (function id, number of arguments, ...arguments)*] */
  CALLS: 1,
  /**
   * [CHUNK, epoch, seq, function id, stop, inputs, most?]: calls the function for each input; with `stop`, until one fails; with `most`, no further ones after so many ms. Inputs that are
   * all numbers come as a Float64Array.
   */
  CHUNK: 2,
  /** [STREAM, epoch, seq, function id, credit, timed, arguments]: runs a generator; `credit` values may be under way. */
  STREAM: 3,
  /** [CREDIT, seq, n]: n more values may be sent. */
  CREDIT: 4,
  /** [CLOSE, seq]: the reader has left; the generator is closed. */
  CLOSE: 5,
  /** [ABORT, seq, reason]: the call's signal aborts; if it has not started, it is skipped. */
  ABORT: 6,
  /** [NOW, seq, function id, arguments]: a call that waits for no slot and is not claimed: broadcasts. */
  NOW: 7,
  /** [END, exit code?]: nothing more will come. Without a code the worker's own `process.exitCode` stands. */
  END: 8,
  /** [SLOTS, n]: from now on at most `n` calls at a time. */
  SLOTS: 9,
  /** [WRITTEN, stream, n]: so much of what OUTPUT brought has been written. Between links. */
  WRITTEN: 10,
  /** [ASK]: whether it still listens. */
  ASK: 11,
} as const;

/** From the worker to the pool. */
export const ToPool = {
  /** [RESULTS, ms, (seq, value)*]: a failure has -seq - 1 and its error. `ms` is the time per call of this message. */
  RESULTS: 0,
  /** [PART, seq, from, values, bound]: values of a chunk, numbers again as a Float64Array; inputs from `bound` on have not been started. */
  PART: 1,
  /** [PART_FAILED, seq, at, error] */
  PART_FAILED: 2,
  /**
   * [STARTED, seq]: a call begins now. Said of those with a time limit, of broadcasts, and of what
   * had to be loaded first. With SETUP as `seq` and the step's number after it: that step of the
   * set-up begins.
   */
  STARTED: 3,
  /** [BEGUN, seq]: calls up to and including this may have been started (where no claim word is shared). */
  BEGUN: 4,
  /** [ITEMS, seq, values]: what a generator yielded. */
  ITEMS: 5,
  /** [READY] */
  READY: 6,
  /** [UNFIT, error]: the initializer failed; the worker is of no use. */
  UNFIT: 7,
  /**
   * [OUTPUT, stream, descriptor, chunk, encoding]: a thread wrote to its stdout (1) or stderr (2),
   * to be written there. Between links.
   */
  OUTPUT: 8,
  /** [FATAL, error]: a process ends because nobody caught this. Between links. */
  FATAL: 9,
  /**
   * [LOADING, seq]: the module of this call's function is being imported. With SETUP as `seq` and
   * the step's number after it: of that step.
   */
  LOADING: 10,
  /** [LISTENS]: the answer to ASK. */
  LISTENS: 11,
} as const;

/** Stands for the number of a call in what is said of the set-up. */
export const SETUP = -1;

/** What a worker is told at birth. */
export interface Boot {
  /** What the worker is called. */
  readonly name?: string;
  readonly concurrency: number;
  /** How many pools deep the worker is. */
  readonly depth: number;
  /** Memory of the claim word, where pool and worker share memory. */
  readonly claims?: SharedArrayBuffer;
  /** Whether large buffers go beside the stream: a process has inherited what for. */
  readonly beside?: boolean;
  /** Run one after the other before the first call: the initializer, then what was broadcast. */
  readonly setup: readonly { readonly ref: FunctionRef; readonly args: Coded }[];
}

/** One end of a connection, as seen from the worker. */
export interface Port {
  /** How messages leave. */
  readonly carrier: Carrier;
  /** @throws if a value cannot be cloned; nothing has been sent then. */
  post(message: unknown[], transfer?: readonly unknown[]): void;
}
