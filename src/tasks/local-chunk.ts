import { clock, isCoroutine, type KeptContext } from '../core/index.js';
import type { AnyFunction, ChunkSink } from '../futures/index.js';
import type { LocalRun } from './local-call.js';
import { runBody } from './run-body.js';
import { scheduler } from './scheduler.js';

/** How long a part goes on while other calls wait for its slot, in ms. */
const SHARE = 5;

/** How many values are told together at most. */
const TOGETHER = 1024;

/** What a chunk asks of its executor. */
export interface ChunkOwner {
  /** Whether somebody else's call waits for a slot. */
  crowded(chunk: LocalChunk): boolean;
  /** One input has been answered for. */
  counted(ok: boolean): void;
  /** Starts one more part in a slot of its own, now or when there is one. */
  part(chunk: LocalChunk): void;
}

/**
 * Inputs of a map that go through several slots at once: each slot takes the next input when it is done with the last, so that a slow call holds up nobody.
 * A call costs little more than calling the function: calls that leave nothing behind share one scope a slot.
 */
export class LocalChunk {
  readonly fn: AnyFunction;
  readonly #inputs: readonly unknown[];
  readonly #owner: ChunkOwner;
  readonly #sink: ChunkSink;
  readonly #stop: boolean;
  readonly #began = clock.now();
  /** The next input to be taken, and the first that has not been answered for. */
  #next = 0;
  #answered = 0;
  #open: number;
  /** In order: what came before its turn. */
  readonly #early = new Map<number, { ok: boolean; value: unknown }>();
  #over = false;
  /** Values of neighbours that are still to be told, and where they begin: to tell each costs more than a tiny call. */
  #run: unknown[] = [];
  #runFrom = 0;

  constructor(owner: ChunkOwner, fn: AnyFunction, inputs: readonly unknown[], stop: boolean, sink: ChunkSink) {
    this.#owner = owner;
    this.fn = fn;
    this.#inputs = inputs;
    this.#stop = stop;
    this.#sink = sink;
    this.#open = inputs.length;
  }

  /** Whether there is an input that nobody has taken. */
  get hasMore(): boolean {
    return !this.#over && this.#next < this.#inputs.length;
  }

  /** Takes no more inputs; what has not been taken is dropped. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#open -= this.#inputs.length - this.#next;
    if (this.#open === 0) this.#sink.ended(clock.now() - this.#began);
  }

  /** All its parts are gone: what nobody has taken fails. */
  abandon(error: unknown): void {
    while (this.hasMore) this.answer(this.take(), false, error);
  }

  take(): number {
    return this.#next++;
  }

  input(at: number): unknown {
    return this.#inputs[at];
  }

  get crowded(): boolean {
    return this.#owner.crowded(this);
  }

  /** A part has ended. If inputs are left, another one goes on with them. */
  goOn(): void {
    if (this.hasMore) this.#owner.part(this);
  }

  /** @param more More answers follow in this turn: values may be told together. */
  answer(at: number, ok: boolean, value: unknown, more = false): void {
    this.#owner.counted(ok);
    if (!ok && this.#stop && !this.#over) {
      this.#over = true;
      this.#open -= this.#inputs.length - this.#next;
    }
    if (!this.#sink.inOrder) this.#tell(at, ok, value);
    else if (at !== this.#answered) this.#early.set(at, { ok, value });
    else {
      this.#tell(at, ok, value);
      this.#answered++;
      for (let due = this.#early.get(this.#answered); due !== undefined; due = this.#early.get(this.#answered)) {
        this.#early.delete(this.#answered);
        this.#tell(this.#answered++, due.ok, due.value);
      }
    }
    const isLast = --this.#open === 0;
    if (isLast || !more || this.#run.length >= TOGETHER) this.flush();
    if (isLast) this.#sink.ended(clock.now() - this.#began);
  }

  /** Tells what has gathered. */
  flush(): void {
    const values = this.#run;
    if (values.length === 0) return;
    this.#run = []; // first: whoever is told may end the chunk
    this.#sink.values(this.#runFrom, values);
  }

  #tell(at: number, ok: boolean, value: unknown): void {
    if (ok && at === this.#runFrom + this.#run.length) this.#run.push(value);
    else {
      this.flush();
      if (ok) {
        this.#runFrom = at;
        this.#run.push(value);
      } else this.#sink.failed(at, value);
    }
  }
}

/** One slot's way through a chunk: input after input in one scope, until that scope has been used for more than a plain call. */
export class ChunkPart {
  readonly #chunk: LocalChunk;
  readonly #scope: LocalRun;
  readonly #context: KeptContext;
  readonly #until = scheduler.coarse + SHARE;
  #at = -1;
  #looping = false;
  #again = false;

  constructor(chunk: LocalChunk, scope: LocalRun, context: KeptContext) {
    this.#chunk = chunk;
    this.#scope = scope;
    this.#context = context;
  }

  /** Begins with the next input. Its slot is free when the scope has ended; `last` then has the outcome that is still to be told. */
  begin(): void {
    this.#scope.start();
    this.#loop();
  }

  /** The outcome of the last input, once all that it left behind has ended. */
  last(ok: boolean, value: unknown): void {
    this.#answer(ok, value);
    this.#chunk.goOn();
  }

  /** Its slot was taken from it, or it was cancelled: whoever waits for the call is told at once, though it may not have let go yet. */
  lost(error: unknown): void {
    this.#answer(false, error);
  }

  /** Once for each input: an answer may end the whole map, and with it this part. */
  #answer(ok: boolean, value: unknown): void {
    const at = this.#at;
    this.#at = -1;
    if (at >= 0) this.#chunk.answer(at, ok, value, this.#looping);
  }

  #loop(): void {
    this.#looping = true;
    do {
      this.#again = false;
      if (!this.#chunk.hasMore) return this.#end();
      this.#at = this.#chunk.take();
      this.#context.runInAsyncScope(this.#call, this, this.#chunk.input(this.#at));
    } while (this.#again && !scheduler.spent());
    this.#looping = false;
    this.#chunk.flush();
    if (this.#again) scheduler.push({ scope: undefined, resume: () => this.#loop() });
  }

  #call(input: unknown): void {
    let value: unknown;
    try {
      value = this.#chunk.fn(input);
    } catch (error) {
      this.#failed(error);
      return;
    }
    if (isCoroutine(value)) {
      const coroutine = value; // its scope ends with it
      runBody(this.#scope, () => coroutine, [], this.#context);
    } else if (typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function') {
      (value as PromiseLike<unknown>).then(this.#fulfilled, this.#failed);
    } else this.#fulfilled(value);
  }

  readonly #fulfilled = (value: unknown): void => this.#answered(true, value);
  readonly #failed = (error: unknown): void => this.#answered(false, error);

  #answered(ok: boolean, value: unknown): void {
    if (!this.#scope.isUntouched || this.#yields()) {
      this.#scope.bodyEnded(ok, value);
      return;
    }
    this.#answer(ok, value);
    if (this.#looping) this.#again = true;
    else if (scheduler.spent()) scheduler.push({ scope: undefined, resume: () => this.#loop() });
    else this.#loop();
  }

  #yields(): boolean {
    return scheduler.coarse > this.#until && this.#chunk.crowded;
  }

  #end(): void {
    this.#looping = false;
    this.#chunk.flush();
    this.#scope.bodyEnded(true, undefined);
  }
}
