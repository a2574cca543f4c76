import { clock, inShort, WireError } from '../../core/index.js';

type AnyIterator = { next(): unknown; return?(): unknown };

/** Whether a value is something that is iterated over and not data: an iterator or a generator. */
export const isIterator = (value: unknown): value is AnyIterator =>
  typeof value === 'object' &&
  value !== null &&
  (Symbol.asyncIterator in value || Symbol.iterator in value) &&
  typeof (value as unknown as AnyIterator).next === 'function';

/** How long values may gather before they leave, in ms. */
const GATHER = 0.5;

/** How many values are pulled together, at most. */
export const MOST_VALUES = 64;

/** An iterator that somebody elsewhere pulls: it runs no further than that one has asked for. */
export class Stream {
  readonly #iterator: AnyIterator;
  /** Pulled, and not given. */
  #values: unknown[] = [];
  /** What came when the values before it had to leave first. */
  #failure: { error: unknown } | undefined = undefined;
  #hasEnded = false;

  constructor(iterator: AnyIterator) {
    this.#iterator = iterator;
  }

  /** Whether it has ended, or failed, and all of that was told. */
  get isOver(): boolean {
    return this.#hasEnded && !this.hasMore && this.#failure === undefined;
  }

  /** Whether there are values to take. */
  get hasMore(): boolean {
    return this.#values.length > 0;
  }

  take(): unknown {
    return this.#values.shift();
  }

  /**
   * Gets the next values: as many as come without waiting long, at least one. The rest of those
   * before comes first.
   *
   * @param most As the other side says.
   */
  async pull(most: number): Promise<void> {
    if (this.hasMore) return;
    if (this.#failure !== undefined) throw this.#end().error;
    if (!(Number.isSafeInteger(most) && most > 0)) throw new WireError(`${inShort(most)} values of an iterator were asked for`);
    const until = clock.now() + GATHER;
    let pulled = 0;
    try {
      while (!this.#hasEnded && pulled < Math.min(most, MOST_VALUES) && (pulled === 0 || clock.now() < until)) {
        const step = (await this.#iterator.next()) as IteratorResult<unknown>;
        pulled++;
        if (step.done) this.#hasEnded = true;
        else if (!this.#hasEnded) this.#values.push(step.value); // it may have been closed meanwhile
      }
    } catch (error) {
      this.#failure = { error };
      if (!this.hasMore) throw this.#end().error;
    }
  }

  /** Closes it, so that its `finally` runs. @param failure What the next one who pulls is told. */
  async close(failure?: { error: unknown }): Promise<void> {
    this.#values = [];
    this.#failure = failure;
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    await this.#iterator.return?.();
  }

  #end(): { error: unknown } {
    const failure = this.#failure as { error: unknown };
    this.#failure = undefined;
    this.#hasEnded = true;
    return failure;
  }
}
