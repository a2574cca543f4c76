import { type Random, seeded } from '../core/index.js';
import { type Awaitable, sleep } from '../tasks/index.js';
import type { SuitePromise } from './suite.js';

/** What is held: the guard of a lock. */
export interface HeldLock {
  release(): unknown;
  [Symbol.dispose]?(): void;
}

/**
 * A lock, as far as the suite knows it; what has other names needs a small adapter.
 *
 * Cancelling: `acquire` and `with` are cancellation points, unless the lock cannot: see `LockAbility`.
 */
export interface LockUnderTest {
  acquire(): PromiseLike<HeldLock>;
  tryAcquire?(): HeldLock | undefined;
  with?(fn: () => unknown): PromiseLike<unknown>;
}

/**
 * What a lock must be able to do for a promise to mean anything.
 *
 * - `cancelling`: waiting for it is a cancellation point.
 * - `generators`: `yield*` takes what `acquire` returns.
 * - `guards`: its guards know whether they are held, and can be disposed of.
 * - `trying`: it has `tryAcquire`.
 * - `blocks`: it has `with`.
 */
export type LockAbility = 'cancelling' | 'generators' | 'guards' | 'trying' | 'blocks';

export type LockPromise = SuitePromise<LockAbility, LockRig>;

/** A group of promises: what the files of `lock-promises` export. */
export function lockPromise(name: string, check: (rig: LockRig) => Promise<void>, ...needs: LockAbility[]): LockPromise {
  return { name, needs, check };
}

/** What one check works with: a lock of its own, and who is inside. */
export class LockRig {
  readonly lock: LockUnderTest;
  /** How many may hold it at a time. */
  readonly permits: number;
  readonly seed: number;
  /** What happened, in order. */
  readonly log: string[] = [];

  constructor(lock: LockUnderTest, permits: number, seed: number) {
    this.lock = lock;
    this.permits = permits;
    this.seed = seed;
  }

  get random(): Random {
    return seeded(this.seed);
  }

  /** For generators. */
  acquire(): Awaitable<HeldLock> {
    return this.lock.acquire() as Awaitable<HeldLock>;
  }

  /** Takes it as often as it can be held at a time. */
  async takeAll(): Promise<HeldLock[]> {
    const all: HeldLock[] = [];
    for (let i = 0; i < this.permits; i++) all.push(await this.lock.acquire());
    return all;
  }

  /** Takes it, notes the name, and gives it back in the next turn. */
  async visit(name: string): Promise<void> {
    const held = await this.lock.acquire();
    this.log.push(name);
    await sleep(1);
    held.release();
  }

  /** Everything that can happen without anybody's doing has happened. */
  async quiet(): Promise<void> {
    await sleep(1);
  }

  /** All of it is free: it can be held as often as it may be, and not once more. */
  async isFree(): Promise<boolean> {
    let had = 0;
    const all = Promise.all(
      Array.from({ length: this.permits }, async () => {
        const held = await this.lock.acquire();
        had++;
        return held;
      }),
    );
    all.catch(() => undefined); // if it is not free the check fails, and what is still waited for here is cancelled
    await this.quiet();
    const free = had === this.permits;
    if (free) for (const held of await all) held.release();
    return free;
  }
}
