import { coreBudget, type Member } from './core-budget.js';
import { memoryRoom, workersThatFit } from './memory-room.js';

/** What keeps an executor from having as many workers as it wants: other executors of this process, and the memory. */
export class CpuShare implements Member {
  wanted = 0;
  readonly #cores: number;
  readonly #memoryLimit: number | undefined;
  #joined = false;
  #before: number | undefined;
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

  /** How many of `wanted` workers it may have. @param now How many it has. */
  atMost(wanted: number, now: number): number {
    this.#before ??= process.memoryUsage.rss();
    if (!this.#joined) {
      coreBudget.join(this);
      this.#joined = true;
    }
    // Workers that mostly wait, or are held by something else, take little of the cores from anybody.
    const each = now > 0 ? Math.min(1, Math.max(0.05, this.#used / now)) : 1;
    this.wanted = wanted * each;
    const share = Math.max(1, Math.floor(coreBudget.share(this, this.#cores) / each));
    let most = Math.min(wanted, Math.max(share, this.wanted <= 1 ? wanted : 1));
    if (most > now) most = Math.min(most, workersThatFit(now, process.memoryUsage.rss() - this.#before, memoryRoom(), this.#memoryLimit));
    return Math.max(1, most);
  }

  leave(): void {
    if (this.#joined) coreBudget.leave(this);
    this.#joined = false;
    this.#used = 0;
  }
}
