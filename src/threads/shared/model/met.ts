/** Which states were met, each a number of 53 bits, and with how small a number: an open table, since a Map holds no more than 16 million. */
export class Met {
  #keys = new Float64Array(1 << 12).fill(-1);
  #values = new Uint8Array(1 << 12);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether a state was met with this number or a smaller one; from now on it was. */
  has(key: number, value: number): boolean {
    const at = this.#find(key);
    if (this.#keys[at] === key) {
      if (this.#values[at] <= value) return true;
      this.#values[at] = value;
      return false;
    }
    this.#keys[at] = key;
    this.#values[at] = value;
    if (++this.#size * 2 > this.#keys.length) this.#grow();
    return false;
  }

  clear(): void {
    this.#keys = new Float64Array(1 << 12).fill(-1);
    this.#values = new Uint8Array(1 << 12);
    this.#size = 0;
  }

  #find(key: number): number {
    const mask = this.#keys.length - 1;
    let at = (key / 2 ** 21) & mask;
    while (this.#keys[at] !== key && this.#keys[at] !== -1) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#values = new Uint8Array(keys.length * 2);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === -1) continue;
      const at = this.#find(keys[i]);
      this.#keys[at] = keys[i];
      this.#values[at] = values[i];
    }
  }
}
