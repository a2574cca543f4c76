import { CancelledError, clock, Deque, drive, isCoroutine, LazySignal, runAs, setPoolDepth, setWorkerName } from '../core/index.js';
import { Arrivals } from './arrivals.js';
import { Claims } from './claims.js';
import type { FunctionRef } from './function-ref.js';
import { loadFunction } from './load.js';
import { decode, missingKinds } from './marks.js';
import { type Boot, type Port, SETUP, ToPool, ToWorker } from './message.js';
import { Outbox } from './outbox.js';
import { type Known, runChunk } from './run-chunk.js';
import { runStream, StreamControl } from './run-stream.js';
import { flushUnsent } from './unsent.js';
import { failureMessage } from './value.js';

type AnyCall = (...args: unknown[]) => unknown;

/** A message of work that is not used up; `at` is where its next call is written. */
interface Batch {
  readonly message: unknown[];
  readonly epoch: number;
  seq: number;
  at: number;
}

/** A call in progress that can still be spoken to. */
interface Active {
  readonly context: LazySignal;
  readonly stream: StreamControl | undefined;
}

/**
 * The loop that a worker runs, the same on every transport: takes messages, runs calls, at most `concurrency` at a time, and
 * answers. A call that throws, or whose result cannot travel, is answered with its error and leaves the worker whole.
 */
export class Server {
  readonly #port: Port;
  #concurrency: number;
  readonly #claims: Claims | undefined;
  readonly #outbox: Outbox;
  readonly #functions = new Map<number, Known & { ref: FunctionRef }>();
  readonly #inbox = new Deque<Batch>();
  readonly #active = new Map<number, Active>();
  readonly #skip = new Set<number>();
  // Nobody can be answered: the pool learns of it as of any death.
  readonly #arrivals = new Arrivals(
    (message) => this.#take(message),
    (error) =>
      queueMicrotask(() => {
        throw error;
      }),
  );
  /** Broadcasts that came before the setup was done. */
  readonly #early: unknown[][] = [];
  #running = 0;
  #pumping = false;
  #ready = false;
  /** The last call that was started. */
  #last = -1;

  constructor(port: Port, boot: Boot) {
    setPoolDepth(boot.depth);
    setWorkerName(boot.name);
    this.#port = port;
    this.#concurrency = boot.concurrency;
    this.#claims = boot.claims && new Claims(boot.claims);
    this.#outbox = new Outbox(port);
    this.#boot(boot).catch((error) => {
      const { carrier } = this.#port;
      this.#port.post(failureMessage([ToPool.UNFIT], error, { what: 'The error of the initializer', carrier }));
    });
  }

  /** What has been finished leaves now: the worker is about to end. */
  flush(): void {
    this.#outbox.flush();
    flushUnsent();
    // An end of its own accord leaves nothing in doubt: what was announced and not started can run elsewhere.
    if (this.#claims === undefined && this.#ready) this.#port.post([ToPool.BEGUN, this.#last]);
  }

  /** Takes a message of the pool. END is for the transport: it decides how its kind of worker ends. */
  receive(message: unknown[]): void {
    this.#arrivals.receive(message);
  }

  #take(message: unknown[]): void {
    const kind = message[0] as number;
    switch (kind) {
      case ToWorker.FUNCTION: {
        const ref = message[2] as FunctionRef;
        this.#functions.set(message[1] as number, { ref, name: ref.name, fn: undefined, window: 1 });
        return;
      }
      case ToWorker.CALLS:
      case ToWorker.CHUNK:
      case ToWorker.STREAM:
        this.#inbox.push({ message, epoch: message[1] as number, seq: message[2] as number, at: kind === ToWorker.CALLS ? 4 : 3 });
        this.#pump();
        return;
      case ToWorker.CREDIT:
        this.#active.get(message[1] as number)?.stream?.grant(message[2] as number);
        return;
      case ToWorker.CLOSE:
        this.#active.get(message[1] as number)?.stream?.close();
        return;
      case ToWorker.ABORT: {
        const active = this.#active.get(message[1] as number);
        if (active) {
          active.context.abort(message[2]);
          active.stream?.close();
        } else if ((this.#inbox.peek()?.seq ?? Number.POSITIVE_INFINITY) <= (message[1] as number)) {
          this.#skip.add(message[1] as number); // still to come; one that has been answered would stay in the set for ever
        }
        return;
      }
      case ToWorker.ASK:
        this.#port.post([ToPool.LISTENS]);
        return;
      case ToWorker.SLOTS:
        this.#concurrency = message[1] as number;
        this.#pump();
        return;
      case ToWorker.NOW:
        if (!this.#ready) {
          this.#early.push(message);
          return;
        }
        this.#call(message[1] as number, message[2] as number, message[3] as unknown[], true);
        this.#outbox.flushSoon();
        return;
    }
  }

  async #boot(boot: Boot): Promise<void> {
    for (const [step, { ref, args }] of boot.setup.entries()) {
      const loading = loadFunction(ref);
      if (loading instanceof Promise) this.#port.post([ToPool.LOADING, SETUP, step]);
      const fn = await loading;
      await missingKinds(args);
      this.#port.post([ToPool.STARTED, SETUP, step]);
      const made = fn(...(decode(args) as unknown[]));
      await (isCoroutine(made) ? drive(made) : made);
    }
    this.#ready = true;
    this.#port.post([ToPool.READY]);
    for (const message of this.#early.splice(0)) this.#take(message);
    this.#pump();
  }

  /** Starts what may start. Runs to the end of the inbox in one go where calls end at once. */
  #pump(): void {
    if (this.#pumping || !this.#ready) return;
    this.#pumping = true;
    while (this.#running < this.#concurrency) {
      const batch = this.#inbox.peek();
      if (batch === undefined) break;
      if (this.#claims === undefined) this.#announce(batch);
      else if (!this.#claims.claim(batch.epoch)) {
        this.#inbox.shift(); // recalled: its calls are another worker's now
        continue;
      }
      this.#next(batch);
    }
    this.#pumping = false;
    if (this.#running === 0 && this.#inbox.size === 0) this.#outbox.flush();
    else this.#outbox.flushSoon();
  }

  /** Without shared memory the pool learns from this, batch by batch, what may have been started. */
  #announce(batch: Batch): void {
    const { message } = batch;
    if (message[0] !== ToWorker.CALLS) {
      this.#outbox.flush();
      this.#port.post([ToPool.BEGUN, batch.seq]);
    } else if (batch.at === 4) {
      let last = batch.seq - 1;
      for (let at = 4; at < message.length; at += 2 + (message[at + 1] as number)) last++;
      this.#outbox.flush();
      this.#port.post([ToPool.BEGUN, last]);
    }
  }

  #next(batch: Batch): void {
    const { message, seq } = batch;
    const kind = message[0] as number;
    this.#last = seq;
    if (kind === ToWorker.CALLS) {
      const id = message[batch.at] as number;
      const from = batch.at + 2;
      const to = from + (message[batch.at + 1] as number);
      batch.at = to;
      batch.seq++;
      if (to >= message.length) this.#inbox.shift();
      this.#call(seq, id, message.slice(from, to), message[3] === 1);
      return;
    }
    this.#inbox.shift();
    if (kind === ToWorker.CHUNK) {
      this.#claims?.progress(0); // what the last chunk left must not count for this one, which may end the worker before it begins
      this.#long(seq, message[3] as number, false, (known, context) =>
        runChunk(
          this.#port,
          this.#claims,
          seq,
          known,
          message[5] as ArrayLike<unknown>,
          message[4] as boolean,
          message[6] as number | undefined,
          context,
        ),
      );
    } else {
      const control = new StreamControl(message[4] as number);
      this.#long(
        seq,
        message[3] as number,
        message[5] === 1,
        (known, context) => runStream(this.#port, seq, known.name, known.fn as AnyCall, message[6] as unknown[], control, context),
        control,
      );
    }
  }

  #call(seq: number, id: number, args: unknown[], timed: boolean): void {
    const known = this.#functions.get(id) as Known & { ref: FunctionRef };
    if (this.#skip.size > 0 && this.#skip.delete(seq)) {
      this.#outbox.fail(seq, new CancelledError(), known.name, 0, clock.now());
      return;
    }
    if (known.fn === undefined) {
      this.#loadFirst(seq, id, args, timed, known);
      return;
    }
    if (timed) {
      this.#outbox.flush(); // this call may be the end of the worker: what is finished is not its to take along
      this.#port.post([ToPool.STARTED, seq]);
    }
    const context = new LazySignal();
    const began = clock.now();
    let value: unknown;
    try {
      value = runAs(context, known.fn, args);
      if (typeof value === 'object' && value !== null) {
        if (isCoroutine(value)) value = runAs(context, drive, [value]);
        if (typeof (value as PromiseLike<unknown>).then === 'function') {
          this.#running++;
          this.#active.set(seq, { context, stream: undefined });
          (value as PromiseLike<unknown>).then(
            (result) => this.#ended(seq, true, result, known, began),
            (error) => this.#ended(seq, false, error, known, began),
          );
          return;
        }
      }
    } catch (error) {
      const now = clock.now();
      this.#outbox.fail(seq, error, known.name, now - began, now);
      return;
    }
    const now = clock.now();
    this.#outbox.add(seq, value, known.name, now - began, now);
  }

  /** A call whose function is still being imported; it can be cancelled meanwhile. */
  #loadFirst(seq: number, id: number, args: unknown[], timed: boolean, known: Known & { ref: FunctionRef }): void {
    const context = new LazySignal();
    const began = clock.now();
    this.#running++;
    this.#active.set(seq, { context, stream: undefined });
    this.#load(seq, known).then(
      () => {
        if (context.aborted) return this.#ended(seq, false, context.signal.reason, known, began);
        this.#active.delete(seq);
        this.#running--;
        if (!timed) this.#port.post([ToPool.STARTED, seq]);
        this.#call(seq, id, args, timed);
        this.#pump();
      },
      (error) => this.#ended(seq, false, error, known, began),
    );
  }

  /** A chunk or a stream: one slot, many answers. */
  #long(
    seq: number,
    id: number,
    timed: boolean,
    body: (known: Known, context: LazySignal) => Promise<unknown>,
    stream?: StreamControl,
  ): void {
    const known = this.#functions.get(id) as Known & { ref: FunctionRef };
    const context = new LazySignal();
    this.#running++;
    this.#active.set(seq, { context, stream });
    if (this.#skip.delete(seq)) context.abort(new CancelledError());
    const run = async () => {
      if (context.aborted) throw context.signal.reason;
      const isNew = known.fn === undefined;
      if (isNew) await this.#load(seq, known);
      if (timed || isNew) {
        this.#outbox.flush();
        this.#port.post([ToPool.STARTED, seq]);
      }
      return await body(known, context);
    };
    const began = clock.now();
    run().then(
      (result) => this.#ended(seq, true, result, known, began),
      (error) => this.#ended(seq, false, error, known, began),
    );
  }

  #ended(seq: number, ok: boolean, outcome: unknown, known: Known, began: number): void {
    this.#active.delete(seq);
    this.#running--;
    const now = clock.now();
    if (ok) this.#outbox.add(seq, outcome, known.name, now - began, now);
    else this.#outbox.fail(seq, outcome, known.name, now - began, now);
    this.#pump();
  }

  async #load(seq: number, known: Known & { ref: FunctionRef }): Promise<void> {
    const loading = loadFunction(known.ref);
    if (loading instanceof Promise) {
      this.#outbox.flush(); // the import may hold this thread, or be its end: what is finished is not its to keep
      this.#port.post([ToPool.LOADING, seq]);
    }
    known.fn ??= await loading;
  }
}
