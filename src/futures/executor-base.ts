import { notCallable, type Unwrapped } from '../core/index.js';
import { ownOptions, readCallOptions } from './call-options.js';
import { cancellableSteps, refusedSteps } from './cancellation-point.js';
import type { AnyFunction, CallOptions, Executor, ExecutorStats, MapOptions, Results, Settled, ShutdownOptions } from './executor.js';
import type { Future, FutureCell } from './future.js';
import { MapRun } from './map.js';
import type { ChunkSink, MapHost, Origin } from './map-host.js';
import { originAbove } from './origin.js';

const PLAIN: CallOptions = ownOptions();

/** What an executor must bring; the rest of `Executor` follows from it. */
export interface ExecutorHost extends MapHost {
  openStream(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin): AsyncIterableIterator<unknown>;
  shutdown(options?: ShutdownOptions): Promise<void>;
  stats(): ExecutorStats;
}

/** An executor seen with certain options: what `with` returns, and the whole executor seen with none. */
class ExecutorView implements Executor {
  readonly #host: ExecutorHost;
  readonly #options: CallOptions;

  constructor(host: ExecutorHost, options: CallOptions) {
    this.#host = host;
    this.#options = options;
  }

  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Unwrapped<R>> {
    return this.#host.call(fn, args, this.#options, originAbove(this.submit)) as Future<Unwrapped<R>>;
  }

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
  map<I, R>(
    fn: (input: I) => R,
    inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
    options?: MapOptions,
  ): Results<unknown> {
    return new MapRun<unknown>(this.#host, 'map', fn, inputs, options, originAbove(this.map), this.#options);
  }

  stream<A extends unknown[], Y>(fn: (...args: A) => Iterable<Y> | AsyncIterable<Y>, ...args: A): AsyncIterableIterator<Y> {
    const wrong = notCallable('stream', fn);
    if (wrong !== undefined) return refusedSteps(wrong);
    return cancellableSteps(this.#host.openStream(fn, args, this.#options, originAbove(this.stream))) as AsyncIterableIterator<Y>;
  }

  with(options: CallOptions): Executor {
    return new ExecutorView(this.#host, readCallOptions('with', options, this.#options));
  }

  shutdown(options?: ShutdownOptions): Promise<void> {
    return this.#host.shutdown(options);
  }

  stats(): ExecutorStats {
    return this.#host.stats();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.shutdown();
  }
}

/** The common half of every executor: `submit`, `map`, `stream` and `with` over five methods of its own. */
export abstract class ExecutorBase implements Executor, ExecutorHost {
  abstract readonly chunks: boolean;
  abstract slots(): number;
  abstract call(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>): Future<unknown>;
  abstract chunk(
    fn: AnyFunction,
    inputs: readonly unknown[],
    options: CallOptions,
    origin: Origin,
    stop: boolean,
    sink: ChunkSink,
  ): (reason?: unknown) => void;
  abstract openStream(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin): AsyncIterableIterator<unknown>;
  abstract shutdown(options?: ShutdownOptions): Promise<void>;
  abstract stats(): ExecutorStats;

  submit<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Unwrapped<R>> {
    return this.call(fn, args, PLAIN, originAbove(this.submit)) as Future<Unwrapped<R>>;
  }

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
  map<I, R>(
    fn: (input: I) => R,
    inputs: Iterable<I | PromiseLike<I>> | AsyncIterable<I | PromiseLike<I>>,
    options?: MapOptions,
  ): Results<unknown> {
    return new MapRun<unknown>(this, `${this.constructor.name}.map`, fn, inputs, options, originAbove(this.map));
  }

  stream<A extends unknown[], Y>(fn: (...args: A) => Iterable<Y> | AsyncIterable<Y>, ...args: A): AsyncIterableIterator<Y> {
    const wrong = notCallable('stream', fn);
    if (wrong !== undefined) return refusedSteps(wrong);
    return cancellableSteps(this.openStream(fn, args, PLAIN, originAbove(this.stream))) as AsyncIterableIterator<Y>;
  }

  with(options: CallOptions): Executor {
    return new ExecutorView(this, readCallOptions('with', options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
