import { type Random, seeded } from '../core/index.js';
import { type Awaitable, sleep } from '../tasks/index.js';
import type { SuitePromise } from './suite.js';

/**
 * A queue of numbers, as far as the suite knows it; what has other names needs a small adapter.
 *
 * Cancelling: `put`, `get`, `join` and each step of the iterator are cancellation points, unless the queue cannot: see `QueueAbility`.
 */
export interface QueueUnderTest {
  put(item: number): PromiseLike<unknown>;
  get(): PromiseLike<number>;
  tryPut?(item: number): boolean;
  tryGet?(): number | undefined;
  close?(options?: { discard?: boolean }): number[];
  taskDone?(): void;
  join?(): PromiseLike<unknown>;
  [Symbol.asyncIterator]?(): AsyncIterator<number>;
}

/**
 * What a queue must be able to do for a promise to mean anything.
 *
 * - `cancelling`: waiting for it is a cancellation point.
 * - `generators`: `yield*` takes what `put` and `get` return.
 * - `trying`: it has `tryPut` and `tryGet`.
 * - `closing`: it has `close`.
 * - `iterating`: it is async-iterable.
 * - `joining`: it has `taskDone` and `join`.
 */
export type QueueAbility = 'cancelling' | 'generators' | 'trying' | 'closing' | 'iterating' | 'joining';

/** Which item leaves first: that which was put first, that which was put last, or the smallest. */
export type QueueOrder = 'fifo' | 'lifo' | 'smallest';

export type QueuePromise = SuitePromise<QueueAbility, QueueRig>;

/** A group of promises: what the files of `queue-promises` export. */
export function queuePromise(name: string, check: (rig: QueueRig) => Promise<void>, ...needs: QueueAbility[]): QueuePromise {
  return { name, needs, check };
}

/** What one check works with: queues, and what was seen. */
export class QueueRig {
  readonly make: (capacity: number) => QueueUnderTest;
  readonly order: QueueOrder;
  readonly seed: number;
  /** What happened, in order. */
  readonly log: string[] = [];

  constructor(make: (capacity: number) => QueueUnderTest, order: QueueOrder, seed: number) {
    this.make = make;
    this.order = order;
    this.seed = seed;
  }

  get random(): Random {
    return seeded(this.seed);
  }

  /** A queue that is full of these. */
  async full(...items: number[]): Promise<QueueUnderTest> {
    const queue = this.make(items.length);
    for (const item of items) await queue.put(item);
    return queue;
  }

  /** In which order these leave, if all are put before the first is taken. */
  leaving(items: readonly number[]): number[] {
    if (this.order === 'smallest') return [...items].sort((a, b) => a - b);
    return this.order === 'lifo' ? [...items].reverse() : [...items];
  }

  /** Takes so many, one after another. */
  async take(queue: QueueUnderTest, n: number): Promise<number[]> {
    const taken: number[] = [];
    for (let i = 0; i < n; i++) taken.push(await queue.get());
    return taken;
  }

  /** For generators. */
  put(queue: QueueUnderTest, item: number): Awaitable<unknown> {
    return queue.put(item) as Awaitable<unknown>;
  }

  get(queue: QueueUnderTest): Awaitable<number> {
    return queue.get() as Awaitable<number>;
  }

  /** Gets an item and notes it; or what came instead. */
  async note(queue: QueueUnderTest, name: string): Promise<void> {
    try {
      this.log.push(`${name} got ${await queue.get()}`);
      await sleep(0);
    } catch (error) {
      this.log.push(`${name}: ${(error as Error).name}`);
      throw error;
    }
  }

  /** Puts an item and notes it; or what came instead. */
  async notePut(queue: QueueUnderTest, item: number): Promise<void> {
    try {
      await queue.put(item);
      this.log.push(`put ${item}`);
      await sleep(0);
    } catch (error) {
      this.log.push(`${item}: ${(error as Error).name}`);
      throw error;
    }
  }

  /** Whether nothing is in it and nobody holds anything for it. */
  async isEmpty(queue: QueueUnderTest): Promise<boolean> {
    let came = false;
    const last = Promise.resolve(queue.get()).then((item) => {
      came = true;
      return item;
    });
    last.catch(() => undefined); // if something is in it the check fails, and what is still waited for here is cancelled
    await this.quiet();
    if (came) return false;
    await queue.put(-1);
    return (await last) === -1;
  }

  /** Everything that can happen without anybody's doing has happened. */
  async quiet(): Promise<void> {
    await sleep(1);
  }
}
