import {
  bare,
  bindHere,
  clock,
  flag,
  InternalError,
  isImporting,
  milliseconds,
  RecursiveImportError,
  readOptions,
  ShutdownError,
  without,
} from '../../core/index.js';
import {
  type AnyFunction,
  type CallOptions,
  type ChunkSink,
  cancellation,
  ExecutorBase,
  type ExecutorStats,
  type Future,
  type FutureCell,
  FutureSource,
  type Origin,
  type ShutdownOptions,
} from '../../futures/index.js';
import { TaskExecutor } from '../../tasks/index.js';
import type { ThreadPoolExecutor, ThreadPoolOptions } from '../../threads/index.js';
import type { Point } from '../advice.js';
import type { Outcome } from '../control/move.js';
import { isPushback } from '../control/pushback.js';
import { type AutoOptions, autoTable, startTable } from './auto-options.js';
import type { Decision } from './decision.js';
import { Gate, type Place } from './gate.js';
import { gated } from './gated.js';
import { HeldCall } from './held-call.js';
import { heldStream } from './held-stream.js';
import { Lane } from './lane.js';
import { loadedThreads } from './load-threads.js';
import { oneByOne } from './one-by-one.js';
import { Pilot } from './pilot.js';
import { type Send, SplitChunk, type Watch } from './split-chunk.js';
import { Tally } from './tally.js';
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
  readonly #travels = new Travels(() => this.#open());
  /** Functions whose calls have left this thread much room. */
  readonly #light = new WeakSet<AnyFunction>();
  /** Functions of which calls have started here of late. */
  readonly #recent = new Set<AnyFunction>();
  readonly #stranded = new WeakSet<AnyFunction>();
  readonly #told = new Set<string>();
  /** What waits until it is known whether its function can travel. */
  readonly #held = new Map<Promise<void>, HeldCall | undefined>();
  readonly #sendHere: Send = (fn, ...piece) => {
    this.#recent.add(fn);
    return this.#here.chunk(fn, ...piece);
  };
  readonly #chunkThere: Send = (...piece) => this.#open().chunk(...piece);
  readonly #oneByOne: Send = oneByOne(
    () => this.#open(),
    () => this.#pilot.took,
  );
  readonly #sendThere: Send;
  readonly #callThere: Send;
  readonly #tally = new Tally();
  readonly #gate: Gate | undefined;
  readonly #isOfImport = isImporting();
  readonly #isIsolated: boolean;
  /** Where calls are counted, each input is a call of its own. */
  readonly #mayChunk: boolean;
  /** What waits at the gate. */
  readonly #atGate = new Set<HeldCall>();
  #pool: ThreadPoolExecutor | undefined;
  /** Nothing more is taken. */
  #closing = false;
  /** And nothing more is handed on. */
  #ending = false;

  constructor(options?: AutoOptions) {
    super();
    const read = readOptions('AutoExecutor', options, autoTable);
    const { maxWorkers, maxConcurrency, isolate, start, onDecision } = read;
    const pool = without(read, 'maxWorkers', 'maxConcurrency', 'isolate', 'start', 'onDecision');
    this.#label = read.name ?? 'AutoExecutor';
    this.#isIsolated = isolate === true || ONLY_THERE.some((option) => read[option] !== undefined);
    this.#mayChunk = read.maxCallsPerWorker === undefined;
    this.#poolOptions = bare(pool, { name: this.#label });
    this.#here = new TaskExecutor({ name: this.#label });
    this.#gate = maxConcurrency === undefined ? undefined : new Gate(maxConcurrency);
    this.#sendThere = gated(this.#gate, this.#chunkThere);
    this.#callThere = gated(this.#gate, this.#oneByOne);
    this.#lane = new Lane(this.#sendHere, this.#gate);
    this.#pilot = new Pilot(
      {
        maxWorkers,
        maxConcurrency,
        memoryLimit: read.memoryLimit,
        isolate: this.#isIsolated,
        start: start && readOptions('AutoExecutor: "start"', start, startTable),
        onDecision,
      },
      {
        lane: this.#lane,
        here: this.#here,
        gate: this.#gate,
        pool: () => this.#pool,
        mayMove: () => [...this.#lane.functions].some((fn) => !this.#stranded.has(fn)),
        canMove: () => this.#canMove(),
        move: () => {
          for (const chunk of this.#lane.takeAll((fn) => !this.#stranded.has(fn))) this.#route(chunk);
        },
        lastWere: (light) => this.#lastWere(light),
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
    return this.#mayChunk && this.#pilot.mayChunk;
  }

  slots(): number {
    const { workers, concurrency } = this.#pilot.point;
    return workers * concurrency;
  }

  call(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>): Future<unknown> {
    if (typeof fn !== 'function') return this.#here.call(fn, args, options, origin, cell);
    const isInside = this.#here.isInside;
    // From inside a call that runs here it goes through that call's place, unless it must not run here.
    if (isInside && !this.#mustLeave(fn, options)) return this.#counted(this.#here.call(fn, args, options, origin, cell));
    const refusal = isInside ? undefined : this.#refusal(() => `The call of ${options.name ?? (fn.name || 'anonymous function')}`);
    if (refusal === undefined) this.#tally.taken(1);
    const travels = this.#travels.of(fn);
    // Whoever it is inside of has a place, and waits for it.
    const gate = isInside ? undefined : this.#gate;
    if (refusal === undefined && gate === undefined && typeof travels === 'boolean')
      return this.#send(this.#placeOf(travels, fn, options), fn, args, options, origin, cell);
    const held = new HeldCall(fn, args, options, origin, cell);
    if (refusal !== undefined) held.reject(refusal);
    else {
      const go = (can: boolean) => {
        const where = this.#placeOf(can, fn, options);
        const place = () => held.place((left, now, its) => this.#send(where, fn, left, now, origin, its));
        if (gate === undefined) place();
        else if (!held.future.settled) this.#enter(gate, where, held, place);
      };
      if (typeof travels === 'boolean') go(travels);
      else this.#hold(travels, held, go);
      (held.future as FutureCell<unknown>).passBy(() => {
        if (!held.placed) this.#tally.ended(1, FAILED);
      });
    }
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
    const isInside = this.#here.isInside && !this.#mustLeave(fn, options);
    const refusal = this.#here.isInside ? undefined : this.#refusal(() => 'Inputs of a map');
    if (refusal !== undefined) {
      queueMicrotask(() => {
        for (const at of stop ? [0] : inputs.keys()) sink.failed(at, refusal);
        sink.ended(0);
      });
      return () => undefined;
    }
    this.#tally.taken(inputs.length);
    // From inside a call that runs here it goes through that call's place: in the lane both would wait for ever.
    const chunk = new SplitChunk(fn, inputs, options, origin, stop, sink, isInside ? this.#tally : this);
    chunk.isNested = this.#here.isInside;
    if (isInside) chunk.send(chunk.left, this.#sendHere);
    else {
      this.#pilot.begin(inputs.length);
      if (this.#pilot.isHere && !chunk.isNested) this.#lane.add(chunk);
      else this.#route(chunk);
    }
    return (reason) => chunk.cancel(reason);
  }

  openStream(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin): AsyncIterableIterator<unknown> {
    if (typeof fn !== 'function' || (this.#here.isInside && !this.#mustLeave(fn, options)))
      return this.#here.openStream(fn, args, options, origin);
    const isInside = this.#here.isInside;
    const ended = () => {
      this.#tally.ended(1);
      this.#pilot.dropped(1);
    };
    const open = async () => {
      const refusal = isInside ? undefined : this.#refusal(() => 'A stream');
      if (refusal !== undefined) throw refusal;
      // It is a call that has begun and not ended: it takes a place, and a shutdown waits for it.
      this.#tally.taken(1);
      this.#pilot.begin(1);
      const opened = new FutureSource<AsyncIterableIterator<unknown>>();
      this.#hold(Promise.resolve(this.#travels.of(fn)), undefined, (travels) => {
        if (!travels) this.#tellStranded(fn);
        else if (this.#pilot.isHere && this.#lane.isIdle) this.#pilot.turnThere('what is streamed runs on threads');
        opened.fulfil((travels ? this.#open() : this.#here).openStream(fn, args, options, origin));
      });
      return await opened.future;
    };
    return heldStream(bindHere(open), ended); // it begins when it is read
  }

  async shutdown(options?: ShutdownOptions): Promise<void> {
    const read = readOptions('shutdown', options, { cancelPending: flag, grace: milliseconds });
    this.#closing = true;
    if (read.cancelPending)
      for (const held of [...this.#held.values(), ...this.#atGate]) held?.future.cancel(`its ${this.#label} was shut down`);
    // Drained as it would have been without: it may move, and what comes back of it goes out again.
    if (read.cancelPending !== true && read.grace === undefined) await this.#tally.idle();
    while (this.#held.size > 0) await Promise.all(this.#held.keys());
    // What was accepted goes to where it can be drained or cancelled with the rest.
    this.#ending = true;
    this.#gate?.open();
    for (const chunk of this.#lane.takeAll()) chunk.send(chunk.left, this.#sendHere);
    await Promise.all([this.#here.shutdown(read), this.#pool?.shutdown(read)]);
    // The last calls here may have been the first that needed threads.
    await this.#pool?.shutdown(read);
    this.#pilot.stop();
  }

  /** @internal As of its pool. */
  notBegun(): ReturnType<ThreadPoolExecutor['notBegun']> {
    return this.#pool?.notBegun() ?? [];
  }

  /** @internal As of its pool. */
  isStartFailure(error: unknown): boolean {
    return this.#pool?.isStartFailure(error) ?? false;
  }

  stats(): ExecutorStats {
    const here = this.#here.stats();
    const there = this.#pool?.stats() ?? NOTHING;
    const main = there.done + there.failed > here.done + here.failed ? there : here;
    return Object.freeze({
      workers: there.workers,
      running: here.running + there.running,
      queued: here.queued + there.queued + this.#lane.waiting + this.#held.size + (this.#gate?.waiting ?? 0),
      done: this.#tally.done,
      failed: this.#tally.failed,
      lost: there.lost,
      wait: main.wait,
      run: main.run,
    });
  }

  /** Of the pieces of its chunks. */
  ended(calls: number, error?: { reason: unknown }): void {
    this.#tally.ended(calls, error);
    this.#pilot.ended(calls, undefined, error && outcomeOf(error.reason));
  }

  /** Calls that nobody will answer for: their chunk was cancelled. */
  dropped(calls: number): void {
    this.#tally.dropped(calls);
    this.#pilot.dropped(calls);
  }

  /** What is left of a chunk that took too long: its calls have come to wait, or to take longer. */
  rest(chunk: SplitChunk): void {
    if (this.#ending) chunk.fail(cancellation(`its ${this.#label} was shut down`));
    else this.#place(chunk, true);
  }

  /** Whether a call must not run on this thread, as far as it need not: then it goes to another also from inside a call that runs here. */
  #mustLeave(fn: AnyFunction, options: CallOptions): boolean {
    return (this.#isIsolated || !isPlain(options)) && this.#travels.of(fn) !== false;
  }

  /** Why nothing more is taken. */
  #refusal(what: () => string): Error | undefined {
    if (this.#closing) return new ShutdownError(`${what()} came after the shutdown of its ${this.#label}`);
    if (!this.#isOfImport) return undefined;
    return new RecursiveImportError(
      `${what()} came to an executor that was made by a module while a worker imported that module: each worker would do the same work again. Make it only where the program starts: if (isMain(import.meta.url)) { … }, with isMain from 'meantime'`,
    );
  }

  #counted(future: Future<unknown>): Future<unknown> {
    this.#tally.taken(1);
    (future as FutureCell<unknown>).passBy(() => this.#tally.ended(1, future.state === 'fulfilled' ? undefined : FAILED));
    return future;
  }

  /** Makes a call as soon as the gate lets it. */
  #enter(gate: Gate, where: Place, held: HeldCall, place: () => void): void {
    const go = (leave: () => void) => {
      place();
      whenOver(held.future, leave);
    };
    const takeBack = gate.enter(
      where,
      (leave) => {
        this.#atGate.delete(held);
        go(leave);
      },
      held.priority,
    );
    if (held.placed) return;
    this.#atGate.add(held);
    whenOver(held.future, () => {
      this.#atGate.delete(held);
      takeBack();
    });
  }

  #open(): ThreadPoolExecutor {
    if (this.#pool === undefined) {
      const threads = loadedThreads();
      if (threads === undefined) throw new InternalError('A pool was asked for before it was known that a function can travel');
      this.#pool = new threads.ThreadPoolExecutor({ ...this.#poolOptions, ...this.#pilot.poolSize() });
    }
    return this.#pool;
  }

  #placeOf(travels: boolean, fn: AnyFunction, options: CallOptions): Place {
    if (!travels) this.#tellStranded(fn);
    return !travels || (this.#pilot.isHere && this.#light.has(fn) && isPlain(options)) ? 'here' : 'there';
  }

  #send(where: Place, fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>): Future<unknown> {
    if (where === 'here') this.#recent.add(fn);
    else if (this.#pilot.isHere && this.#lane.isIdle) this.#pilot.turnThere('what is submitted runs on threads');
    const began = this.#pilot.begin(1);
    const future = (where === 'here' ? this.#here : this.#open()).call(fn, args, options, origin, cell);
    whenOver(future, () => {
      const { state, outcome } = future as FutureCell<unknown>;
      this.#tally.ended(1, state === 'fulfilled' ? undefined : FAILED);
      this.#pilot.ended(1, clock.now() - began, state === 'rejected' ? outcomeOf(outcome) : 'ok');
    });
    return future;
  }

  /** Not here, if that can be. */
  #route(chunk: SplitChunk): void {
    const travels = this.#travels.of(chunk.fn);
    if (typeof travels === 'boolean') this.#place(chunk, travels);
    else this.#hold(travels, undefined, (can) => this.#place(chunk, can));
  }

  #place(chunk: SplitChunk, travels: boolean): void {
    if (!travels) {
      this.#tellStranded(chunk.fn);
      if (chunk.isNested) chunk.send(chunk.left, this.#sendHere);
      else this.#lane.add(chunk);
    } else if (this.chunks) {
      if (chunk.left > 0) chunk.send(chunk.left, chunk.isNested ? this.#chunkThere : this.#sendThere);
    } else while (chunk.left > 0) chunk.send(1, chunk.isNested ? this.#oneByOne : this.#callThere);
  }

  #hold(travels: Promise<boolean>, held: HeldCall | undefined, place: (can: boolean) => void): void {
    const placed = travels.then((can) => {
      this.#held.delete(placed);
      place(can);
    });
    this.#held.set(placed, held);
  }

  async #canMove(): Promise<boolean> {
    const functions = [...this.#lane.functions];
    const can = await Promise.all(functions.map(async (fn) => await this.#travels.of(fn)));
    for (const [i, fn] of functions.entries()) if (!can[i]) this.#tellStranded(fn);
    return can.includes(true) && !this.#ending;
  }

  #lastWere(light: boolean): void {
    for (const fn of this.#recent) this.#light[light ? 'add' : 'delete'](fn);
    this.#recent.clear();
  }

  #tellStranded(fn: AnyFunction): void {
    if (this.#stranded.has(fn)) return;
    this.#stranded.add(fn);
    this.#tellStays(this.#travels.reason(fn));
  }

  /** Once for all functions that one place in the source makes. */
  #tellStays(reason: string): void {
    if (this.#told.has(reason)) return;
    if (this.#told.size >= MANY) this.#told.clear();
    this.#told.add(reason);
    this.#pilot.note(`stays on this thread: ${reason}`);
  }
}

/** Options that say what a worker is like: a call must run in one. */
const ONLY_THERE = ['memoryLimit', 'maxCallsPerWorker', 'initializer', 'env'] as const;
/** So many reasons are remembered. */
const MANY = 100;
const NOTHING = { workers: 0, running: 0, queued: 0, done: 0, failed: 0, lost: 0, wait: { p50: 0, p99: 0 }, run: { p50: 0, p99: 0 } };

const FAILED = { reason: undefined };

/** Whoever is told so looks after nothing: a failure that nobody looks at is still reported. */
const whenOver = (future: Future<unknown>, fn: () => unknown): void => (future as FutureCell<unknown>).passBy(() => fn());

const outcomeOf = (error: unknown): Outcome => (isPushback(error) ? 'pushback' : 'failed');

/** Whether a call asks for nothing that only a worker can do: to be ended. */
const isPlain = ({ timeout, deadline, transfer }: CallOptions): boolean =>
  timeout === undefined && deadline === undefined && transfer === undefined;
