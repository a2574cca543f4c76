import { clock } from '../core/index.js';
import { type Item, Malformed, type Reader } from './item.js';
import type { TokenBucket } from './rate.js';

/** What decides about the inputs on their way in. */
export interface FeedRules<I> {
  /** Whether the next input may be taken now. After it has said no, `wake` is owed. */
  open?: () => boolean;
  /** Whether this one is left out; asked once for each, in order. An error thrown here ends the feeding. */
  skip?: ((index: number, item: Item<I>) => boolean) | undefined;
  malformed(index: number, item: Malformed): void;
  rate?: TokenBucket | undefined;
}

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });
/** How many inputs may be left out before timers and signals get their turn. */
const SKIPS = 10_000;

/**
 * Gives a run's inputs to the map engine, one by one, and can be stopped between two of them. It never fails: a failure of the
 * source ends it and is kept, so that what is in flight can still come in.
 */
export class Feeder<I> implements AsyncIterableIterator<I> {
  readonly #reader: Reader<I>;
  readonly #rules: FeedRules<I>;
  #batch: readonly Item<I>[] = [];
  #at = 0;
  #index = 0;
  #fed = 0;
  /** From the engine's count to the source's, where the two differ and the result is still awaited. */
  readonly #indices = new Map<number, number>();
  #reading = false;
  #ended = false;
  #closed: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;
  #credit = false;
  #asked = false;
  #resting = false;
  #stepping = false;
  #waiting: ((step: IteratorResult<I>) => void) | undefined;

  constructor(reader: Reader<I>, rules: FeedRules<I>) {
    this.#reader = reader;
    this.#rules = rules;
  }

  /** How many inputs there are, if that is known: what the map engine asks of its inputs. */
  get size(): number | undefined {
    return this.#reader.count;
  }

  /** The index that the next input has. */
  get index(): number {
    return this.#index;
  }

  /** Whether nothing more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** How many were handed to the engine. */
  get fed(): number {
    return this.#fed;
  }

  get failure(): { error: unknown } | undefined {
    return this.#failure;
  }

  /** The index in the source of the engine's nth input. To be asked once. */
  indexOf(nth: number): number {
    if (this.#indices.size === 0) return nth;
    const index = this.#indices.get(nth);
    if (index === undefined) return nth;
    this.#indices.delete(nth);
    return index;
  }

  next(): Promise<IteratorResult<I>> {
    const step = this.#step();
    if (step !== undefined) return Promise.resolve(step);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async return(): Promise<IteratorResult<I>> {
    this.stop();
    await this.#close();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Nothing more is taken. */
  stop(): void {
    this.#ended = true;
    this.#batch = [];
    this.#close().catch((error) => this.#fail(error));
    this.wake();
  }

  /** Something has changed: room, a token, a batch. */
  wake(): void {
    // A rule that is asked within a step may itself change something.
    if (this.#waiting === undefined || this.#stepping) return;
    const step = this.#step();
    if (step === undefined) return;
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve(step);
  }

  #step(): IteratorResult<I> | undefined {
    this.#stepping = true;
    const step = this.#look();
    this.#stepping = false;
    return step;
  }

  #look(): IteratorResult<I> | undefined {
    const { open, skip, malformed } = this.#rules;
    for (let skipped = 0; !this.#ended; ) {
      // Before the source is asked: what is read ahead counts as taken.
      if (this.#resting || (open && !open())) return undefined;
      if (this.#at === this.#batch.length) {
        if (!this.#refill()) return undefined;
        continue;
      }
      const item = this.#batch[this.#at];
      try {
        if (skip?.(this.#index, item)) {
          this.#at++;
          this.#index++;
          if (++skipped < SKIPS) continue;
          this.#rest();
          return undefined;
        }
      } catch (error) {
        this.#fail(error);
        break;
      }
      if (item instanceof Malformed) {
        this.#at++;
        malformed(this.#index++, item);
        continue;
      }
      if (!this.#token()) return undefined;
      this.#at++;
      if (this.#fed !== this.#index) this.#indices.set(this.#fed, this.#index);
      this.#fed++;
      this.#index++;
      return { done: false, value: item };
    }
    return DONE;
  }

  /** @returns `false` if the next batch has to be waited for. */
  #refill(): boolean {
    if (this.#reading) return false;
    try {
      const batch = this.#reader.read();
      if (Array.isArray(batch)) {
        this.#accept(batch);
        return true;
      }
      this.#reading = true;
      (batch as Promise<readonly Item<I>[]>).then(
        (items) => {
          this.#reading = false;
          if (!this.#ended) this.#accept(items);
          this.wake();
        },
        (error) => {
          this.#reading = false;
          this.#fail(error);
          this.wake();
        },
      );
      return false;
    } catch (error) {
      this.#fail(error);
      return true;
    }
  }

  #accept(batch: readonly Item<I>[]): void {
    this.#batch = batch;
    this.#at = 0;
    if (batch.length > 0) return;
    this.#ended = true;
    this.#close().catch((error) => this.#fail(error));
  }

  #token(): boolean {
    const { rate } = this.#rules;
    if (rate === undefined) return true;
    if (this.#spendCredit() || (!this.#asked && rate.tryTake())) return true;
    if (!this.#asked) {
      this.#asked = true;
      rate.take(() => {
        this.#asked = false;
        this.#credit = true;
        this.wake();
      });
    }
    // It may have been granted at once: a token that was not there a moment ago. Then nobody would
    // wake us.
    return this.#spendCredit();
  }

  #spendCredit(): boolean {
    const had = this.#credit;
    this.#credit = false;
    return had;
  }

  #rest(): void {
    this.#resting = true;
    clock.soon(() => {
      this.#resting = false;
      this.wake();
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#ended = true;
    this.#batch = [];
    this.#at = 0;
    this.#close().catch(() => undefined); // the first failure is the one to tell
  }

  #close(): Promise<void> {
    this.#closed ??= Promise.resolve(this.#reader.close());
    return this.#closed;
  }
}
