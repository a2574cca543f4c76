import { atomics, type Words } from './atomics.js';
import type { LockCore } from './lock-core.js';
import type { Waiting } from './waiting.js';

/** Waiting for a lock. */
export class LockWaiting<T> implements Waiting<T> {
  readonly what: string;
  readonly #core: LockCore;
  readonly #make: (abandoned: boolean) => T;
  readonly #selfWait: (() => Error) | undefined;
  #slot = -1;
  #since = 0;
  #abandoned = false;

  /**
   * @param make Makes what the holder is given.
   * @param selfWait Makes the error of a thread that waits for itself.
   */
  constructor(what: string, core: LockCore, make: (abandoned: boolean) => T, selfWait?: () => Error) {
    this.what = what;
    this.#core = core;
    this.#selfWait = selfWait;
    this.#make = make;
  }

  get words(): Words {
    return this.#core.words;
  }

  get at(): number {
    return this.#slot < 0 ? -1 : this.#core.stateAt(this.#slot);
  }

  begin(): boolean {
    if (this.#core.tryAcquire()) return true;
    this.#since = atomics.now();
    return this.#core.within(() => this.#try(false));
  }

  retry(late: boolean): boolean {
    return this.#core.within(() => {
      if (this.#slot < 0) return this.#try(late);
      if (!this.#core.served(this.#slot)) return this.#try(late);
      this.#core.arrived(this.#slot);
      return true;
    });
  }

  leave(): boolean {
    return this.#core.within(() => {
      if (this.#slot < 0) return true;
      if (this.#core.served(this.#slot)) {
        this.#core.arrived(this.#slot);
        return false;
      }
      this.#core.unqueue(this.#slot);
      return true;
    });
  }

  outcome(): T {
    return this.#make(this.#abandoned);
  }

  decline(): void {
    this.#core.release();
  }

  stuck(): Error | undefined {
    return this.#selfWait !== undefined && this.#core.holder === atomics.self() ? this.#selfWait() : undefined;
  }

  #try(ask: boolean): boolean {
    const taken = this.#core.take(this.#slot, ask, this.#since);
    if (taken === 'no') {
      if (this.#slot < 0) this.#slot = this.#core.queue();
      return false;
    }
    this.#abandoned = taken === 'abandoned';
    return true;
  }
}
