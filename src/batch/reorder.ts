/** Gives things on in the order of their indices, whatever order they come in. */
export class Reorder<T extends { index: number }> {
  readonly #give: (thing: T) => void;
  readonly #early = new Map<number, T | undefined>();
  #next = 0;

  constructor(give: (thing: T) => void) {
    this.#give = give;
  }

  /** The lowest index that has not come yet. */
  get next(): number {
    return this.#next;
  }

  push(thing: T): void {
    this.#arrived(thing.index, thing);
  }

  /** This index will never come. */
  pass(index: number): void {
    this.#arrived(index, undefined);
  }

  #arrived(index: number, thing: T | undefined): void {
    if (index !== this.#next) {
      this.#early.set(index, thing);
      return;
    }
    this.#next++;
    if (thing !== undefined) this.#give(thing);
    while (this.#early.size > 0 && this.#early.has(this.#next)) {
      const early = this.#early.get(this.#next);
      this.#early.delete(this.#next++);
      if (early !== undefined) this.#give(early);
    }
  }
}
