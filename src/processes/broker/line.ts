import type { Ask } from './ask.js';

/** Who waits, first come first served. Each can leave in O(1), from wherever it stands. */
export class Line {
  #first: Ask | undefined = undefined;
  #last: Ask | undefined = undefined;
  #size = 0;

  get first(): Ask | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  push(ask: Ask): void {
    ask.line = this;
    ask.left = this.#last;
    ask.right = undefined;
    if (this.#last === undefined) this.#first = ask;
    else this.#last.right = ask;
    this.#last = ask;
    this.#size++;
  }

  unshift(ask: Ask): void {
    ask.line = this;
    ask.left = undefined;
    ask.right = this.#first;
    if (this.#first === undefined) this.#last = ask;
    else this.#first.left = ask;
    this.#first = ask;
    this.#size++;
  }

  shift(): Ask | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** All of them, out of the line: who comes while they are served is not one of them. */
  drain(): Ask[] {
    const all = [...this];
    for (const ask of all) this.remove(ask);
    return all;
  }

  *[Symbol.iterator](): Generator<Ask, void, undefined> {
    for (let ask = this.#first; ask !== undefined; ) {
      const next = ask.right; // it may leave meanwhile
      yield ask;
      ask = next;
    }
  }

  remove(ask: Ask): void {
    if (ask.line !== this) return;
    if (ask.left === undefined) this.#first = ask.right;
    else ask.left.right = ask.right;
    if (ask.right === undefined) this.#last = ask.left;
    else ask.right.left = ask.left;
    ask.line = ask.left = ask.right = undefined;
    this.#size--;
  }
}
