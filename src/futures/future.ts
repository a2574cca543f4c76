import {
  bare,
  CancelledError,
  type Coroutine,
  currentRunning,
  type Deferred,
  deferred,
  graftStack,
  InternalError,
  NotSettledError,
  type Running,
  reportUncaught,
  stays,
  travels,
} from '../core/index.js';

/** Where a Future is in its life. It starts `pending`, may be `running`, and ends in one of the other three for good. */
export type FutureState = 'pending' | 'running' | 'fulfilled' | 'rejected' | 'cancelled';

/**
 * The result of a call that may not have ended yet: a Promise that can also be asked and cancelled. Usable wherever a
 * promise is; no native promise is made until somebody awaits it. A failure that nobody ever looks at surfaces as an
 * `unhandledRejection`, a cancellation does not.
 *
 * Cancelling: see `cancel`.
 *
 * @example
 * ```ts run
 * import { FutureSource } from 'meantime/futures';
 *
 * const source = new FutureSource<number>();
 * source.future.state; // => 'pending'
 * source.fulfil(42);
 * await source.future; // => 42
 * source.future.result(); // => 42
 * ```
 */
export interface Future<T> extends Promise<T> {
  readonly state: FutureState;
  /** Whether `state` is final. */
  readonly settled: boolean;
  /**
   * Asks for the end of the call. What is queued never runs; what runs has its signal aborted.
   *
   * @param reason Kept in the error's `reason`; an error of cancellation or a TimeoutError is used as it is.
   * @returns `false` if the future had already settled, and then nothing happens.
   */
  cancel(reason?: unknown): boolean;
  /**
   * The value, now.
   *
   * @throws the call's error; or {NotSettledError} code `MEANTIME_NOT_SETTLED`, if it has not ended.
   */
  result(): T;
  /** `yield* future` inside a generator task. */
  [Symbol.iterator](): Coroutine<T>;
}

const brand: unique symbol = Symbol.for('meantime.future') as never;

/** The error that a cancellation with this reason throws. */
export function cancellation(reason?: unknown): Error {
  if (reason instanceof Error && (reason instanceof CancelledError || reason.name === 'TimeoutError')) return reason;
  if (reason === undefined) return new CancelledError();
  return new CancelledError(`This operation was cancelled: ${reason instanceof Error ? reason.message : String(reason)}`, {
    reason,
    cause: reason,
  });
}

/** The finishing side is asked to end the work: one object for each future, not one closure. */
export const cancelRequested: unique symbol = Symbol('cancelRequested');

export interface CancelOwner {
  [cancelRequested](reason: unknown): void;
}

/**
 * The one implementation. Its finishing side is for `FutureSource` and for this room only; users hold it as a `Future`,
 * which cannot settle itself and so stays covariant (`Future<number>` is a `Future<unknown>`).
 */
export class FutureCell<T> implements Future<T> {
  declare readonly [brand]: true;
  declare readonly [Symbol.toStringTag]: 'Future';
  #state: FutureState = 'pending';
  #value: unknown = undefined;
  #native: Deferred | undefined = undefined;
  #watchers: Watchers = undefined;
  /** Whether whoever awaits it is not cut off by a cancellation: a block of the same task, which the cancellation enters instead. */
  get isBlock(): boolean {
    return false;
  }

  /** The same, asked from where it is awaited: the cancellation enters only a block that is inside of what is cancelled. */
  isBlockIn(_running: object | undefined): boolean {
    return false;
  }

  /**
   * Whether its value is something that is held, or taken out: one that is cut off when it is there
   * already gets it all the same, or it would be lost.
   */
  get delivers(): boolean {
    return false;
  }

  /** Whether it has such a value. */
  get isDelivered(): boolean {
    return this.#state === 'fulfilled' && this.delivers;
  }

  /** What was settled with. */
  get outcome(): unknown {
    return this.#value;
  }

  get state(): FutureState {
    return this.#state;
  }

  get settled(): boolean {
    return this.#state !== 'pending' && this.#state !== 'running';
  }

  cancel(_reason?: unknown): boolean {
    throw new InternalError('A future without a way to cancel it was made');
  }

  result(): T {
    if (!this.settled) throw new NotSettledError(`result() was asked for while the future is still ${this.#state}: await it first`);
    this.#native?.promise.catch(ignore);
    if (this.#state === 'fulfilled') return this.#value as T;
    throw this.#value;
  }

  // biome-ignore lint/suspicious/noThenProperty: a Future is a thenable on purpose
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    // An `await` gives both functions. Who gives only one does not wait here, and must not be told of a cancellation by a rejection that nobody handles.
    if (typeof onRejected === 'function') {
      const running = currentRunning();
      if (running?.untilCancelled !== undefined && !this.isBlockIn(running) && (!this.settled || running.mustStop?.())) {
        return this.#within(running as Required<Running>).then(onFulfilled, onRejected);
      }
    }
    return this.#promise().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#promise().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#promise().finally(onFinally);
  }

  [Symbol.iterator](): Coroutine<T> {
    return new FutureSteps(this as unknown as FutureCell<unknown>) as unknown as Coroutine<T>;
  }

  /** A promise of what comes first: the outcome, or the cancellation of whoever waits. */
  #within(running: Required<Running>): Promise<T> {
    return new Promise((resolve, reject) => {
      let refused = false;
      let arrive = (): void => undefined; // asked for at once if it is cancelled already
      arrive = running.untilCancelled(this, (error) => {
        if (error !== undefined && !this.isDelivered) {
          refused = true;
          this.lookAway(arrive);
          reject(error);
        } else if (this.#state === 'fulfilled') resolve(this.#value as T);
        else reject(this.#value);
      });
      if (!refused) this.watch(arrive);
    });
  }

  #promise(): Promise<T> {
    if (this.#native === undefined) {
      // Not kept: a future that many await for long would hold the context of whoever came first.
      if (this.#state === 'fulfilled') return Promise.resolve(this.#value) as Promise<T>;
      if (this.settled) this.#native = settled(Promise.reject(this.#value));
      else this.#native = deferred();
    }
    return this.#native.promise as Promise<T>;
  }

  /** @throws {NotCloneableError} */
  [travels](): never {
    return stays('a Future', 'await it and pass its value');
  }

  start(): void {
    if (this.#state === 'pending') this.#state = 'running';
  }

  /** Back in the queue: its worker died before it began. */
  unstart(): void {
    if (this.#state === 'running') this.#state = 'pending';
  }

  watch(fn: (future: Future<unknown>) => void): void {
    if (this.settled) {
      this.#native?.promise.catch(ignore);
      fn(this);
    } else if (this.#watchers === undefined) this.#watchers = fn;
    else if (typeof this.#watchers === 'function') this.#watchers = new Set([this.#watchers, fn]);
    else this.#watchers.add(fn);
  }

  /** The same for somebody to whom the outcome is nothing: a failure that nobody else looks at is still reported. */
  passBy(fn: (future: Future<unknown>) => void): void {
    passers.add(fn);
    if (this.settled) fn(this);
    else this.watch(fn);
  }

  /** Somebody who waited was cut off. A failure that comes now is nobody's, as that of a foreign promise would be. */
  lookAway(fn: (future: Future<unknown>) => void): void {
    this.unwatch(fn);
    if (!this.settled && !isLookedAt(this.#watchers)) this.watch(ignore);
  }

  unwatch(fn: (future: Future<unknown>) => void): void {
    if (this.#watchers === fn) this.#watchers = undefined;
    else if (this.#watchers instanceof Set && this.#watchers.delete(fn) && this.#watchers.size === 0) this.#watchers = undefined;
  }

  /** A watcher that throws, though it must not, spoils it for nobody else. */
  #tell(watcher: Watcher): void {
    try {
      watcher(this);
    } catch (error) {
      reportUncaught(error);
    }
  }

  /** @param seen Somebody else answers for a failure: it is not reported if nobody looks at this future. */
  settle(state: 'fulfilled' | 'rejected' | 'cancelled', value: unknown, seen = false): boolean {
    if (this.settled) return false;
    this.#state = state;
    this.#value = value;
    const watchers = this.#watchers;
    this.#watchers = undefined;
    if (this.#native !== undefined) {
      const { promise, resolve, reject } = this.#native;
      if (state === 'fulfilled') {
        resolve(value as never);
        this.#native = undefined;
      } else {
        reject(value);
        if (seen || state === 'cancelled') promise.catch(ignore);
      }
    } else if (state === 'rejected' && !seen && !isLookedAt(watchers)) {
      // Nobody looks yet: as a rejected promise it is reported, unless somebody awaits it within this turn.
      this.#native = settled(Promise.reject(value));
    }
    if (typeof watchers === 'function') this.#tell(watchers);
    else if (watchers !== undefined) for (const watcher of watchers) this.#tell(watcher);
    return true;
  }
}

Object.defineProperties(FutureCell.prototype, {
  [brand]: bare({ value: true }),
  [Symbol.toStringTag]: bare({ value: 'Future' }),
});

/** A future whose finishing side is somebody else, who is asked to cancel it. */
export class OwnedCell<T> extends FutureCell<T> {
  #owner: CancelOwner;

  constructor(owner: CancelOwner) {
    super();
    this.#owner = owner;
  }

  /** Somebody else answers for it from now on: a call that went on to another executor. */
  handTo(owner: CancelOwner): void {
    this.#owner = owner;
  }

  override cancel(reason?: unknown): boolean {
    if (this.settled) return false;
    this.#owner[cancelRequested](reason);
    return true;
  }
}

/** A future of something that must not be lost. */
export class DeliveringCell<T> extends OwnedCell<T> {
  override get delivers(): boolean {
    return true;
  }
}

/** `yield* future`: gives itself to the runtime once, and then its outcome. */
class FutureSteps {
  readonly #future: FutureCell<unknown>;
  #given = false;

  constructor(future: FutureCell<unknown>) {
    this.#future = future;
  }

  next(): IteratorResult<unknown, unknown> {
    const future = this.#future;
    if (this.#given) return { done: true, value: future.result() };
    const running = currentRunning();
    if (future.settled && (future.isDelivered || future.isBlockIn(running) || !running?.mustStop?.()))
      return { done: true, value: future.result() };
    this.#given = true;
    return { done: false, value: future };
  }

  /** Called from within the waiting frames: the only place that knows their stack. */
  throw(error: unknown): never {
    throw graftStack(error, this.throw);
  }

  return(value: unknown): IteratorResult<unknown, unknown> {
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

function ignore(): void {}

type Watcher = (future: Future<unknown>) => void;
/** Most futures have one watcher; thousands of tasks may wait for one future, and leave it one by one. */
type Watchers = Watcher | Set<Watcher> | undefined;

/** Watchers that look only at when, not at what. */
const passers = new WeakSet<Watcher>();
function isLookedAt(watchers: Watchers): boolean {
  if (typeof watchers !== 'object') return watchers !== undefined && !passers.has(watchers);
  for (const watcher of watchers) if (!passers.has(watcher)) return true; // nearly always the first
  return false;
}

const settled = (promise: Promise<unknown>): Deferred => ({ promise, resolve: ignore, reject: ignore });

/**
 * Whether a value is a Future, also one from another copy of this package.
 *
 * @example
 * ```ts run
 * import { FutureSource, isFuture } from 'meantime/futures';
 *
 * [isFuture(new FutureSource().future), isFuture(Promise.resolve())]; // => [true, false]
 * ```
 */
export function isFuture(value: unknown): value is Future<unknown> {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true;
}

/**
 * Calls `fn(future)` once the future has settled, for the rooms of this package: `fn` must not
 * throw, and is called in whichever async context settles the future.
 *
 * @returns A function that takes it back.
 */
export function watchFuture<T>(future: Future<T>, fn: (future: Future<T>) => void): () => void {
  const own = future as unknown as FutureCell<T>;
  own.watch(fn as (future: Future<unknown>) => void);
  return () => own.unwatch(fn as (future: Future<unknown>) => void);
}
