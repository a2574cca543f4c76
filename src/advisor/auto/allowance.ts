import { coreBudget, type Member } from './core-budget.js';
import { memoryRoom, workersThatFit } from './memory-room.js';

/** Below this share of a core a worker takes next to nothing from anybody: it waits, or is held by something else. */
const LIGHT = 0.1;

/** What keeps an executor from having as many workers as it wants: other executors of this process, and the memory. */
export class Allowance implements Member {
  wanted = 0;
  /** Why it was no more, the last time. */
  reason = '';
  readonly #cores: number;
  readonly #memoryLimit: number | undefined;
  readonly #before = process.memoryUsage.rss();
  #joined = false;
  /** Cores in use by its workers, of late. */
  #used = 0;

  constructor(cores: number, memoryLimit: number | undefined) {
    this.#cores = cores;
    this.#memoryLimit = memoryLimit;
  }

  /** @param cores In use by its workers. */
  saw(cores: number): void {
    this.#used = cores;
  }

  /** The most workers it may have. @param wanted How many it wants. @param now How many it has. */
  most(wanted: number, now: number): number {
    if (!this.#joined) {
      coreBudget.join(this);
      this.#joined = true;
    }
    const each = Math.min(1, Math.max(LIGHT, this.#used / Math.max(1, now)));
    this.wanted = wanted * each;
    const share = coreBudget.share(this, this.#cores);
    let most = share >= this.#cores ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(share / each));
    this.reason = 'other executors of this process use the other cores';
    const fit = workersThatFit(now, process.memoryUsage.rss() - this.#before, memoryRoom(), this.#memoryLimit);
    if (fit < most) {
      most = fit;
      this.reason = 'there is no memory for more';
    }
    return most;
  }

  leave(): void {
    if (this.#joined) coreBudget.leave(this);
    this.#joined = false;
    this.#used = 0;
  }
}
