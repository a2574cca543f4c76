import {
  clock,
  contextHere,
  flag,
  limit,
  milliseconds,
  notCallable,
  readOptions,
  runAs,
  ShutdownError,
  TimeoutError,
  type Timer,
  text,
} from '../core/index.js';
import {
  type AnyFunction,
  type CallOptions,
  type CallOwner,
  CallQueue,
  type ChunkSink,
  cancellation,
  ExecutorBase,
  type ExecutorStats,
  type Future,
  type FutureCell,
  FutureSource,
  type Origin,
  Samples,
  type ShutdownOptions,
  watchFuture,
} from '../futures/index.js';
import { callAround, LocalCall, LocalRun } from './local-call.js';
import { ChunkPart, LocalChunk } from './local-chunk.js';
import { localStream } from './local-stream.js';

/** How many calls a TaskExecutor runs side by side. */
export interface TaskExecutorOptions {
  /** Default 16. Infinity: no limit. */
  concurrency?: number;
  /** In messages. Default: `TaskExecutor`. */
  name?: string;
}

/** The longest that calls which end at once may keep timers and IO from their turn, in ms. */
const SLICE = 5;
/** How long a call whose time has run out may take to let go before it is given up instead of run again, in ms. */
const LET_GO = 1000;
const table = { concurrency: limit, name: text };

/**
 * The Executor of this thread: at most `concurrency` calls are in progress at a time, and while one waits the others go on. For calls
 * that wait (requests, files, timers); a call that computes holds up all others.
 *
 * A call that itself submits to the same executor does not deadlock: while every slot is taken, one nested call at a time runs on its
 * caller's slot.
 *
 * Cancelling: a running call has its signal aborted and its future settles at once; its slot is free when the call has really ended,
 * since nothing can end a function on its own thread.
 *
 * @example
 * ```ts run
 * import { TaskExecutor } from 'meantime/tasks';
 *
 * const executor = new TaskExecutor({ concurrency: 2 });
 * await executor.submit(async (a: number, b: number) => a + b, 1, 2); // => 3
 * await executor.map(async (x: number) => x * x, [1, 2, 3]); // => [1, 4, 9]
 * await executor.shutdown();
 * ```
 */
export class TaskExecutor extends ExecutorBase implements CallOwner {
  readonly chunks = true;
  readonly #label: string;
  #concurrency: number;
  readonly #queue = new CallQueue<LocalCall>();
  readonly #running = new Set<LocalCall>();
  /** Slots in use: the running calls without those that run on their parent's slot. */
  #taken = 0;
  #inLanes = 0;
  #pumpAsked = false;
  #done = 0;
  #failed = 0;
  readonly #wait = new Samples();
  readonly #run = new Samples();
  #closing: FutureSource<void> | undefined;
  #abandon: Timer | undefined;

  constructor(options?: TaskExecutorOptions) {
    super();
    const { concurrency = 16, name = 'TaskExecutor' } = readOptions('TaskExecutor', options, table);
    this.#concurrency = concurrency;
    this.#label = name;
  }

  /** Whether this code runs as part of one of its calls. */
  get isInside(): boolean {
    return callAround(this) !== undefined;
  }

  slots(): number {
    return Math.min(this.#concurrency, 1024);
  }

  /**
   * Changes how many calls run at a time, from now on. What is running goes on.
   *
   * @throws {OptionError} code `MEANTIME_OPTION`.
   */
  resize(size: Pick<TaskExecutorOptions, 'concurrency'>): void {
    const before = this.#concurrency;
    this.#concurrency = readOptions('resize', size, { concurrency: table.concurrency }).concurrency ?? before;
    // What was submitted from inside a call when there was room may now wait for the place of that very call.
    if (this.#concurrency < before && this.#taken >= this.#concurrency) for (const call of this.#queue.drain()) this.#line(call);
    this.#askPump();
  }

  call(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>): Future<unknown> {
    const call = new LocalCall(this, fn, args, options, origin, cell);
    const wrong = notCallable('submit', fn);
    if (wrong !== undefined) call.reject(wrong);
    else if (this.#closing && !call.parent) {
      call.reject(new ShutdownError(`The call of ${call.name} came after the shutdown of its ${this.#label}`));
    } else {
      this.#enqueue(call);
      call.arm();
    }
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
    if (this.#closing && callAround(this) === undefined) {
      queueMicrotask(() => {
        for (const at of stop ? [0] : inputs.keys())
          sink.failed(at, new ShutdownError(`Inputs of a map came after the shutdown of its ${this.#label}`));
        sink.ended(0);
      });
      return () => undefined;
    }
    const parts = new Set<LocalCall>();
    const parent = callAround(this);
    const chunk = new LocalChunk(
      {
        crowded: (than) => (this.#queue.peek()?.fn ?? than.fn) !== than.fn,
        counted: (ok) => (ok ? this.#done++ : this.#failed++),
        part: (of) => this.#addPart(of, parent, parts, options, origin),
      },
      fn,
      inputs,
      stop,
      sink,
    );
    for (let i = Math.min(this.#concurrency, inputs.length); i > 0; i--) this.#addPart(chunk, parent, parts, options, origin);
    return (reason) => {
      chunk.close();
      for (const part of parts) this.cancelCall(part, reason);
    };
  }

  #addPart(chunk: LocalChunk, parent: LocalCall | undefined, parts: Set<LocalCall>, options: CallOptions, origin: Origin): void {
    const part = new LocalCall(this, chunk.fn, [], options, origin);
    part.chunk = chunk;
    part.parent = parent; // also of a later one, which begins when another has ended
    parts.add(part);
    watchFuture(part.future as unknown as FutureCell<unknown>, (future) => {
      parts.delete(part);
      if (future.state === 'fulfilled') return;
      const error = (future as FutureCell<unknown>).outcome;
      part.part?.lost(error);
      if (parts.size === 0) chunk.abandon(error);
    });
    this.#enqueue(part);
  }

  openStream(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin): AsyncIterableIterator<unknown> {
    return localStream(fn, args, (hold) => this.call(hold, [], options, origin));
  }

  cancelCall(call: LocalCall, reason: unknown): void {
    if (call.future.settled) return;
    const error = cancellation(reason);
    if (call.future.state === 'running') call.scope?.cancelBecause(() => error);
    else if (call.inLane) this.#inLanes--;
    else this.#queue.forget(call);
    if (call.chunk === undefined) this.#failed++; // of a part, each input is counted
    call.reject(error);
    this.#checkDrained();
  }

  async shutdown(options?: ShutdownOptions): Promise<void> {
    const { cancelPending = false, grace } = readOptions('shutdown', options, { cancelPending: flag, grace: milliseconds });
    this.#closing ??= new FutureSource<void>();
    const reason = 'its executor was shut down';
    if (cancelPending) {
      for (const call of this.#queue.drain()) {
        if (call.chunk === undefined) this.#failed++;
        call.reject(cancellation(reason));
      }
    }
    let timer: Timer | undefined;
    if (grace !== undefined) {
      const cancelled = [...this.#running];
      for (const call of cancelled) this.cancelCall(call, reason);
      // A function that does not listen cannot be ended on its own thread. Its future has settled; its slot goes to what was accepted.
      timer = clock.after(grace, () => {
        for (const call of cancelled) if (this.#running.delete(call)) this.#release(call);
      });
    }
    this.#checkDrained();
    await this.#closing.future;
    timer?.cancel();
    this.#abandon?.cancel();
  }

  stats(): ExecutorStats {
    return Object.freeze({
      workers: 1,
      running: this.#running.size,
      queued: this.#queue.size + this.#inLanes,
      done: this.#done,
      failed: this.#failed,
      lost: 0,
      wait: this.#wait.percentiles(),
      run: this.#run.percentiles(),
    });
  }

  #enqueue(call: LocalCall): void {
    call.queuedAt = clock.now();
    this.#line(call);
  }

  #line(call: LocalCall): void {
    let { parent } = call;
    while (parent !== undefined && !parent.hasSlot) parent = parent.parent;
    call.parent = parent;
    if (parent && this.#taken >= this.#concurrency) {
      // The parent holds a slot and most likely waits for this call: in the queue both would wait for ever.
      call.inLane = true;
      this.#inLanes++;
      parent.lane.push(call);
      this.#runLane(parent);
    } else {
      this.#queue.push(call);
      this.#askPump();
    }
  }

  #askPump(): void {
    if (this.#pumpAsked) return;
    this.#pumpAsked = true;
    queueMicrotask(() => this.#pump());
  }

  #pump(): void {
    // Asked for until it ends: calls that end in here would ask again, and go on without the turn that others wait for.
    const began = clock.now();
    while (this.#taken < this.#concurrency) {
      const call = this.#queue.shift();
      if (call === undefined) break;
      this.#taken++;
      this.#start(call);
      if (clock.now() - began > SLICE && this.#queue.size > 0) {
        clock.soon(() => this.#pump());
        return;
      }
    }
    this.#pumpAsked = false;
  }

  #runLane(parent: LocalCall): void {
    while (!parent.laneTaken) {
      const call = parent.lane.shift();
      if (call === undefined) return;
      if (call.future.settled) continue; // cancelled while it waited
      call.inLane = false;
      this.#inLanes--;
      call.onLane = parent.laneTaken = true;
      queueMicrotask(() => (call.future.settled ? this.#release(call) : this.#start(call)));
    }
  }

  #start(call: LocalCall): void {
    const { timeout } = call.options;
    call.start();
    call.startedAt = clock.now();
    this.#wait.add(call.startedAt - call.queuedAt);
    this.#running.add(call);
    call.hasSlot = true;
    if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
      call.timer = clock.after(timeout, () => this.#timedOut(call, timeout));
    }
    const { chunk } = call;
    if (chunk === undefined) {
      const scope = new LocalRun(call, (ok, outcome) => this.#ended(call, ok, outcome));
      call.scope = scope;
      call.within(() => scope.begin(call.fn, call.args));
      return;
    }
    const scope = new LocalRun(call, (ok, outcome) => {
      this.#partEnded(call);
      call.part?.last(ok, outcome);
    });
    const context = call.within(() => runAs(scope, contextHere, []));
    call.scope = scope;
    call.part = new ChunkPart(chunk, scope, context);
    call.part.begin();
  }

  #partEnded(call: LocalCall): void {
    if (!this.#running.delete(call)) return; // a shutdown has given it up
    this.#run.add(clock.now() - call.startedAt);
    call.fulfil(undefined);
    this.#release(call);
  }

  #timedOut(call: LocalCall, timeout: number): void {
    const error = new TimeoutError(`The call of ${call.name} ran longer than ${timeout} ms`);
    call.scope?.cancelBecause(() => error);
    const giveUp = () => {
      if (call.reject(error)) this.#failed++;
    };
    // It runs again once it has let go; two attempts must not run side by side.
    if (call.tries < (call.options.retries ?? 0)) call.timer = clock.after(LET_GO, giveUp);
    else giveUp();
  }

  #ended(call: LocalCall, ok: boolean, outcome: unknown): void {
    call.timer?.cancel();
    if (!this.#running.delete(call)) return; // a shutdown has given it up
    this.#run.add(clock.now() - call.startedAt);
    if (!call.future.settled) {
      const late = call.scope?.own !== undefined;
      if (ok && !late) {
        this.#done++;
        call.fulfil(outcome);
      } else if (call.tries < (call.options.retries ?? 0)) {
        call.again();
        this.#release(call);
        this.#enqueue(call);
        return;
      } else {
        this.#failed++;
        call.reject(outcome);
      }
    }
    this.#release(call);
  }

  #release(call: LocalCall): void {
    call.hasSlot = false;
    if (call.onLane) {
      const parent = call.parent as LocalCall;
      call.onLane = parent.laneTaken = false;
      this.#runLane(parent);
    } else this.#taken--;
    this.#orphanLane(call);
    if (this.#queue.size > 0) this.#askPump();
    this.#checkDrained();
  }

  /** What a call left behind in its lane when it ended goes on as if those around it had submitted it. */
  #orphanLane(call: LocalCall): void {
    if (!call.hasLane) return;
    for (let nested = call.lane.shift(); nested; nested = call.lane.shift()) {
      if (nested.future.settled) continue;
      nested.inLane = false;
      this.#inLanes--;
      this.#line(nested);
    }
  }

  #checkDrained(): void {
    if (!this.#closing || this.#queue.size + this.#inLanes > 0) return;
    if (this.#running.size === 0) this.#closing.fulfil();
    else if ([...this.#running].every((call) => call.future.settled)) this.#abandonLater();
  }

  /** All that runs has been cancelled or timed out, and its callers have their answers: a shutdown does not wait for it without end. */
  #abandonLater(): void {
    this.#abandon ??= clock.after(LET_GO, () => {
      this.#abandon = undefined;
      for (const call of [...this.#running]) if (call.future.settled && this.#running.delete(call)) this.#release(call);
    });
  }
}
