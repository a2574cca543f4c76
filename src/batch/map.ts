import {
  AlreadyStartedError,
  bare,
  CancelledError,
  Deque,
  flag,
  keepContext,
  mustBeFunction,
  onAbort,
  oneOf,
  RunCallbacks,
  readOptions,
  type Unwrapped,
  whole,
} from '../core/index.js';
import { cancellation, mindPromises, mustBeInputs, type Results, ResultsBase, type Settled } from '../futures/index.js';
import { backoffAfter } from './backoff.js';
import { readerOf } from './iterable-reader.js';
import { endExecutor, openExecutor } from './open-executor.js';
import { type BatchOptions, batchTable } from './options.js';
import { ProgressMeter } from './progress.js';
import { TokenBucket } from './rate.js';
import { Run } from './run.js';
import { Source } from './source.js';

/** How `map` runs: where, how often, how fast, and what it does about failures. */
export interface BatchMapOptions extends BatchOptions {
  /** The most inputs that are taken and whose results are not yet delivered. Default: what keeps every worker busy. */
  buffer?: number;
  /** `throw` (default): the first failure, after its retries, ends the map. `settle`: each input gets a record, see `Settled`. */
  onError?: 'throw' | 'settle';
}

/** How many outcomes wait for a reader before the run is held up. */
const READY = 1024;
const TELL = 100;
const table = { ...batchTable, ordered: flag, buffer: whole(1), onError: oneOf('throw', 'settle') };

/**
 * Runs `fn` once for each input, wherever measuring says: on this thread, with as many calls in flight as pay, or on threads, of which it makes and ends as many as pay. Inputs may be any
 * iterable, also an endless one, or a source such as `lines(file)`; memory stays bounded. It starts when it is first looked
 * at: await it for an array, or `for await` it one by one.
 *
 * Cancelling: leaving the loop early, `cancel()` or `signal` cancels what is in flight, closes the inputs and ends the workers.
 *
 * @param fn What to run. On threads and in processes it must be able to travel: exported from a module, for instance.
 * @throws {OptionError} code `MEANTIME_OPTION`, for an unknown option or a wrong value.
 *
 * @example
 * ```ts run
 * import { map } from 'meantime/batch';
 *
 * const lengths = map(async (word: string) => word.length, ['one', 'three'], { on: 'tasks' });
 * await lengths; // => [3, 5]
 * ```
 *
 * @example A record for each input, failed or not
 * ```ts run
 * import { map } from 'meantime/batch';
 *
 * const seen: string[] = [];
 * for await (const outcome of map(JSON.parse, ['1', '{'], { on: 'tasks', onError: 'settle' })) seen.push(outcome.status);
 * seen; // => ['fulfilled', 'rejected']
 * ```
 */
export function map<I, R>(
  fn: (input: I) => R,
  inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
  options: BatchMapOptions & { onError: 'settle' },
): Results<Settled<Unwrapped<R>, I>>;
export function map<I, R>(
  fn: (input: I) => R,
  inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
  options?: BatchMapOptions,
): Results<Unwrapped<R>>;
export function map<I, R>(
  fn: (input: I) => R,
  inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
  options?: BatchMapOptions,
): Results<unknown> {
  return new BatchResults(fn, inputs, readOptions('map', options, table));
}

type Outcome = Settled<unknown, unknown>;
type Waiter = { resolve(step: IteratorResult<unknown>): void; reject(error: unknown): void };

class BatchResults extends ResultsBase<unknown> {
  readonly #fn: (input: never) => unknown;
  readonly #inputs: Iterable<unknown> | AsyncIterable<unknown>;
  readonly #options: BatchMapOptions;
  readonly #wait: (failures: number) => number;
  /** It starts when it is first looked at, and runs in the context of where it was made. */
  readonly #within = keepContext();
  readonly #callbacks = new RunCallbacks((error) => this.#cancel(error));
  readonly #ready = new Deque<Outcome>();
  readonly #waiters = new Deque<Waiter>();
  #relief: (() => void) | undefined;
  #started = false;
  #promise: Promise<unknown[]> | undefined;
  #run: Run<unknown, unknown> | undefined;
  #plain: Results<unknown> | undefined;
  #done: Promise<void> | undefined;
  #cancelled: { reason: unknown } | undefined;
  #end: { error: unknown; failed: boolean } | undefined;

  constructor(fn: (input: never) => unknown, inputs: Iterable<unknown> | AsyncIterable<unknown>, options: BatchMapOptions) {
    super();
    mustBeFunction('map', fn);
    mustBeInputs('map', inputs);
    mindPromises(inputs);
    this.#fn = fn;
    this.#inputs = inputs;
    const onProgress = this.#callbacks.of(options.onProgress);
    const onDecision = this.#callbacks.of(options.onDecision);
    this.#options = bare(options, { onProgress, onDecision });
    this.#wait = backoffAfter(options.backoff);
  }

  protected override all(): Promise<unknown[]> {
    this.#promise ??= this.#within(() => (this.#isPlain ? this.#collectPlain() : this.#collect()));
    return this.#promise;
  }

  protected override open(): void {
    this.#start();
  }

  protected override step(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#deliver();
    });
  }

  protected override async leave(): Promise<void> {
    this.#cancel(new CancelledError('The loop over the results was left'));
    await this.#done;
  }

  cancel(reason?: unknown): void {
    this.#cancel(cancellation(reason));
  }

  /** Whether the executor's own map does all that is asked. */
  get #isPlain(): boolean {
    const { retries, rate, onProgress } = this.#options;
    return !this.#started && !retries && rate === undefined && onProgress === undefined && !(this.#inputs instanceof Source);
  }

  /** All at once, and nobody wants to know of each: without a promise for every input this takes a tenth of the time. */
  async #collectPlain(): Promise<unknown[]> {
    this.#started = true;
    const { ordered, onError, timeout, chunk, buffer, signal, retries } = this.#options;
    // What is not given must not stand in the way of what a view of an executor brings.
    const given = Object.entries({ ordered, onError, timeout, chunk, buffer, signal, retries }).filter(([, value]) => value !== undefined);
    const opened = await openExecutor(this.#options);
    let failed = true;
    try {
      this.#throwIfCancelled();
      this.#plain = opened.executor.map(this.#fn as (input: unknown) => unknown, this.#inputs, Object.fromEntries(given));
      const values = await this.#plain;
      await this.#callbacks.ended();
      this.#throwIfCancelled();
      failed = false;
      return values;
    } catch (error) {
      this.#throwIfCancelled();
      throw error;
    } finally {
      this.#end = { failed, error: undefined };
      if (opened.own) await endExecutor(opened, failed);
    }
  }

  /** The reason it was ended for stands before what the end of its calls says. */
  #throwIfCancelled(): void {
    if (this.#cancelled) throw this.#cancelled.reason;
  }

  async #collect(): Promise<unknown[]> {
    const values: unknown[] = [];
    for await (const value of { [Symbol.asyncIterator]: () => this[Symbol.asyncIterator]() }) values.push(value);
    return values;
  }

  #start(): void {
    if (this.#started) throw new AlreadyStartedError('A map runs once: keep its results, or call map again');
    this.#started = true;
    // Its failure is kept in `#end` for whoever reads.
    this.#done = this.#within(() => this.#work()).then(
      () => this.#ended({ failed: false, error: undefined }),
      (error) => this.#ended({ failed: true, error }),
    );
  }

  async #work(): Promise<void> {
    const { ordered = true, retries, rate, timeout, chunk, signal, onProgress } = this.#options;
    const meter = new ProgressMeter(TELL, onProgress);
    const { executor, own, slots, point } = await openExecutor(this.#options);
    meter.point = point;
    let release: (() => void) | undefined;
    try {
      const run = new Run<unknown, unknown>(
        bare({
          executor,
          fn: this.#fn,
          reader: readerOf(this.#inputs),
          ordered,
          retries,
          wait: this.#wait,
          rate: rate === undefined ? undefined : new TokenBucket(rate),
          timeout,
          chunk,
          buffer: this.#options.buffer ?? (rate === undefined ? undefined : slots),
          emit: (outcome) => {
            meter.count(outcome.status === 'rejected');
            return this.#take(outcome);
          },
        }),
      );
      this.#run = run;
      release = signal && onAbort(signal, () => this.#cancel(cancellation(signal.reason)));
      if (this.#cancelled) run.cancel(this.#cancelled.reason);
      await run.finished();
      onProgress?.(meter.now());
    } finally {
      release?.();
      if (own) await endExecutor(bare({ executor, own, slots }), this.#cancelled !== undefined);
      await this.#callbacks.ended();
    }
    this.#throwIfCancelled();
  }

  #cancel(reason: unknown): void {
    if (this.#end || this.#cancelled) return;
    this.#cancelled = { reason };
    while (this.#ready.size > 0) this.#ready.shift();
    this.#relieve();
    this.#run?.cancel(reason);
    this.#plain?.cancel(reason);
  }

  #take(outcome: Outcome): void | Promise<void> {
    if (this.#cancelled) return;
    if (outcome.status === 'rejected' && this.#options.onError !== 'settle') {
      // What came before it, and is not fetched yet, still goes out before the error.
      this.#cancelled = { reason: outcome.reason };
      this.#run?.cancel(outcome.reason);
      return;
    }
    this.#ready.push(outcome);
    this.#deliver();
    const most = this.#options.buffer === undefined ? READY : 1;
    if (this.#ready.size < most) return;
    return new Promise((resolve) => {
      this.#relief = resolve;
    });
  }

  #ended(end: { error: unknown; failed: boolean }): void {
    this.#end = end;
    this.#deliver();
  }

  #deliver(): void {
    while (this.#waiters.size > 0) {
      const outcome = this.#ready.shift();
      if (outcome !== undefined) {
        const value = this.#options.onError === 'settle' || outcome.status === 'rejected' ? outcome : outcome.value;
        this.#waiters.shift()?.resolve({ done: false, value });
      } else if (this.#end?.failed) {
        const { error } = this.#end;
        this.#end = { failed: false, error: undefined };
        this.#waiters.shift()?.reject(error);
      } else if (this.#end) this.#waiters.shift()?.resolve({ done: true, value: undefined });
      else break;
    }
    if (this.#ready.size === 0) this.#relieve();
  }

  #relieve(): void {
    this.#relief?.();
    this.#relief = undefined;
  }
}
