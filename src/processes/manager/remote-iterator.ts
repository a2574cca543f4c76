import { bare } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { NotLoaded, unpack } from '../connection/packed.js';
import { valuesIn } from './answers.js';
import type { Link } from './link.js';
import { Ask, Tell } from './messages.js';
import { MOST_VALUES } from './streams.js';

/** An iterator that nobody has any more, and nobody has closed. */
const collected = new FinalizationRegistry<{ link: Link; id: number }>(({ link, id }) => link.tell([Tell.RETURN, id]));

/** What a method's iterator gives, elsewhere. It goes no further there than is asked for here: a batch ahead, at most. */
export class RemoteIterator<T> implements AsyncIterableIterator<T> {
  readonly #link: Link;
  readonly #id: number;
  /** The object must live as long as what it gave is iterated over. */
  readonly owner: object;
  #values: unknown[] = [];
  #at = 0;
  #isOver = false;
  #asking: Future<unknown> | undefined = undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(link: Link, id: number, owner: object) {
    this.#link = link;
    this.#id = id;
    this.owner = owner;
    collected.register(this, { link, id }, this);
  }

  next(): Promise<IteratorResult<T>> {
    const mine = this.#last.then(() => this.#step());
    this.#last = mine.catch(() => undefined); // whoever asked for that one is told
    return mine;
  }

  async return(): Promise<IteratorResult<T>> {
    if (!this.#isOver) {
      this.#end();
      this.#link.tell([Tell.RETURN, this.#id]);
      this.#asking?.cancel();
    }
    this.#values = [];
    this.#at = 0;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #step(): Promise<IteratorResult<T>> {
    while (this.#at >= this.#values.length) {
      if (this.#isOver) return { done: true, value: undefined };
      this.#asking = this.#link.ask([Ask.NEXT, this.#id, MOST_VALUES], bare({ doing: 'The next value' }));
      try {
        const { done, values } = valuesIn(await this.#asking, MOST_VALUES);
        if (this.#isOver) return { done: true, value: undefined };
        if (done) this.#end();
        this.#values = values;
        this.#at = 0;
      } catch (error) {
        if (this.#isOver) return { done: true, value: undefined };
        this.#end();
        throw error;
      } finally {
        this.#asking = undefined;
      }
    }
    const packed = this.#values[this.#at++];
    const value = unpack(packed);
    if (!(value instanceof NotLoaded)) return { done: false, value: value as T };
    await value.load;
    return { done: false, value: unpack(packed) as T };
  }

  #end(): void {
    this.#isOver = true;
    collected.unregister(this);
  }
}
