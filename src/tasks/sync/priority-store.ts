import { OptionError } from '../../core/index.js';
import { ItemStore } from './item-store.js';

/** Which of two items leaves first. */
export type Before<T> = (a: T, b: T) => boolean;

/**
 * A binary heap in which equal items keep their order, and which a comparison that throws leaves as it was: all comparing is done before anything is moved.
 */
export class PriorityStore<T> extends ItemStore<T> {
  readonly #items: T[] = [];
  /** Of each item, how many came before it. */
  readonly #orders: number[] = [];
  #next = 0;
  readonly #before: Before<T>;

  constructor(before: Before<T>) {
    super();
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    const items = this.#items;
    // A newcomer goes ahead only of what it is strictly before, so its own order is not needed here.
    const path: number[] = [];
    for (let at = items.length; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#before(item, items[parent])) break;
      path.push(parent);
      at = parent;
    }
    this.#move(items.length, path, item, this.#next++);
  }

  take(): T {
    const items = this.#items;
    const top = items[0];
    const last = items.length - 1;
    const path: number[] = [];
    for (let at = 0; ; ) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#goesAhead(child + 1, child)) child++;
      if (!this.#goesAhead(child, last)) break;
      path.push(child);
      at = child;
    }
    const item = items.pop() as T;
    const order = this.#orders.pop() as number;
    if (last > 0) this.#move(0, path, item, order);
    return top;
  }

  /** Moves what is on the path one step towards its start, and puts the item in the last place of it. */
  #move(start: number, path: number[], item: T, order: number): void {
    let at = start;
    for (const from of path) {
      this.#items[at] = this.#items[from];
      this.#orders[at] = this.#orders[from];
      at = from;
    }
    this.#items[at] = item;
    this.#orders[at] = order;
  }

  #goesAhead(a: number, b: number): boolean {
    const [x, y] = [this.#items[a], this.#items[b]];
    if (this.#before(x, y)) return true;
    return this.#orders[a] < this.#orders[b] && !this.#before(y, x);
  }
}

/** Smaller numbers, strings and bigints first; of lists such as `[priority, item]` the first entries are compared. */
export function smallerFirst(a: unknown, b: unknown): boolean {
  const [x, y] = [key(a), key(b)];
  if ((typeof x === 'string') !== (typeof y === 'string'))
    throw new OptionError(`PriorityQueue cannot compare ${show(a)} with ${show(b)}${hint}`);
  return x < y;
}

const hint = '. Expected numbers, strings or bigints, or lists that begin with one, as [priority, item]; or the option "before"';

/** What an item is ordered by. */
export function key(item: unknown): number | string | bigint {
  const value: unknown = Array.isArray(item) ? item[0] : item;
  if ((typeof value === 'number' && !Number.isNaN(value)) || typeof value === 'string' || typeof value === 'bigint') return value;
  throw new OptionError(`PriorityQueue cannot say where ${show(item)} belongs${hint}`);
}

function show(item: unknown): string {
  if (typeof item === 'object' && item !== null) return Array.isArray(item) ? `a list that begins with ${show(item[0])}` : 'an object';
  return typeof item === 'string' ? JSON.stringify(item) : String(item);
}
