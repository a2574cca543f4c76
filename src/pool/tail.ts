/** The last 4 KB of a stream of text, for the report of a worker's death. */
export class Tail {
  #chunks: Buffer[] = [];
  #size = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size - this.#chunks[0].length >= 4096) this.#size -= (this.#chunks.shift() as Buffer).length;
  }

  toString(): string {
    return Buffer.concat(this.#chunks).subarray(-4096).toString();
  }
}
