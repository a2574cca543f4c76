import { type Boot, type Claims, SETUP } from '../wire/index.js';
import { InFlight } from './in-flight.js';
import type { PoolCall } from './pool-call.js';
import type { PortableFunction } from './portable-function.js';
import type { Step } from './start-watch.js';
import { callStep, setupStep } from './steps.js';

/** A broadcast that has not been answered. */
interface Now {
  readonly target: PortableFunction;
  started: boolean;
  loading: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The calls that have been sent to a worker and not been answered, and how far the worker is with
 * them, as far as it has said.
 */
export class Underway {
  readonly calls = new InFlight<PoolCall>();
  /** Broadcasts, which wait for no slot. */
  readonly now = new Map<number, Now>();
  readonly claims: Claims | undefined;
  concurrency: number;
  /** The first call of this epoch (rule 2). */
  epochFirst = 0;
  /** Without shared memory: the last call that may have been started (rule 4). */
  begun = -1;
  wasUp = false;
  /** The step of its set-up that it is in, and whether that has been loaded. */
  setup: { step: number; isLoaded: boolean } | undefined;
  readonly #boot: Boot;

  constructor(boot: Boot, claims: Claims | undefined) {
    this.#boot = boot;
    this.concurrency = boot.concurrency;
    this.claims = claims;
  }

  /** Calls and broadcasts. */
  get size(): number {
    return this.calls.size + this.now.size;
  }

  /** Whether anybody waits for anything that was sent. */
  get isWanted(): boolean {
    for (const call of this.calls) if (!call.future.settled) return true;
    return this.now.size > 0;
  }

  /**
   * Whether the end of the worker would take no other call's run along: this call runs, or is being
   * loaded; or it is the next, and nothing runs. A worker that does not take what is its turn is no
   * better than one that does not let go.
   */
  isUpTo(call: PoolCall): boolean {
    if (!this.wasUp) return !this.isWanted; // others may wait for the same start, and nothing runs before it
    if (call.rare?.loading || this.#mayRun(call)) return true;
    for (const first of this.calls) {
      if (first !== call) return false;
      break;
    }
    return this.step() !== 'runs';
  }

  /** Whether the worker has said that it took a call. */
  isTaken({ sentAs }: PoolCall): boolean {
    return this.claims ? sentAs < this.epochFirst + this.claims.claimed() : sentAs <= this.begun;
  }

  /**
   * Whether a call may have been started. Without shared memory: it was announced, and no more are
   * before it than can run at a time.
   */
  #mayRun(call: PoolCall): boolean {
    if (this.claims || !this.isTaken(call)) return this.isTaken(call);
    if (call.timed) return call.rare?.started === true;
    let before = 0;
    for (const other of this.calls) {
      if (other === call) return true;
      if (++before >= this.concurrency) return false;
    }
    return false;
  }

  /**
   * The step that the worker has to get through, if nothing that runs there stands before it: a
   * call that runs may take as long as it likes.
   */
  step(): Step | 'runs' | 'idle' {
    if (!this.wasUp) return setupStep(this.#boot, this.setup);
    let loading: Step | undefined;
    let first: Step | undefined;
    for (const call of this.calls) {
      if (call.rare?.loading) loading ??= callStep(call.sentAs, call.target, call.name, true);
      else if (this.#mayRun(call)) return 'runs';
      else first ??= callStep(call.sentAs, call.target, call.name, false);
    }
    for (const [seq, { target, started, loading: isLoading }] of this.now) {
      if (started) return 'runs';
      const step = callStep(seq, target, target.fn.name, isLoading);
      if (isLoading) loading ??= step;
      else first ??= step;
    }
    return loading ?? first ?? 'idle';
  }

  /**
   * The worker says that it imports the module of a call, of a broadcast or of a step of its
   * set-up. @returns `false` if there is no such thing.
   */
  loads(seq: number, step: number): boolean {
    if (seq === SETUP) return this.#setsUp(step, false);
    const of = this.calls.get(seq)?.extra ?? this.now.get(seq);
    if (of === undefined || of.started) return false;
    of.loading = true;
    return true;
  }

  /** And that it begins it, once. @returns `false` if there is no such thing. */
  started(seq: number, step: number): boolean {
    if (seq === SETUP) return this.#setsUp(step, true);
    const rare = this.calls.get(seq)?.extra;
    const of = rare ?? this.now.get(seq);
    if (of === undefined || of.started) return false;
    of.loading = false;
    of.started = true;
    rare?.began?.();
    return true;
  }

  /** A broadcast is answered. @returns `false` if it was not out. */
  answerNow(seq: number, ok: boolean, value: unknown): boolean {
    const waiting = this.now.get(seq);
    if (waiting === undefined) return false;
    this.now.delete(seq);
    if (ok) waiting.resolve(value);
    else waiting.reject(value);
    return true;
  }

  /** Calls up to this may have been started. @returns `false` if there is no such call. */
  beginsUpTo(seq: number): boolean {
    if (this.claims !== undefined || seq >= this.calls.next) return false;
    this.begun = seq;
    return true;
  }

  #setsUp(step: number, isLoaded: boolean): boolean {
    if (this.wasUp || step >= this.#boot.setup.length) return false;
    this.setup = { step, isLoaded };
    return true;
  }
}
