import { InternalError } from '../../core/index.js';
import type { Watch } from './split-chunk.js';

/** Counts the calls that an executor has taken, and knows when none is left. */
export class Tally implements Watch {
  done = 0;
  failed = 0;
  #open = 0;
  #idle: { promise: Promise<void>; resolve(): void } | undefined;

  taken(calls: number): void {
    this.#open += calls;
  }

  ended(calls: number, error?: { reason: unknown }): void {
    if (error === undefined) this.done += calls;
    else this.failed += calls;
    this.dropped(calls);
  }

  /** Nobody will answer for them. */
  dropped(calls: number): void {
    this.#open -= calls;
    if (this.#open > 0) return;
    const idle = this.#idle;
    this.#idle = undefined;
    idle?.resolve();
  }

  rest(): never {
    throw new InternalError('What runs on this thread gave a rest back');
  }

  /** Resolves when every call has ended, those included that are taken meanwhile. */
  async idle(): Promise<void> {
    while (this.#open > 0) {
      if (this.#idle === undefined) {
        let resolve = (): void => undefined;
        const promise = new Promise<void>((done) => {
          resolve = done;
        });
        this.#idle = { promise, resolve };
      }
      await this.#idle.promise;
    }
  }
}
