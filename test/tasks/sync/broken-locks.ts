import { FutureSource } from 'meantime/futures';
import { cancellable, currentSignal, NotCallableError, NotHeldError } from 'meantime/tasks';
import type { HeldLock, LockUnderTest } from 'meantime/testing';

/** What is wrong with a lock. */
export interface Faults {
  /** A release frees it and wakes somebody, who looks whether it is still free. */
  barges?: boolean;
  /** Who was cancelled is still in the line, and is handed it. */
  forgets?: boolean;
  /** Who came last is served first. */
  lastFirst?: boolean;
  /** One more may hold it. */
  tooMany?: boolean;
  /** A second release counts as well. */
  releasesTwice?: boolean;
  /** `with` keeps it when its function throws. */
  leaks?: boolean;
  /** It is had in a cancelled scope as well. */
  ignoresCancel?: boolean;
}

/** A lock as one would write it with promises, right unless a fault is asked for. */
export class HandmadeLock implements LockUnderTest {
  #free: number;
  readonly #line: FutureSource<void>[] = [];
  readonly #faults: Faults;

  constructor(faults: Faults = {}) {
    this.#faults = faults;
    this.#free = faults.tooMany ? 2 : 1;
  }

  async acquire(): Promise<HeldLock> {
    if (!this.#faults.ignoresCancel) await cancellable(undefined);
    if (this.#free > 0) {
      this.#free--;
      return this.#guard();
    }
    do {
      await this.#turn();
    } while (this.#faults.barges && this.#free === 0);
    if (this.#faults.barges) this.#free--;
    return this.#guard();
  }

  tryAcquire(): HeldLock | undefined {
    if (this.#free === 0) return undefined;
    this.#free--;
    return this.#guard();
  }

  async with(fn: () => unknown): Promise<unknown> {
    if (typeof fn !== 'function') throw new NotCallableError('with expects a function');
    const guard = await this.acquire();
    const value = await (async () => fn())().catch((error) => {
      if (!this.#faults.leaks) guard.release();
      throw error;
    });
    guard.release();
    return value;
  }

  #guard(): HeldLock {
    let held = true;
    const release = (): void => {
      if (!held && !this.#faults.releasesTwice) throw new NotHeldError('released before');
      held = false;
      this.#next();
    };
    return { release, [Symbol.dispose]: () => (held ? release() : undefined) };
  }

  #next(): void {
    const next = this.#faults.lastFirst ? this.#line.pop() : this.#line.shift();
    if (next === undefined || this.#faults.barges) this.#free++;
    next?.fulfil();
  }

  async #turn(): Promise<void> {
    const turn = new FutureSource<void>();
    this.#line.push(turn);
    const signal = currentSignal();
    const leave = (): void => {
      const at = this.#line.indexOf(turn);
      if (at >= 0 && !this.#faults.forgets) this.#line.splice(at, 1);
    };
    if (signal?.aborted) leave();
    signal?.addEventListener('abort', leave, { once: true });
    await cancellable(turn.future).finally(() => signal?.removeEventListener('abort', leave));
  }
}
