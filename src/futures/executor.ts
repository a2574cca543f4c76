import type { Unwrapped } from '../core/index.js';
import type { Future } from './future.js';

/** How one call is made. All times are milliseconds. */
export interface CallOptions {
  /** Cancels the call when it aborts. */
  signal?: AbortSignal;
  /** The most the call may take, in ms, from its start; then its signal aborts and it fails with a TimeoutError. */
  timeout?: number;
  /** The most until it has ended, in ms, from its submission. */
  deadline?: number;
  /** A higher one goes first; equal ones in order of submission. Default 0. */
  priority?: number;
  /**
   * Things that are moved to the worker instead of copied: ArrayBuffers, MessagePorts. Copied where
   * the transport cannot move. Not together with `retries`: what has been moved is not there for a
   * second try.
   */
  transfer?: readonly unknown[];
  /** How many times a call that threw, timed out or lost its worker runs again. Default 0: at most once. */
  retries?: number;
  /** For messages and for the trace. */
  name?: string;
}

/** What `onError: 'settle'` gives for each input. */
export type Settled<R, I = unknown> =
  | { status: 'fulfilled'; value: R; input: I; index: number }
  | { status: 'rejected'; reason: unknown; input: I; index: number };

/** How a map is run. */
export interface MapOptions extends CallOptions {
  /** Results in the order of the inputs (default), or as they come. */
  ordered?: boolean;
  /** Inputs per message. `auto` (default) grows a chunk until it takes 20 to 200 ms. */
  chunk?: number | 'auto';
  /** The most inputs that are taken and whose results are not yet delivered. Default: what keeps every worker busy, at most 65,536. */
  buffer?: number;
  /** `throw` (default): the first failure ends the map. `settle`: each input gets a record, see `Settled`. */
  onError?: 'throw' | 'settle';
}

/**
 * The results of a map. It starts when it is first looked at, once: await it for an array, or `for await` it one by one,
 * and then no more than `buffer` inputs are taken ahead of you.
 *
 * Cancelling: leaving the loop early cancels what is in flight and closes the inputs. So does the cancellation of a task that waits for them, for everybody who waits.
 */
export interface Results<R> extends Promise<R[]>, AsyncIterable<R> {
  /** Cancels what is in flight; whoever waits gets a CancelledError. */
  cancel(reason?: unknown): void;
}

/** Milliseconds at the median and at the 99th percentile of the last 1,024 samples, one sample a message. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** A frozen picture of an executor. */
export interface ExecutorStats {
  /** Workers that are up or starting. */
  readonly workers: number;
  /** Calls that are in a worker's hands. */
  readonly running: number;
  /** Calls that wait for one. */
  readonly queued: number;
  readonly done: number;
  readonly failed: number;
  /** Workers that ended without being asked to. */
  readonly lost: number;
  /** From submission to being handed to a worker, in ms. */
  readonly wait: Percentiles;
  /** In the worker, in ms. */
  readonly run: Percentiles;
}

/** How an executor is shut down. */
export interface ShutdownOptions {
  /** Cancels what is queued. Default `false`: everything that was accepted is done first. */
  cancelPending?: boolean;
  /** If given, what is running is cancelled too, and a worker that has not let go after this many ms is ended. */
  grace?: number;
}

/** Something that can be called with inputs, here or elsewhere. */
// biome-ignore lint/suspicious/noExplicitAny: parameters are inferred at each call
export type AnyFunction = (...args: any[]) => unknown;

/**
 * Runs calls somewhere: on this thread, on threads, in processes, on other machines. All keep the same promises; the
 * suite `checkExecutor` in `meantime/testing` is their list.
 */
export interface Executor extends AsyncDisposable {
  /**
   * Makes one call.
   *
   * Cancelling: `future.cancel()` or `options.signal`, see `with`.
   *
   * @returns A Future of what `fn` returns; promises and coroutines are unwrapped. It never throws itself: a refusal is a rejected future.
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Unwrapped<R>>;
  /**
   * Calls `fn` once for each input, which may be any iterable, also an endless one.
   *
   * Cancelling: see `Results`. A `timeout`, a `deadline` and `retries` hold for each input on its own.
   */
  map<I, R>(
    fn: (input: I) => R,
    inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
    options: MapOptions & { onError: 'settle' },
  ): Results<Settled<Unwrapped<R>, I>>;
  map<I, R>(
    fn: (input: I) => R,
    inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
    options?: MapOptions,
  ): Results<Unwrapped<R>>;
  /**
   * Runs a generator function, async or not, over there and hands over what it yields, with back-pressure.
   *
   * Cancelling: leaving the loop closes the generator over there: its `finally` runs.
   */
  stream<A extends unknown[], Y>(fn: (...args: A) => Iterable<Y> | AsyncIterable<Y>, ...args: A): AsyncIterableIterator<Y>;
  /** The same workers with other options for the calls made through the view. */
  with(options: CallOptions): Executor;
  /**
   * Ends it: nothing that was accepted is lost, unless asked; what is submitted afterwards is refused with a ShutdownError.
   * When it resolves every future has settled and nothing keeps the process alive. Calling it again gives the same end.
   *
   * Cancelling: a shutdown cannot be taken back, only hastened by a second call with other options.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
  stats(): ExecutorStats;
}
