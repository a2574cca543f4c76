import { AlreadyStartedError, Deque, InternalError, keepContext, mustBeFunction, onAbort, without } from '../core/index.js';
import { ownOptions, readMapOptions } from './call-options.js';
import { ChunkSize } from './chunk-size.js';
import type { AnyFunction, CallOptions, MapOptions } from './executor.js';
import { Feed, type FeedOwner } from './feed.js';
import { cancellation, watchFuture } from './future.js';
import { mindPromises, mustBeInputs } from './inputs.js';
import { Block } from './map-block.js';
import type { MapHost, Origin } from './map-host.js';
import { ResultsBase } from './results.js';

/** The most inputs that are taken ahead by default, whatever their size: two chunks for each slot never need more. */
const BUFFER = 65_536;
/** Calls that go one by one: how many for each slot are handed to the executor, so that its batches stay full. */
const AHEAD = 64;

/** An array made longer than this in one go would be a dictionary. */
const LARGE = 2 ** 25;

type Waiter = { resolve(step: IteratorResult<unknown>): void; reject(error: unknown): void };

/**
 * The engine of every `Executor.map`: takes inputs while there is room, keeps each slot busy, and delivers in order or as
 * results come. It runs only when something happens: an input, a result, a reader.
 */
export class MapRun<R> extends ResultsBase<R> implements FeedOwner<unknown> {
  readonly #host: MapHost;
  readonly #fn: AnyFunction;
  readonly #call: CallOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #origin: Origin;
  readonly #ordered: boolean;
  readonly #settle: boolean;
  readonly #buffer: number;
  /** Whether inputs of this map may travel together; where calls run side by side they do not. */
  readonly #mayChunk: boolean;
  readonly #size: ChunkSize;
  readonly #source: Iterable<unknown> | AsyncIterable<unknown>;
  readonly #length: number | undefined;
  #feed: Feed<unknown> | undefined;
  #taken = 0;
  #delivered = 0;
  #flying = 0;
  /** Ordered: what went out, in order. Unordered: what came back, in order. */
  readonly #blocks = new Deque<Block>();
  readonly #out = new Set<Block>();
  readonly #waiters = new Deque<Waiter>();
  #collect: { values: unknown[]; resolve(values: R[]): void; reject(error: unknown): void } | undefined;
  #promise: Promise<R[]> | undefined;
  #failure: { error: unknown } | undefined;
  #finished = false;
  readonly #within = keepContext();
  #unlisten: (() => void) | undefined;

  constructor(
    host: MapHost,
    where: string,
    fn: AnyFunction,
    inputs: Iterable<unknown> | AsyncIterable<unknown>,
    options: MapOptions | undefined,
    origin: Origin,
    base?: CallOptions,
  ) {
    super();
    const read = readMapOptions(where, options, base);
    const { ordered = true, chunk = 'auto', buffer = BUFFER, onError = 'throw', signal } = read;
    const call = ownOptions(without(read, 'ordered', 'chunk', 'buffer', 'onError', 'signal'));
    mustBeFunction(where, fn);
    mustBeInputs(where, inputs);
    mindPromises(inputs);
    this.#host = host;
    this.#fn = fn;
    this.#origin = origin;
    this.#ordered = ordered;
    this.#settle = onError === 'settle';
    this.#buffer = buffer;
    this.#signal = signal; // one listener for the whole map, not one for each call
    this.#call = call;
    // A time limit and a retry belong to one input, not to those that happen to travel with it.
    this.#mayChunk = call.timeout === undefined && call.deadline === undefined && !call.retries;
    this.#size = new ChunkSize(chunk, buffer);
    this.#source = inputs;
    const known = Array.isArray(inputs) ? inputs.length : (inputs as { size?: unknown }).size;
    this.#length = typeof known === 'number' ? known : undefined;
  }

  protected override all(): Promise<R[]> {
    this.#promise ??= new Promise<R[]>((resolve, reject) => {
      // Its length known, it need not grow.
      const values = this.#ordered && this.#length !== undefined && this.#length < LARGE ? new Array(this.#length) : [];
      this.#collect = { values, resolve, reject };
      if (this.#failure === undefined) return this.#start();
      this.#finish(); // cancelled before anybody waited
      reject(this.#failure.error);
    });
    return this.#promise;
  }

  protected override open(): void {
    if (this.#promise) throw new AlreadyStartedError('These results are awaited already: a map runs once');
    this.#start();
  }

  protected override step(): Promise<IteratorResult<R>> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve: resolve as Waiter['resolve'], reject });
      this.#settleReaders();
    });
  }

  protected override async leave(): Promise<void> {
    if (this.#finished) return;
    this.#finish();
    this.#cancelAll(cancellation());
    this.#settleReaders();
    await this.#closeFeed();
  }

  cancel(reason?: unknown): void {
    if (!this.#finished) this.#fail(cancellation(reason));
  }

  // --- what the feed asks

  /** Asked each time: an executor may come to run calls side by side. */
  get #chunks(): boolean {
    return this.#mayChunk && this.#host.chunks;
  }

  room(): number {
    if (this.#failure || this.#finished) return 0;
    const slots = this.#host.slots();
    const most = this.#chunks ? 2 * slots : AHEAD * slots;
    return this.#flying >= most ? 0 : this.#buffer - (this.#taken - this.#delivered);
  }

  chunk(): number {
    if (!this.#chunks) return 1;
    return this.#size.next(this.#length === undefined ? undefined : this.#length - this.#taken, this.#host.slots());
  }

  idle(): boolean {
    return this.#flying < this.#host.slots();
  }

  launch(inputs: unknown[]): void {
    if (this.#chunks) this.#launchChunk(inputs);
    else for (const input of inputs) this.#launchCall(input);
  }

  /** The function is not called for it. */
  failed(input: unknown, error: unknown): void {
    const block = this.#block([input]);
    this.#failed(block, 0, error);
    this.#landed(block);
  }

  exhausted(): void {
    this.#settleReaders();
  }

  broken(error: unknown): void {
    this.#fail(error);
  }

  // --- going out

  /** The inputs are made, and calls on this thread run, in the context of the `map` call, whoever has freed the slot. */
  #pull(): void {
    this.#within(() => this.#feed?.pull());
  }

  /** The inputs' own clean-up runs in their context, too. */
  async #closeFeed(): Promise<void> {
    await this.#within(() => this.#feed?.close());
  }

  #start(): void {
    if (this.#feed) throw new AlreadyStartedError('A map runs once: keep its results, or call map again');
    const signal = this.#signal;
    this.#feed = this.#within(() => new Feed(this.#source, this));
    if (signal) {
      if (signal.aborted) return this.cancel(signal.reason);
      this.#unlisten = onAbort(signal, () => this.cancel(signal.reason));
    }
    this.#pull();
  }

  #block(inputs: readonly unknown[]): Block {
    const block = new Block(this.#taken, inputs);
    this.#taken += inputs.length;
    this.#flying++;
    this.#out.add(block);
    if (this.#ordered && !this.#collect) this.#blocks.push(block);
    return block;
  }

  #launchCall(input: unknown): void {
    const block = this.#block([input]);
    const future = this.#host.call(this.#fn, [input], this.#call, this.#origin);
    block.cancel = (reason) => future.cancel(reason);
    watchFuture(future, () => {
      if (future.state === 'fulfilled') this.#values(block, 0, [future.result()]);
      else {
        try {
          future.result();
        } catch (error) {
          this.#failed(block, 0, error);
        }
      }
      this.#landed(block);
    });
  }

  #launchChunk(inputs: unknown[]): void {
    const block = this.#block(inputs);
    block.cancel = this.#host.chunk(this.#fn, inputs, this.#call, this.#origin, !this.#settle, {
      inOrder: this.#ordered && this.#collect === undefined,
      rest: undefined,
      left: () => (this.#length === undefined ? undefined : this.#length - this.#taken),
      values: (from, values) => this.#values(block, from, values),
      failed: (at, error) => this.#failed(block, at, error),
      ended: (ms) => {
        this.#size.ran(inputs.length, ms);
        this.#landed(block);
      },
    });
  }

  #landed(block: Block): void {
    this.#flying--;
    this.#out.delete(block);
    this.#pull();
    this.#settleReaders();
  }

  // --- coming back

  #values(block: Block, from: number, values: ArrayLike<unknown>): void {
    if (this.#finished || this.#failure) return;
    let out = values;
    if (this.#settle) {
      out = Array.from(values, (value, i) => ({
        status: 'fulfilled',
        value,
        input: block.inputs[from + i],
        index: block.first + from + i,
      }));
    }
    this.#deliver(block, from, out);
  }

  #failed(block: Block, at: number, error: unknown): void {
    if (this.#finished || this.#failure) return;
    if (this.#settle) {
      this.#deliver(block, at, [{ status: 'rejected', reason: error, input: block.inputs[at], index: block.first + at }]);
    } else if (this.#ordered && !this.#collect) {
      // What comes before it is still delivered; what comes after it is of no use to anybody.
      block.failure ??= { at, error };
      for (const other of this.#out) if (other.first > block.first) other.cancel?.(error);
      this.#closeFeed().catch(() => undefined);
      this.#settleReaders();
    } else this.#fail(error);
  }

  #deliver(block: Block, from: number, values: ArrayLike<unknown>): void {
    if (this.#collect) {
      const all = this.#collect.values;
      if (this.#ordered) {
        const start = block.first + from;
        while (all.length < start + values.length) all.push(undefined); // holes would make it a dictionary
        for (let i = 0; i < values.length; i++) all[start + i] = values[i];
      } else for (let i = 0; i < values.length; i++) all.push(values[i]);
      this.#delivered += values.length;
    } else if (this.#ordered) {
      if (from !== block.ready) throw new InternalError(`A chunk answered for input ${from} after ${block.ready}`);
      block.put(values);
    } else {
      const part = new Block(block.first, block.inputs);
      part.put(values);
      this.#blocks.push(part);
    }
    this.#settleReaders();
  }

  // --- readers

  #settleReaders(): void {
    if (this.#collect) {
      if (this.#feed?.closed && this.#out.size === 0 && !this.#finished && !this.#failure) {
        const { values, resolve } = this.#collect;
        this.#finish();
        resolve(values as R[]);
      }
      return;
    }
    let moved = false;
    while (this.#waiters.size > 0) {
      const block = this.#blocks.peek();
      if (block?.hasValue) {
        const value = block.take();
        this.#delivered++;
        moved = true;
        if (this.#spent(block)) this.#blocks.shift();
        this.#waiters.shift()?.resolve({ done: false, value });
      } else if (!this.#failure && block?.failure && block.given === block.failure.at) {
        this.#fail(block.failure.error);
      } else if (this.#failure && !this.#finished) {
        const { error } = this.#failure;
        this.#finish();
        this.#waiters.shift()?.reject(error);
      } else if (this.#finished || (this.#feed?.closed && this.#blocks.size === 0 && this.#out.size === 0)) {
        this.#finish();
        this.#waiters.shift()?.resolve({ done: true, value: undefined });
      } else break;
    }
    if (moved) this.#pull();
  }

  #spent(block: Block): boolean {
    return block.given >= (this.#ordered ? block.inputs.length : block.ready);
  }

  // --- the end

  #fail(error: unknown): void {
    if (this.#failure || this.#finished) return;
    this.#failure = { error };
    this.#cancelAll(error);
    if (this.#collect) {
      this.#finish();
      this.#collect.reject(error);
    } else this.#settleReaders();
  }

  #cancelAll(reason: unknown): void {
    this.#closeFeed().catch(() => undefined);
    for (const block of [...this.#out]) block.cancel?.(reason);
  }

  #finish(): void {
    this.#finished = true;
    this.#unlisten?.();
    this.#unlisten = undefined;
    while (this.#blocks.size > 0) this.#blocks.shift();
  }
}
