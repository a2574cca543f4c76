import type { PoolSize } from '../../threads/index.js';
import type { Gate } from './gate.js';

/**
 * Brings a pool to the size that is wanted. A worker that is one too many ends after its calls, so for a while it is there beside those that shall have more instead: where the number of calls in progress is
 * limited, they get more only when everything that was handed over before has ended.
 */
export class StepwiseSize {
  readonly #gate: Gate | undefined;
  #now = { workers: 1, concurrency: 1 };
  #isOver: () => boolean = () => true;

  constructor(gate: Gate | undefined) {
    this.#gate = gate;
  }

  /** A pool is made with that size. */
  begin(size: Required<PoolSize>): Required<PoolSize> {
    this.#now = size;
    return size;
  }

  /** @returns the size to be had now. To be asked again. */
  next({ workers, concurrency }: Required<PoolSize>): Required<PoolSize> {
    const now = this.#now;
    const least = { workers: Math.min(now.workers, workers), concurrency: Math.min(now.concurrency, concurrency) };
    const fewer = least.workers < now.workers || least.concurrency < now.concurrency;
    if (this.#gate === undefined || (!fewer && this.#isOver())) this.#now = { workers, concurrency };
    else {
      if (fewer) this.#isOver = this.#gate.turn();
      this.#now = least;
    }
    return this.#now;
  }
}
