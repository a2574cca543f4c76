import type { Unwrapped } from '../core/index.js';
import { flag, limit, milliseconds, notCallable, readOptions, whole } from '../core/index.js';
import {
  type AnyFunction,
  type CallOptions,
  type ChunkSink,
  ExecutorBase,
  type ExecutorStats,
  type Future,
  type FutureCell,
  FutureSource,
  type Origin,
  refused,
  type ShutdownOptions,
  watchFuture,
} from '../futures/index.js';
import type { Pool } from './pool.js';
import { PoolCall } from './pool-call.js';
import type { NotBegun } from './start-watch.js';
import { StreamReader } from './stream-reader.js';

/** What `resize` changes. */
export interface PoolSize {
  /** The most workers. */
  workers?: number;
  /** Calls in progress at a time in each. */
  concurrency?: number;
}

/** What a worker has used since it started. Times are ms. */
export interface WorkerUsage {
  /** Of the thread or process. */
  readonly id: number;
  /** How long its event loop was not idle: it computed, or was held by a call that blocks. */
  readonly busy: number;
  /** How long its thread was on a processor; `undefined` where the platform does not tell. */
  readonly computing: number | undefined;
  /** How long it was ready to compute while others had the processors; `undefined` where the platform does not tell. */
  readonly waiting: number | undefined;
}

/** An Executor over a pool of workers. */
export abstract class PoolExecutor extends ExecutorBase {
  readonly #pool: Pool;
  readonly #canChunk: boolean;

  constructor(pool: Pool, canChunk: boolean) {
    super();
    this.#pool = pool;
    this.#canChunk = canChunk;
  }

  /** Where calls run side by side, or are counted, each input is a call of its own. */
  get chunks(): boolean {
    return this.#canChunk && this.#pool.concurrency === 1;
  }

  /**
   * Changes how many workers there are at most, and how many calls run at a time in each, from now on. Nothing is lost: a worker that is one too many finishes what it runs
   * and ends; calls that it had not started run elsewhere, on threads, and in processes with it.
   *
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  resize(size: PoolSize): void {
    const { workers, concurrency } = readOptions('resize', size, { workers: whole(1), concurrency: limit });
    this.#pool.resize(workers ?? this.#pool.size, concurrency ?? this.#pool.concurrency);
  }

  /** What each worker that is up has used; those of which that cannot be told (processes, at present) are left out. It answers also while they are busy. */
  usage(): readonly WorkerUsage[] {
    return this.#pool.usage().map(({ id, usage }) => Object.freeze({ id, ...usage }));
  }

  /**
   * @internal What the workers are at that do not run what they were sent: for whoever waits for
   * the end of a run.
   */
  notBegun(): NotBegun[] {
    return this.#pool.notBegun();
  }

  /**
   * @internal Whether this is the error of workers that could not start: the next call would most
   * likely fail of the same.
   */
  isStartFailure(error: unknown): boolean {
    return this.#pool.isStartFailure(error);
  }

  slots(): number {
    return this.#pool.size * this.#pool.concurrency;
  }

  call(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>): Future<unknown> {
    const call = new PoolCall(this.#pool, this.#pool.target(fn), fn, args, options, origin, cell);
    this.#pool.submit(call);
    return call.future;
  }

  chunk(
    fn: AnyFunction,
    inputs: readonly unknown[],
    options: CallOptions,
    origin: Origin,
    stop: boolean,
    sink: ChunkSink,
  ): (reason?: unknown) => void {
    const call = new PoolCall(this.#pool, this.#pool.target(fn), fn, [], options, origin);
    const part = {
      inputs,
      stop,
      sink,
      from: 0,
      to: inputs.length,
      unsendable: undefined,
      answered: 0,
      bound: 0,
      ms: 0,
      over: false,
      stuck: 0,
    };
    call.extra.chunk = part;
    watchFuture(call.future, (future) => {
      if (future.state !== 'fulfilled') {
        try {
          future.result();
        } catch (error) {
          while (part.answered < inputs.length) sink.failed(part.answered++, error);
        }
      }
      sink.ended(part.ms);
    });
    this.#pool.submit(call);
    return (reason) => call.future.cancel(reason);
  }

  openStream(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin): AsyncIterableIterator<unknown> {
    const call = new PoolCall(this.#pool, this.#pool.target(fn), fn, args, options, origin);
    const reader = new StreamReader(() => this.#pool.submit(call));
    reader.close = () => call.future.cancel('its reader left');
    call.extra.stream = reader;
    watchFuture(call.future, (future) => {
      if (future.state === 'fulfilled') reader.finish();
      else {
        try {
          future.result();
        } catch (error) {
          reader.fail(error);
        }
      }
    });
    return reader;
  }

  /**
   * Runs `fn` once on every worker; all of them are started for it. Workers that come later run it before their first call, until it is broadcast
   * again with other arguments. It does not wait behind calls, unless one keeps the worker from listening.
   *
   * Cancelling: not possible; the future only stops waiting.
   *
   * @returns What each worker returned.
   * @throws the error of the first worker where it failed.
   */
  broadcast<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Unwrapped<R>[]> {
    const wrong = notCallable('broadcast', fn);
    if (wrong !== undefined) return refused(wrong);
    const source = new FutureSource<Unwrapped<R>[]>();
    this.#pool.broadcast(this.#pool.target(fn as AnyFunction), args).then(
      (values) => source.fulfil(values as Unwrapped<R>[]),
      (error) => source.reject(error),
    );
    return source.future;
  }

  async shutdown(options?: ShutdownOptions): Promise<void> {
    await this.#pool.shutdown(readOptions('shutdown', options, { cancelPending: flag, grace: milliseconds }));
  }

  stats(): ExecutorStats {
    return this.#pool.stats();
  }
}
