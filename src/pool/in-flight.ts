/**
 * What has been sent and not been answered, by number: numbers are given in a row and mostly come back in that order, so a ring does what a
 * Map would, without its rehashing.
 */
export class InFlight<T> {
  #ring: (T | undefined)[] = new Array(64);
  /** The lowest number that may still be out. */
  #low = 0;
  #next = 0;
  #size = 0;

  /** The number that the next one will get. */
  get next(): number {
    return this.#next;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns its number. */
  push(item: T): number {
    if (this.#next - this.#low >= this.#ring.length) this.#grow();
    this.#ring[this.#next & (this.#ring.length - 1)] = item;
    this.#size++;
    return this.#next++;
  }

  get(number: number): T | undefined {
    if (number < this.#low || number >= this.#next) return undefined;
    return this.#ring[number & (this.#ring.length - 1)];
  }

  delete(number: number): void {
    if (this.get(number) === undefined) return;
    const mask = this.#ring.length - 1;
    this.#ring[number & mask] = undefined;
    this.#size--;
    if (this.#size === 0) this.#low = this.#next;
    else while (this.#ring[this.#low & mask] === undefined) this.#low++;
  }

  clear(): void {
    this.#ring.fill(undefined);
    this.#size = 0;
    this.#low = this.#next;
  }

  /** In the order of the numbers. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let number = this.#low; number < this.#next; number++) {
      const item = this.#ring[number & (this.#ring.length - 1)];
      if (item !== undefined) yield item;
    }
  }

  #grow(): void {
    const old = this.#ring;
    const ring = new Array<T | undefined>(old.length * 2);
    for (let n = this.#low; n < this.#next; n++) ring[n & (ring.length - 1)] = old[n & (old.length - 1)];
    this.#ring = ring;
  }
}
