import { clock, flag, InternalError, milliseconds, readOptions } from '../../core/index.js';
import {
  type AnyFunction,
  type CallOptions,
  type ChunkSink,
  ExecutorBase,
  type ExecutorStats,
  type Future,
  type FutureCell,
  type Origin,
  type ShutdownOptions,
  whenSettled,
} from '../../futures/index.js';
import { TaskExecutor } from '../../tasks/index.js';
import type { ThreadPoolExecutor, ThreadPoolOptions } from '../../threads/index.js';
import type { Point } from '../advice.js';
import type { Outcome } from '../control/move.js';
import { isPushback } from '../control/pushback.js';
import { type AutoOptions, autoTable, startTable } from './auto-options.js';
import type { Decision } from './decision.js';
import { HeldCall } from './held-call.js';
import { heldStream } from './held-stream.js';
import { Lane } from './lane.js';
import { loadedThreads } from './load-threads.js';
import { Pilot } from './pilot.js';
import { type Send, SplitChunk, type Watch } from './split-chunk.js';
import { Travels } from './travels.js';

/**
 * The Executor that finds out itself where and how to run: on this thread or on threads, how many of them, and how many calls at a time in each. It measures the calls while
 * they run, and goes on steering when the work changes.
 *
 * A map begins on this thread, as a loop would. Work that waits stays here, with as many calls in flight as bring more results; work that computes or blocks moves to threads as soon as what is
 * left is worth their start. A call made by `submit` runs on a thread, unless its function is known to keep none busy. A function that cannot travel runs here, and a decision says so.
 *
 * When calls fail because too much is asked of somebody (429, 503, `ECONNREFUSED`, time limits), fewer are made at a time, and later more again. Several AutoExecutors of a process share its cores.
 *
 * Cancelling: as on the executor where the call is: on a thread it always ends, here it ends when the function lets go.
 *
 * @throws {OptionError} code `MEANTIME_OPTION`.
 *
 * @example
 * ```ts run
 * import { AutoExecutor } from 'meantime/advisor';
 *
 * const executor = new AutoExecutor();
 * await executor.map((x: number) => x * x, [1, 2, 3]); // => [1, 4, 9]
 * executor.point.on; // => 'tasks'
 * await executor.shutdown();
 * ```
 */
export class AutoExecutor extends ExecutorBase implements Watch {
  readonly #label: string;
  readonly #poolOptions: ThreadPoolOptions;
  readonly #here: TaskExecutor;
  readonly #lane: Lane;
  readonly #pilot: Pilot;
  readonly #travels = new Travels();
  /** Functions of which a map runs here anyway: a single call of them may, too, as long as this thread is not held by them. */
  readonly #light = new WeakSet<AnyFunction>();
  readonly #stranded = new WeakSet<AnyFunction>();
  /** What waits until it is known whether its function can travel. */
  readonly #held = new Map<Promise<void>, HeldCall | undefined>();
  readonly #sendHere: Send = (fn, ...rest) => {
    this.#light.add(fn);
    return this.#here.chunk(fn, ...rest);
  };
  readonly #sendThere: Send = (...piece) => this.#open().chunk(...piece);
  #pool: ThreadPoolExecutor | undefined;
  #closing = false;

  constructor(options?: AutoOptions) {
    super();
    const read = readOptions('AutoExecutor', options, autoTable);
    const { maxWorkers, maxConcurrency, isolate, start, onDecision, ...pool } = read;
    this.#label = read.name ?? 'AutoExecutor';
    this.#poolOptions = Object.assign(Object.create(null), pool, { name: this.#label });
    this.#here = new TaskExecutor({ name: this.#label });
    this.#lane = new Lane(this.#sendHere);
    this.#pilot = new Pilot(
      {
        maxWorkers,
        maxConcurrency,
        memoryLimit: read.memoryLimit,
        isolate: isolate ?? ONLY_THERE.some((option) => read[option] !== undefined),
        start: start && readOptions('AutoExecutor: "start"', start, startTable),
        onDecision,
      },
      {
        lane: this.#lane,
        here: this.#here,
        pool: () => this.#pool,
        isStranded: () => [...this.#lane.functions].every((fn) => this.#stranded.has(fn)),
        move: () => this.#move(),
      },
    );
  }

  /** Where it is on the plane now. */
  get point(): Point {
    return this.#pilot.point;
  }

  /** What it has decided so far: the newest thousand, oldest first. */
  decisions(): readonly Decision[] {
    return this.#pilot.log.all;
  }

  get chunks(): boolean {
    return this.#pilot.mayChunk;
  }

  slots(): number {
    const { workers, concurrency } = this.#pilot.point;
    return workers * concurrency;
  }

  call(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>): Future<unknown> {
    if (typeof fn !== 'function' || this.#here.isInside) return this.#here.call(fn, args, options, origin, cell);
    const travels = this.#travels.of(fn);
    if (this.#closing || typeof travels === 'boolean') return this.#send(travels === true, fn, args, options, origin, cell);
    const held = new HeldCall(fn, args, options, origin);
    this.#hold(travels, held, (can) => held.place((left, now, its) => this.#send(can, fn, left, now, origin, its)));
    return held.future;
  }

  chunk(
    fn: AnyFunction,
    inputs: readonly unknown[],
    options: CallOptions,
    origin: Origin,
    stop: boolean,
    sink: ChunkSink,
  ): (reason?: unknown) => void {
    // From inside a call that runs here it goes through that call's place: in the lane both would wait for ever.
    if (this.#here.isInside || this.#closing) return this.#here.chunk(fn, inputs, options, origin, stop, sink);
    this.#pilot.begin(inputs.length);
    const chunk = new SplitChunk(fn, inputs, options, origin, stop, sink, this);
    if (this.#pilot.isHere) this.#lane.add(chunk);
    else {
      const travels = this.#travels.of(fn);
      if (typeof travels === 'boolean') this.#place(chunk, travels);
      else this.#hold(travels, undefined, (can) => this.#place(chunk, can));
    }
    return (reason) => chunk.cancel(reason);
  }

  openStream(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin): AsyncIterableIterator<unknown> {
    if (typeof fn !== 'function' || this.#here.isInside) return this.#here.openStream(fn, args, options, origin);
    const open = (travels: boolean) => {
      if (travels) this.#pilot.goThere();
      return (travels ? this.#open() : this.#here).openStream(fn, args, options, origin);
    };
    const travels = this.#travels.of(fn);
    return typeof travels === 'boolean' ? open(travels) : heldStream(travels.then(open));
  }

  async shutdown(options?: ShutdownOptions): Promise<void> {
    const read = readOptions('shutdown', options, { cancelPending: flag, grace: milliseconds });
    this.#closing = true;
    if (read.cancelPending) for (const held of this.#held.values()) held?.future.cancel(`its ${this.#label} was shut down`);
    while (this.#held.size > 0) await Promise.all(this.#held.keys());
    // What was accepted goes to where it can be drained or cancelled with the rest.
    for (const chunk of this.#lane.takeAll()) chunk.send(chunk.left, this.#sendHere);
    await Promise.all([this.#here.shutdown(read), this.#pool?.shutdown(read)]);
    this.#pilot.stop();
  }

  stats(): ExecutorStats {
    const here = this.#here.stats();
    const there = this.#pool?.stats() ?? NOTHING;
    const main = there.done + there.failed > here.done + here.failed ? there : here;
    return Object.freeze({
      workers: there.workers,
      running: here.running + there.running,
      queued: here.queued + there.queued + this.#lane.waiting + this.#held.size,
      done: here.done + there.done,
      failed: here.failed + there.failed,
      lost: there.lost,
      wait: main.wait,
      run: main.run,
    });
  }

  /** Of the pieces of its chunks. */
  ended(calls: number, error?: { reason: unknown }): void {
    this.#pilot.ended(calls, undefined, error && outcomeOf(error.reason));
  }

  /** Calls that nobody will answer for: their chunk was cancelled. */
  dropped(calls: number): void {
    this.#pilot.dropped(calls);
  }

  /** What is left of a chunk that took too long: its calls have come to wait, or to take longer. */
  rest(chunk: SplitChunk): void {
    this.#place(chunk, true);
  }

  /** One input as a call of its own. */
  readonly #callThere: Send = (fn, inputs, options, origin, _stop, sink) => {
    const began = clock.now();
    const future = this.#open().call(fn, [...inputs], options, origin);
    whenSettled(future, () => {
      const { state, outcome } = future as FutureCell<unknown>;
      if (state === 'fulfilled') sink.values(0, [outcome]);
      else sink.failed(0, outcome);
      sink.ended(clock.now() - began);
    });
    return (reason) => future.cancel(reason);
  };

  #open(): ThreadPoolExecutor {
    if (this.#pool === undefined) {
      const threads = loadedThreads();
      if (threads === undefined) throw new InternalError('A pool was asked for before it was known that a function can travel');
      this.#pool = new threads.ThreadPoolExecutor({ ...this.#poolOptions, ...this.#pilot.poolSize() });
    }
    return this.#pool;
  }

  #send(
    travels: boolean,
    fn: AnyFunction,
    args: unknown[],
    options: CallOptions,
    origin: Origin,
    cell?: FutureCell<unknown>,
  ): Future<unknown> {
    if (!travels) this.#tellStranded(fn);
    const isHere = !travels || (this.#pilot.isHere && this.#light.has(fn) && isPlain(options));
    if (!isHere) this.#pilot.goThere();
    const began = this.#pilot.begin(1);
    const future = (isHere ? this.#here : this.#open()).call(fn, args, options, origin, cell);
    (future as FutureCell<unknown>).passBy(() => {
      const { state, outcome } = future as FutureCell<unknown>;
      this.#pilot.ended(1, clock.now() - began, state === 'rejected' ? outcomeOf(outcome) : 'ok');
    });
    return future;
  }

  #place(chunk: SplitChunk, travels: boolean): void {
    if (!travels) {
      this.#tellStranded(chunk.fn);
      this.#lane.add(chunk);
    } else if (this.#pilot.mayChunk) {
      if (chunk.left > 0) chunk.send(chunk.left, this.#sendThere);
    } else while (chunk.left > 0) chunk.send(1, this.#callThere);
  }

  #hold(travels: Promise<boolean>, held: HeldCall | undefined, place: (can: boolean) => void): void {
    const placed = travels.then((can) => {
      this.#held.delete(placed);
      place(can);
    });
    this.#held.set(placed, held);
  }

  /** What waits on this thread goes to threads. @returns why not, if it cannot. */
  async #move(): Promise<string | undefined> {
    const functions = [...this.#lane.functions];
    const can = new Map(await Promise.all(functions.map(async (fn) => [fn, await this.#travels.of(fn)] as const)));
    if (this.#closing) return 'it is being shut down';
    for (const [fn, travels] of can) if (!travels) this.#stranded.add(fn);
    const first = functions.find((fn) => !can.get(fn));
    if (![...can.values()].includes(true)) return first && this.#travels.reason(first);
    for (const chunk of this.#lane.takeAll((fn) => can.get(fn) === true)) this.#place(chunk, true);
    return undefined;
  }

  #tellStranded(fn: AnyFunction): void {
    if (this.#stranded.has(fn)) return;
    this.#stranded.add(fn);
    this.#pilot.note(`stays on this thread: ${this.#travels.reason(fn)}`);
  }
}

/** Options that say what a worker is like: a call must run in one. */
const ONLY_THERE = ['memoryLimit', 'maxCallsPerWorker', 'initializer', 'env'] as const;
const NOTHING = { workers: 0, running: 0, queued: 0, done: 0, failed: 0, lost: 0, wait: { p50: 0, p99: 0 }, run: { p50: 0, p99: 0 } };

const outcomeOf = (error: unknown): Outcome => (isPushback(error) ? 'pushback' : 'failed');

/** Whether a call asks for nothing that only a worker can do: to be ended. */
const isPlain = ({ timeout, deadline, transfer }: CallOptions): boolean =>
  timeout === undefined && deadline === undefined && transfer === undefined;
