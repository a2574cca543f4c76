import type { Unwrapped } from '../../core/index.js';
import { stays, travels } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { currentScope } from '../current.js';
import { debug } from '../debug.js';
import type { Scope } from '../scope.js';
import { type Awaitable, ready, refused, Wait } from '../wait.js';
import { Waiters } from '../waiters.js';
import { Guard, type GuardOwner, giveBack } from './guard.js';
import { asked, handed } from './holders.js';
import { holding, type Source } from './holding.js';
import { Recheck } from './recheck.js';

// What a guard is for: its share.
const READ = 1;
const WRITE = 2;
type Share = typeof READ | typeof WRITE;

/**
 * Many may read at a time, or one may write. First in, first out: who wants to read waits behind a writer that waits, so no stream of readers can starve
 * it; and readers that wait one after another are let in together.
 *
 * Cancelling: `read`, `write`, `withRead` and `withWrite` are cancellation points. Who was let in is in, also if a cancellation comes in the same turn. A writer that is cut off lets the
 * readers behind it through.
 *
 * @example
 * ```ts run
 * import { RwLock } from 'meantime/tasks';
 *
 * const lock = new RwLock();
 * const [a, b] = [await lock.read(), await lock.read()];
 * lock.readers; // => 2
 * lock.tryWrite(); // => undefined
 * a.release();
 * b.release();
 * await lock.withWrite(() => lock.writing); // => true
 * ```
 */
export class RwLock implements GuardOwner {
  #readers = 0;
  #writing = false;
  readonly #waiters = new Waiters();
  readonly #recheck = new Recheck(() => this.#serve());
  readonly #reading: Source<Guard> = { acquire: () => this.read(), tryAcquire: () => this.tryRead() };
  readonly #writer: Source<Guard> = { acquire: () => this.write(), tryAcquire: () => this.tryWrite() };

  /** How many read. */
  get readers(): number {
    return this.#readers;
  }

  /** Whether somebody writes. */
  get writing(): boolean {
    return this.#writing;
  }

  /** How many wait, to read or to write. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Takes it for reading, at once or when its turn comes.
   *
   * Cancelling: a cancellation point.
   *
   * @returns The guard to release it with.
   */
  read(): Awaitable<Guard> {
    return this.#acquire(READ, 'rwlock.read');
  }

  /**
   * Takes it for writing, at once or when its turn comes.
   *
   * Cancelling: a cancellation point.
   *
   * @returns The guard to release it with.
   */
  write(): Awaitable<Guard> {
    return this.#acquire(WRITE, 'rwlock.write');
  }

  /** The guard for reading if nobody writes or waits, else `undefined`. */
  tryRead(): Guard | undefined {
    return this.#isFree(READ) ? this.#grant(READ, currentScope()) : undefined;
  }

  /** The guard for writing if nobody reads or writes, else `undefined`. */
  tryWrite(): Guard | undefined {
    return this.#isFree(WRITE) ? this.#grant(WRITE, currentScope()) : undefined;
  }

  /**
   * Runs `fn` holding it for reading, and releases it when `fn` and everything inside it has ended, whatever the way out.
   *
   * Cancelling: taking it is a cancellation point; a cancellation after that goes into `fn`.
   *
   * @param fn An async function, a generator function or a plain one.
   * @throws {NotCallableError} if `fn` is not a function.
   */
  withRead<R>(fn: () => R): Future<Unwrapped<R>> {
    return holding('rwlock.withRead', this.#reading, fn);
  }

  /**
   * Runs `fn` holding it for writing, and releases it when `fn` and everything inside it has ended, whatever the way out.
   *
   * Cancelling: taking it is a cancellation point; a cancellation after that goes into `fn`.
   *
   * @param fn An async function, a generator function or a plain one.
   * @throws {NotCallableError} if `fn` is not a function.
   */
  withWrite<R>(fn: () => R): Future<Unwrapped<R>> {
    return holding('rwlock.withWrite', this.#writer, fn);
  }

  /** @internal */
  [giveBack](share: number): void {
    if (share === READ) this.#readers--;
    else this.#writing = false;
    this.#serve();
  }

  #acquire(share: Share, what: string): Awaitable<Guard> {
    const scope = currentScope();
    if (scope?.error !== undefined) return refused(scope.error);
    if (this.#isFree(share)) return ready(this.#grant(share, scope));
    const wait = new Wait<Guard>(what, scope);
    wait.data = share;
    if (share === WRITE) wait.onCut = this.#recheck.ask;
    this.#waiters.push(wait as Wait<unknown>);
    if (debug.on) asked(wait as Wait<unknown>, this);
    return wait.handle();
  }

  #isFree(share: Share): boolean {
    return this.#waiters.size === 0 && this.#admits(share);
  }

  #admits(share: Share): boolean {
    return !this.#writing && (share === READ || this.#readers === 0);
  }

  #grant(share: Share, scope: Scope | undefined): Guard {
    if (share === READ) this.#readers++;
    else this.#writing = true;
    return new Guard(this, share, scope);
  }

  #serve(): void {
    for (let first = this.#waiters.first; first !== undefined; first = this.#waiters.first) {
      const share = first.data as Share;
      if (!this.#admits(share)) return;
      const guard = this.#grant(share, first.scope);
      first.fulfil(guard);
      if (debug.on) handed(guard, first);
    }
  }

  /**
   * It cannot travel.
   *
   * @internal
   * @throws {NotCloneableError}
   */
  [travels](): never {
    return stays('an RwLock, which is for the tasks of one thread', 'between threads use SharedRwLock');
  }
}
