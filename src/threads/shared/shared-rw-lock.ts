import { type Parcel, SelfWaitError, travels, type Unwrapped } from '../../core/index.js';
import { type Future, refused } from '../../futures/index.js';
import { leftBehind } from './abandoned.js';
import { atomics } from './atomics.js';
import { heldHere, holding, holdingSync } from './holding.js';
import { InLine } from './line.js';
import { READ, RW_LOCK_WORDS, RwLockCore, WRITE } from './rw-lock-core.js';
import { SharedGuard } from './shared-guard.js';
import { type BlockLimits, block, later, mayBlock, type WaitLimits } from './waiting.js';

/**
 * A lock that many may hold for reading or one for writing, in whichever thread. Strictly first come, first served: who comes to read after somebody who waits to
 * write waits behind. If a thread dies while it writes, the next ones get the lock all the same, with an `AbandonedError` in `guard.abandoned`: those
 * who read, until somebody writes, who can mend what was left, and is told, too. What dead readers held is given back without a word.
 *
 * Cancelling: what waits is taken back, unless the lock has been delivered.
 *
 * @example
 * ```ts run
 * import { SharedRwLock } from 'meantime/threads';
 *
 * const lock = new SharedRwLock();
 * const [one, two] = [await lock.read(), await lock.read()];
 * lock.readers; // => 2
 * lock.tryWrite(); // => undefined
 * one.release();
 * two.release();
 * await lock.withWrite(() => lock.writing); // => true
 * ```
 */
export class SharedRwLock {
  readonly #core: RwLockCore;

  constructor();
  /** @internal */
  constructor(memory: SharedArrayBuffer);
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(RW_LOCK_WORDS * 4)) {
    this.#core = new RwLockCore(new Int32Array(memory));
  }

  /** How many read, as of now. */
  get readers(): number {
    return this.#core.readers;
  }

  /** Whether somebody writes, as of now. */
  get writing(): boolean {
    return this.#core.writer !== 0;
  }

  /** How many wait, in all threads, as of now. */
  get waiting(): number {
    return this.#core.slots.waiting;
  }

  /**
   * Takes it for reading, at once or when its turn comes.
   *
   * Cancelling: takes the wait back.
   *
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, inside of the `withWrite` of this very lock, or of its `withRead` while somebody waits.
   */
  read(options?: WaitLimits): Future<SharedGuard> {
    return this.#later('read()', READ, options);
  }

  /**
   * Takes it for writing, at once or when its turn comes.
   *
   * Cancelling: takes the wait back.
   *
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, inside of the `withRead` or `withWrite` of this very lock.
   */
  write(options?: WaitLimits): Future<SharedGuard> {
    return this.#later('write()', WRITE, options);
  }

  /**
   * Takes it for reading, and blocks this thread until it has it.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, if this thread writes.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  readSync(options?: BlockLimits): SharedGuard {
    return this.#block('readSync()', READ, options);
  }

  /**
   * Takes it for writing, and blocks this thread until it has it.
   *
   * @throws {WouldBlockError} code `MEANTIME_WOULD_BLOCK`, on the main thread without `blockMain`.
   * @throws {SelfWaitError} code `MEANTIME_SELF_WAIT`, if this thread writes.
   * @throws {TimeoutError} code `MEANTIME_TIMEOUT`, after `timeout` ms.
   */
  writeSync(options?: BlockLimits): SharedGuard {
    return this.#block('writeSync()', WRITE, options);
  }

  /** The guard if it can be read at once, else `undefined`. */
  tryRead(): SharedGuard | undefined {
    return this.#try(READ);
  }

  /** The guard if it can be written at once, else `undefined`. */
  tryWrite(): SharedGuard | undefined {
    return this.#try(WRITE);
  }

  /**
   * Runs `fn` holding it for reading, and releases it when `fn` has ended.
   *
   * Cancelling: while it waits, it is taken back; once `fn` runs, cancelling only stops the waiting for it.
   */
  withRead<R>(fn: (guard: SharedGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('withRead() of a SharedRwLock', () => this.read(options), this.#core.words, fn);
  }

  /**
   * Runs `fn` holding it for writing, and releases it when `fn` has ended.
   *
   * Cancelling: while it waits, it is taken back; once `fn` runs, cancelling only stops the waiting for it.
   */
  withWrite<R>(fn: (guard: SharedGuard) => R, options?: WaitLimits): Future<Unwrapped<R>> {
    return holding('withWrite() of a SharedRwLock', () => this.write(options), this.#core.words, fn);
  }

  /** Runs `fn` holding it for reading, blocking this thread until it has it. */
  withReadSync<R>(fn: (guard: SharedGuard) => R, options?: BlockLimits): R {
    return holdingSync('withReadSync() of a SharedRwLock', () => this.readSync(options), fn);
  }

  /** Runs `fn` holding it for writing, blocking this thread until it has it. */
  withWriteSync<R>(fn: (guard: SharedGuard) => R, options?: BlockLimits): R {
    return holdingSync('withWriteSync() of a SharedRwLock', () => this.writeSync(options), fn);
  }

  /** @internal */
  giveBack(share: number): void {
    this.#core.release(share);
  }

  /** @internal */
  [travels](): Parcel {
    const parts = this.#core.words.buffer;
    return { kind: 'threads/SharedRwLock', parts, only: 'threads', instead: 'between processes use ProcessLock' };
  }

  #later(what: string, request: number, options: WaitLimits | undefined): Future<SharedGuard> {
    // Who reads may read again: unless somebody waits to write, and then it would wait for itself.
    if (heldHere(this.#core.words) && (request === WRITE || this.writing || this.waiting > 0)) return refused(selfWait());
    return later(this.#inLine(what, request), options);
  }

  #block(what: string, request: number, options: BlockLimits | undefined): SharedGuard {
    const timeout = mayBlock(`${what} of a SharedRwLock`, options);
    if (this.#core.writer === atomics.self()) throw selfWait();
    return block(new Blocking(`${what} of a SharedRwLock`, this.#core, request, (answer) => this.#guard(request, answer)), timeout);
  }

  #try(request: number): SharedGuard | undefined {
    const answer = this.#core.tryAcquire(request);
    return answer === undefined ? undefined : this.#guard(request, answer);
  }

  #inLine(what: string, request: number): InLine<SharedGuard> {
    return new InLine(`${what} of a SharedRwLock`, this.#core, request, (answer) => this.#guard(request, answer));
  }

  #guard(request: number, left: number): SharedGuard {
    return new SharedGuard(this, request, left === 0 ? undefined : leftBehind('SharedRwLock'));
  }
}

/** Of a thread that blocks: a task of it that stood in line before may have been given the lock. */
class Blocking extends InLine<SharedGuard> {
  readonly #core: RwLockCore;

  constructor(what: string, core: RwLockCore, request: number, make: (answer: number) => SharedGuard) {
    super(what, core, request, make);
    this.#core = core;
  }

  override stuck(): SelfWaitError | undefined {
    return this.#core.writer === atomics.self() ? selfWait() : undefined;
  }
}

const selfWait = (): SelfWaitError =>
  new SelfWaitError('This thread waits for a SharedRwLock that it holds: it would wait for ever. Expected a release() before');
