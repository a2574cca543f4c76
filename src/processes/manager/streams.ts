import { clock } from '../../core/index.js';

type AnyIterator = { next(): unknown; return?(): unknown };

/** Whether a value is something that is iterated over and not data: an iterator or a generator. */
export const isIterator = (value: unknown): value is AnyIterator =>
  typeof value === 'object' &&
  value !== null &&
  (Symbol.asyncIterator in value || Symbol.iterator in value) &&
  typeof (value as unknown as AnyIterator).next === 'function';

/** How long values may gather before they leave, in ms. */
const GATHER = 0.5;

/** An iterator that somebody elsewhere pulls: it runs no further than that one has asked for. */
export class Stream {
  readonly #iterator: AnyIterator;
  /** What came when the values before it had to leave first. */
  #failure: { error: unknown } | undefined = undefined;
  #isOver = false;

  constructor(iterator: AnyIterator) {
    this.#iterator = iterator;
  }

  /** Whether it has ended, or failed, and that was told. */
  get isOver(): boolean {
    return this.#isOver && this.#failure === undefined;
  }

  /** The next values: as many as come without waiting long, at least one. */
  async next(most: number): Promise<{ done: boolean; values: unknown[] }> {
    if (this.#failure !== undefined) throw this.#end().error;
    const values: unknown[] = [];
    const until = clock.now() + GATHER;
    try {
      while (!this.#isOver && values.length < most && (values.length === 0 || clock.now() < until)) {
        const step = (await this.#iterator.next()) as IteratorResult<unknown>;
        if (step.done) this.#isOver = true;
        else values.push(step.value);
      }
    } catch (error) {
      this.#failure = { error };
      if (values.length === 0) throw this.#end().error;
    }
    return { done: this.#isOver, values };
  }

  /** Closes it, so that its `finally` runs. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#iterator.return?.();
  }

  #end(): { error: unknown } {
    const failure = this.#failure as { error: unknown };
    this.#failure = undefined;
    this.#isOver = true;
    return failure;
  }
}
