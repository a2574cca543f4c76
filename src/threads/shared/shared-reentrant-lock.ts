import { bare, currentRunning, type Parcel, type Running, SelfWaitError, travels, type Unwrapped } from '../../core/index.js';
import { cancellation, deliveringSource, type Future, refused } from '../../futures/index.js';
import { leftBehind } from './abandoned.js';
import { atomics, type Words } from './atomics.js';
import { cancelled } from './cancelled.js';
import { holding, holdingSync } from './holding.js';
import { LOCK_WORDS, LockCore } from './lock-core.js';
import { LockWaiting } from './lock-waiting.js';
import { SharedGuard } from './shared-guard.js';
import { type BlockLimits, block, later, mayBlock, readWaitLimits, type WaitLimits } from './waiting.js';

/** Written by the holder only: how often it holds it, and which task or call of its thread it is. */
const [DEPTH, TOKEN] = [LOCK_WORDS, LOCK_WORDS + 1];
/** The size of its memory, in words. */
export const REENTRANT_LOCK_WORDS = LOCK_WORDS + 2;
/** Tokens count from 1; 0 is code that is in no task. */
const NOBODY = -1;

/**
 * A {@link SharedLock} that whoever holds it may take again: it is free when it has been released as often.
 *
 * The holder is the thread and, inside of tasks and of calls in a worker, the task or the call with everything inside of it. Code that runs in neither, such as at the
 * top of a program, counts as one holder all together.
 *
 * Cancelling: as a SharedLock.
 *
 * @example
 * ```ts run
 * import { SharedReentrantLock } from 'meantime/threads';
 *
 * const lock = new SharedReentrantLock();
 * await lock.with(() => lock.with(() => lock.depth)); // => 2
 * lock.locked; // => false
 * ```
 */
export class SharedReentrantLock {
  readonly #core: LockCore;

  constructor();
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(REENTRANT_LOCK_WORDS * 4)) {
    this.#core = new LockCore(new Int32Array(memory));
  }

  /** Whether somebody holds it, as of now. */
  get locked(): boolean {
    return this.#core.holder !== 0;
  }

  /** How often this thread holds it; 0 if it does not. */
  get depth(): number {
    return this.#core.holder === atomics.self() ? atomics.load(this.#words, DEPTH) : 0;
  }

  /** How many wait for it, in all threads, as of now. */
  get waiting(): number {
    return this.#core.waiting;
  }

  /**
   * Takes the lock: at once if the caller holds it or nobody does, else when its turn comes.
   *
   * Cancelling: takes the wait back.
   *
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  acquire(options?: WaitLimits): Future<SharedGuard> {
    const { signal } = options === undefined ? bare<WaitLimits>({}) : readWaitLimits('acquire() of a SharedReentrantLock', options);
    const stopped = signal?.aborted ? cancellation(signal.reason) : cancelled();
    if (stopped !== undefined) return refused(stopped);
    const again = this.#again();
    if (again === undefined) return later(this.#waiting('acquire()'), options);
    const source = deliveringSource<SharedGuard>();
    source.fulfil(again);
    return source.future;
  }

  /**
   * The same, and blocks this thread until it has it.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, if another task or call of this thread holds it, which could not go on while this blocks.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  acquireSync(options?: BlockLimits): SharedGuard {
    const timeout = mayBlock('acquireSync() of a SharedReentrantLock', options);
    const again = this.#again();
    if (again !== undefined) return again;
    if (this.#core.holder === atomics.self()) throw selfWait();
    return block(this.#waiting('acquireSync()'), timeout);
  }

  /** The guard if the caller holds it or nobody does, else `undefined`. */
  tryAcquire(): SharedGuard | undefined {
    return this.#again() ?? (this.#core.tryAcquire() ? this.#first(tokenOf(currentRunning()), false) : undefined);
  }

  /**
   * Runs `fn` holding the lock, and releases it when `fn` has ended.
   *
   * Cancelling: while it waits for the lock, it is taken back; once `fn` runs, cancelling only stops the waiting for it.
   */
  with<R>(fn: (guard: SharedGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('with() of a SharedReentrantLock', () => this.acquire(options), undefined, fn);
  }

  /** Runs `fn` holding the lock, blocking this thread until it has it. */
  withSync<R>(fn: (guard: SharedGuard) => R, options?: BlockLimits): R {
    return holdingSync('withSync() of a SharedReentrantLock', () => this.acquireSync(options), fn);
  }

  /** @internal */
  giveBack(): void {
    const depth = atomics.load(this.#words, DEPTH) - 1;
    atomics.store(this.#words, DEPTH, depth);
    if (depth > 0) return;
    // It may be handed to another task of this thread, which has not heard of it yet: until then the word names this thread, and no task.
    atomics.store(this.#words, TOKEN, NOBODY);
    this.#core.release();
  }

  /** @internal */
  [travels](): Parcel {
    const parts = this.#words.buffer;
    return { kind: 'threads/SharedReentrantLock', parts, only: 'threads', instead: 'between processes use ProcessReentrantLock' };
  }

  get #words(): Words {
    return this.#core.words;
  }

  /** One guard more, if it is the caller who holds it. */
  #again(): SharedGuard | undefined {
    if (this.#core.holder !== atomics.self() || !isInside(atomics.load(this.#words, TOKEN))) return undefined;
    atomics.store(this.#words, DEPTH, atomics.load(this.#words, DEPTH) + 1);
    return new SharedGuard(this, 1, undefined);
  }

  #first(token: number, abandoned: boolean): SharedGuard {
    atomics.store(this.#words, TOKEN, token);
    atomics.store(this.#words, DEPTH, 1);
    return new SharedGuard(this, 1, abandoned ? leftBehind('SharedReentrantLock') : undefined);
  }

  #waiting(what: string): LockWaiting<SharedGuard> {
    const token = tokenOf(currentRunning());
    return new LockWaiting(`${what} of a SharedReentrantLock`, this.#core, (abandoned) => this.#first(token, abandoned), selfWait);
  }
}

const selfWait = (): SelfWaitError =>
  new SelfWaitError(
    'This thread waits for a SharedReentrantLock that another task of it holds: it would wait for ever. Expected `await acquire()`',
  );

const tokens = new WeakMap<Running, number>();
let lastToken = 0;

/** A number for a task or a call of this thread; 0 for code in neither. */
function tokenOf(running: Running | undefined): number {
  if (running === undefined) return 0;
  let token = tokens.get(running);
  if (token === undefined) {
    lastToken = (lastToken + 1) | 0;
    token = lastToken;
    tokens.set(running, token);
  }
  return token;
}

/** Whether this code runs in the task or call of that number, or inside of it. */
function isInside(token: number): boolean {
  let running = currentRunning();
  if (running === undefined) return token === 0;
  for (; running !== undefined; running = running.outer) if (tokens.get(running) === token) return true;
  return false;
}
