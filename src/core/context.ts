import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { bare } from './bare.js';

/** What runs now, as far as its own code may know: a call in a worker or on this thread, later a task. */
export interface Running {
  /** Made at its first use: an AbortController costs as much as several tiny calls. */
  readonly signal: AbortSignal;
  /** What it runs inside of. */
  readonly outer?: Running | undefined;
  /** Whether even what is there already has to be waited for: this was cancelled, or its time slice is used up. Only tasks and scopes have it. */
  mustStop?(): boolean;
  /**
   * Makes waiting a cancellation point. Calls `done()` in its turn after the returned function was called, or `done(error)` if this is cancelled before that, and at
   * once if it has been. Only tasks and scopes have it.
   */
  untilCancelled?(on: object, done: (error?: Error) => void): () => void;
}

const running = new AsyncLocalStorage<Running>();

/** Runs `fn(...args)` as part of `what`; everything it starts sees the same. */
export function runAs<A extends unknown[], R>(what: Running, fn: (...args: A) => R, args: A): R {
  return running.run(what, fn, ...args);
}

/**
 * The AbortSignal of the call or task that this code belongs to. It aborts when that is cancelled or its time runs out;
 * hand it to `fetch`, to streams, to timers, or look at `aborted` inside a long loop.
 *
 * Cancelling: the signal's `reason` is the `CancelledError` or `TimeoutError`.
 *
 * @returns `undefined` outside any call or task.
 *
 * @example Outside a call there is none
 * ```ts run
 * import { currentSignal } from 'meantime/tasks';
 *
 * currentSignal(); // => undefined
 * ```
 */
export function currentSignal(): AbortSignal | undefined {
  return running.getStore()?.signal;
}

/** What this code runs as part of. */
export const currentRunning = (): Running | undefined => running.getStore();

/** An async context that can be entered again and again; the same cost as one AsyncResource, which it is. */
export type KeptContext = AsyncResource;

const MANUALLY = bare({ requireManualDestroy: true });

/** The context of this line, for `runInAsyncScope`. */
export const contextHere = (): KeptContext => new AsyncResource('meantime', MANUALLY);

/**
 * Keeps the context of this line: what is run through it later sees the same call, and the same of everybody else's AsyncLocalStorage. Not by
 * `AsyncLocalStorage.snapshot()`, which costs ten times as much.
 */
export function keepContext(): <R>(fn: () => R) => R {
  const here = contextHere();
  return (fn) => here.runInAsyncScope(fn);
}

const nowhere = emptyContext();

/**
 * Runs `fn` in no context at all, outside of any call and of everybody's AsyncLocalStorage. For the
 * making of whatever outlives the call that needs it first: a timer, a worker, a socket, the
 * promise of a module. Each would keep that call's stores alive, and run what comes later in them.
 */
export const outside = <R>(fn: () => R): R => nowhere.runInAsyncScope(fn);

/**
 * A module that is imported within a request is evaluated in the request's context: what the
 * resource has taken from there has to be cleared. Node keeps it in own symbols, beside the two
 * ids.
 */
function emptyContext(): KeptContext {
  const empty = contextHere();
  for (const key of Object.getOwnPropertySymbols(empty)) {
    if (!String(key.description).includes('async_id')) Reflect.set(empty, key, undefined);
  }
  return empty;
}

/**
 * An AbortController whose listeners are called in the context in which it was made, wherever it is
 * aborted.
 */
export class KeptController {
  readonly #controller = new AbortController();
  readonly #here = contextHere();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#here.runInAsyncScope(this.#controller.abort, this.#controller, reason);
  }
}

/** A `Running` whose signal is made only if somebody asks for it. */
export class LazySignal implements Running {
  #controller: KeptController | undefined;
  #reason: { value: unknown } | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new KeptController();
      if (this.#reason) this.#controller.abort(this.#reason.value);
    }
    return this.#controller.signal;
  }

  get outer(): undefined {
    return undefined;
  }

  get mustStop(): undefined {
    return undefined;
  }

  get untilCancelled(): undefined {
    return undefined;
  }

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  abort(reason: unknown): void {
    if (this.#reason) return;
    this.#reason = { value: reason };
    this.#controller?.abort(reason);
  }
}

/** How many imports on behalf of calls are under way in this worker. */
let importing = 0;

/** Marks the time in which a worker imports a user's module: a pool made in it would make itself again, without end. */
export async function whileImporting<T>(load: () => Promise<T>): Promise<T> {
  importing++;
  try {
    return await load();
  } finally {
    importing--;
  }
}

/** Whether a worker is importing a user's module right now. */
export const isImporting = (): boolean => importing > 0;

/** How many pools deep this code runs: 0 in the program itself, 1 in a worker of its pool. */
let depth = 0;
export const poolDepth = (): number => depth;
export function setPoolDepth(of: number): void {
  depth = of;
}

/** What whoever started this worker called it. */
let name: string | undefined;
export const workerName = (): string | undefined => name;
export function setWorkerName(to: string | undefined): void {
  name = to;
}
