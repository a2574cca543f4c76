import { Deque } from '../../core/index.js';

/** How a queue keeps what is in it, and so in which order it leaves. */
export abstract class ItemStore<T> {
  abstract readonly size: number;
  /** @throws what a comparison throws; then the store is as it was. */
  abstract add(item: T): void;
  /** What leaves next; there must be one. */
  abstract take(): T;
}

/** First in, first out. */
export class FifoStore<T> extends ItemStore<T> {
  readonly #items = new Deque<T>();

  get size(): number {
    return this.#items.size;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.shift() as T;
  }
}

/** Last in, first out. */
export class LifoStore<T> extends ItemStore<T> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(): T {
    return this.#items.pop() as T;
  }
}
