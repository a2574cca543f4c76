import {
  bare,
  CancelledError,
  type Coroutine,
  type Deferred,
  deferred,
  type Follower,
  type Followers,
  follow,
  graftStack,
  YieldOnce,
} from '../core/index.js';
import { FutureCell } from '../futures/index.js';
import { isStepping } from './current.js';
import { resumed, suspended } from './events.js';
import { orderly } from './orderly.js';
import { type Runnable, scheduler } from './scheduler.js';
import type { Scope } from './scope.js';
import { told } from './told.js';
import type { Waiters } from './waiters.js';

/** What a task waits for: `await` it in an async function, `yield*` it in a generator. */
export interface Awaitable<T> extends Promise<T> {
  [Symbol.iterator](): Coroutine<T>;
}

/** Who is to go on when a wait is over. */
export interface Waiting {
  readonly scope?: Scope | undefined;
  goOn(wait: Wait<unknown>): void;
}

// Plain numbers: a wait is made, looked at and dropped more often than anything else here.
const PENDING = 0;
/** Decided; resumes in its turn. Nothing can change it any more: what was delivered is never lost. */
const DUE = 1;
const DUE_TO_FAIL = 2;
/** Cut off by a cancellation; which error it is, is looked up when it resumes. */
const CUT = 3;
const FULFILLED = 4;
const REJECTED = 5;

/**
 * One wait of one task: a record that is in the list of its scope, to be cut off, and in the list of what it waits for, to be served. It is what a generator yields. For
 * an async function there is a promise of it.
 */
export class Wait<T> implements Awaitable<T>, Runnable, Follower {
  declare readonly [Symbol.toStringTag]: 'Wait';
  #state = PENDING;
  #value: unknown = undefined;
  /** What is waited for, in a word or as the thing itself: for people. */
  readonly on: string | object;
  /** About when it began, in whole ms of `now()`. */
  since: number;
  readonly scope: Scope | undefined;
  /** Its neighbours in the ring of its scope, while it is parked there. */
  scopeNext: Wait<unknown> | undefined = undefined;
  scopePrev: Wait<unknown> | undefined = undefined;
  list: Waiters | undefined = undefined;
  ahead: Wait<unknown> | undefined = undefined;
  behind: Wait<unknown> | undefined = undefined;
  /**
   * The data that its list needs: the item to put, the permits asked for. Or its place among those
   * that follow a promise.
   */
  data: unknown = undefined;
  /** Called when it is cut off, after it has left its lists. */
  onCut: ((this: Wait<unknown>) => void) | undefined = undefined;
  fiber: Waiting | undefined = undefined;
  #deferred: Deferred | undefined = undefined;

  /** Parks in the given scope; it must not be cancelled yet. */
  constructor(on: string | object, scope: Scope | undefined) {
    this.on = on;
    this.since = scheduler.time();
    this.scope = scope;
    scope?.park(this);
    if (told.active) suspended(this);
  }

  get pending(): boolean {
    return this.#state === PENDING;
  }

  /** Whether it waits for somebody to yield it, and nobody has. */
  get isFree(): boolean {
    return this.fiber === undefined && this.#state <= CUT;
  }

  get isCut(): boolean {
    return this.#state === CUT;
  }

  get failed(): boolean {
    return this.#state === REJECTED || this.#state === DUE_TO_FAIL;
  }

  get value(): unknown {
    return this.#value;
  }

  /** @returns `false` if it was decided before. */
  fulfil(value: T): boolean {
    return this.#decide(false, value);
  }

  /** @returns `false` if it was decided before. */
  fail(error: unknown): boolean {
    return this.#decide(true, error);
  }

  /** Waits for a foreign promise. */
  follow(promise: PromiseLike<T>): void {
    this.data = follow(orderly(promise), this);
    this.onCut = leave;
  }

  /** Its scope was cancelled, or has ended with that error. The scope has taken it off its own list. */
  cut(error?: Error): void {
    this.#state = CUT;
    this.#value = error;
    this.list?.remove(this);
    this.onCut?.();
    scheduler.push(this);
  }

  resume(): void {
    if (told.active) resumed(this);
    const deferred = this.#deferred;
    if (this.#state === CUT) {
      this.#state = DUE_TO_FAIL;
      this.#value ??= (this.scope as Scope).error;
      deferred?.promise.catch(ignore); // who no longer awaits it need not hear of a cancellation
    }
    this.#state = this.#state === DUE_TO_FAIL ? REJECTED : FULFILLED;
    this.data = this.onCut = undefined;
    if (this.fiber !== undefined) this.fiber.goOn(this);
    if (deferred === undefined) return;
    if (this.#state === REJECTED) deferred.reject(this.#value);
    else deferred.resolve(this.#value as never);
  }

  /** What the caller gets: this record inside a generator, else a promise. */
  handle(): Awaitable<T> {
    return isStepping() ? this : (this.#asPromise() as Awaitable<T>);
  }

  #decide(failed: boolean, value: unknown): boolean {
    if (this.#state !== PENDING) return false;
    this.#state = failed ? DUE_TO_FAIL : DUE;
    this.#value = value;
    if (!failed && this.#deferred !== undefined) markDelivered(this.#deferred.promise);
    if (this.scopeNext !== undefined) (this.scope as Scope).unpark(this);
    this.list?.remove(this);
    scheduler.push(this);
    return true;
  }

  /** Decided by a microtask of its own: it has its turn already, unless the slice is used up. */
  arrive(failed: boolean, value: unknown): void {
    if (scheduler.spent()) {
      this.#decide(failed, value);
      return;
    }
    if (this.#state !== PENDING) return;
    if (this.scopeNext !== undefined) (this.scope as Scope).unpark(this);
    this.#state = failed ? DUE_TO_FAIL : DUE;
    this.#value = value;
    this.resume();
  }

  #asPromise(): Promise<T> {
    if (this.#deferred === undefined) {
      this.#deferred = deferred();
      if (this.#state === DUE || this.#state === FULFILLED) markDelivered(this.#deferred.promise);
      else yieldable(this.#deferred.promise);
      if (this.#state === FULFILLED) this.#deferred.resolve(this.#value as never);
      else if (this.#state === REJECTED) this.#deferred.reject(this.#value);
    }
    return this.#deferred.promise as Promise<T>;
  }

  // What follows is for code in a generator that treats it as a promise all the same.
  // biome-ignore lint/suspicious/noThenProperty: it is a thenable on purpose
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#asPromise().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#asPromise().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#asPromise().finally(onFinally);
  }

  // `yield* wait` asks this object: it gives itself to the runtime until it is over.
  [Symbol.iterator](): Coroutine<T> {
    return this as unknown as Coroutine<T>;
  }

  next(): IteratorResult<unknown, T> {
    if (this.#state === FULFILLED) return { done: true, value: this.#value as T };
    if (this.#state === REJECTED) throw graftStack(this.#value, this.next);
    return { done: false, value: this };
  }

  /** Called from within the waiting frames: the only place that knows their stack. */
  throw(error: unknown): never {
    throw graftStack(error, this.throw);
  }

  return(value: unknown): IteratorResult<unknown, unknown> {
    return { done: true, value };
  }
}

Object.defineProperty(Wait.prototype, Symbol.toStringTag, bare({ value: 'Wait' }));

/** What `yield*` gives back at once. */
class Given<T> {
  readonly #failed: boolean;
  readonly #value: unknown;

  constructor(failed: boolean, value: unknown) {
    this.#failed = failed;
    this.#value = value;
  }

  get isValue(): boolean {
    return !this.#failed;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown, T> {
    if (this.#failed) throw graftStack(this.#value, this.next);
    return { done: true, value: this.#value as T };
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a thenable on purpose
  then<A, B>(onFulfilled?: ((value: T) => A) | null, onRejected?: ((error: unknown) => B) | null): Promise<A | B> {
    return this.#promise().then(onFulfilled, onRejected);
  }

  catch<B>(onRejected?: ((error: unknown) => B) | null): Promise<T | B> {
    return this.#promise().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#promise().finally(onFinally);
  }

  #promise(): Promise<T> {
    return this.#failed ? Promise.reject(this.#value) : Promise.resolve(this.#value as T);
  }
}

/** A wait that is over before it began: the value, without a turn of its own unless the time slice is used up. */
export function ready<T>(value: T): Awaitable<T> {
  if (scheduler.spent()) return later(value);
  if (isStepping()) return new Given<T>(false, value) as unknown as Awaitable<T>;
  return markDelivered(Promise.resolve(value)) as Awaitable<T>;
}

/** A wait that is decided, and resumes when its turn comes. */
export function later<T>(value: T): Awaitable<T> {
  const wait = new Wait<T>('turn', undefined);
  wait.fulfil(value);
  return wait.handle();
}

/** A wait that cannot be. */
export function refused(error: unknown): Awaitable<never> {
  if (scheduler.spent()) return refusedLater(error); // or a loop that swallows it would never end
  if (isStepping()) return new Given<never>(true, error) as unknown as Awaitable<never>;
  const promise = yieldable(Promise.reject<never>(error));
  if (error instanceof CancelledError) promise.catch(ignore);
  return promise;
}

function refusedLater(error: unknown): Awaitable<never> {
  const wait = new Wait<never>('turn', undefined);
  wait.fail(error);
  const handle = wait.handle();
  if (handle !== wait && error instanceof CancelledError) handle.catch(ignore);
  return handle;
}

/** `yield*` gives the promise to the runtime, which waits for it as for a foreign one. */
function steps(this: Promise<unknown>): Coroutine<unknown> {
  return YieldOnce.of(this);
}

/** The same, and the mark of a promise that has its value already. */
function readySteps(this: Promise<unknown>): Coroutine<unknown> {
  return YieldOnce.of(this);
}

function markDelivered(promise: Promise<unknown>): Promise<unknown> {
  (promise as Awaitable<unknown>)[Symbol.iterator] = readySteps;
  return promise;
}

/**
 * Whether what is waited for was delivered already. It may be a lock or an item, so a task that is
 * cancelled gets it all the same, and is cancelled at its next wait.
 */
export function isDelivered(value: unknown): boolean {
  if (value instanceof FutureCell) return value.isDelivered;
  if (value instanceof Wait) return !value.pending && !value.failed && !value.isCut;
  if (value instanceof Given) return value.isValue;
  return (value as Partial<Awaitable<unknown>>)[Symbol.iterator] === readySteps;
}

function yieldable<T>(promise: Promise<T>): Awaitable<T> {
  (promise as Awaitable<T>)[Symbol.iterator] = steps as () => Coroutine<T>;
  return promise as Awaitable<T>;
}

function ignore(): void {}

function leave(this: Wait<unknown>): void {
  (this.data as Followers).leave(this);
}
