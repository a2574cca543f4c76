/** The most that an index may be beyond what there are entries for, and still be in the arrays. */
const SLACK = 1_000_000;

/**
 * Which indices have a result line, and a hash of each one's input: five bytes for an index, so
 * that ten million fit easily. One that is far beyond all others costs no more than itself: a file
 * may say what it likes.
 */
export class DoneSet {
  #marks = new Uint8Array(1024);
  #hashes = new Uint32Array(1024);
  /** Hashes of indices that are too far off. */
  readonly #far = new Map<number, number>();
  #size = 0;
  #end = 0;

  get size(): number {
    return this.#size;
  }

  /** One more than the highest index. */
  get end(): number {
    return this.#end;
  }

  /** @returns `false` if it is there already. */
  add(index: number, input: string): boolean {
    if (this.has(index)) return false;
    if (index >= this.#marks.length && index <= 4 * this.#size + SLACK) this.#grow(index + 1);
    if (index >= this.#marks.length) this.#far.set(index, hash(input));
    else {
      this.#marks[index] = 1;
      this.#hashes[index] = hash(input);
    }
    this.#size++;
    this.#end = Math.max(this.#end, index + 1);
    return true;
  }

  has(index: number): boolean {
    return this.#marks[index] === 1 || this.#far.has(index);
  }

  /**
   * Whether the input that was recorded for this index was the same text. A difference goes
   * unnoticed once in four thousand million.
   */
  matches(index: number, input: string): boolean {
    return (this.#marks[index] === 1 ? this.#hashes[index] : this.#far.get(index)) === hash(input);
  }

  #grow(least: number): void {
    const length = Math.max(least, this.#marks.length * 2);
    const marks = new Uint8Array(length);
    const hashes = new Uint32Array(length);
    marks.set(this.#marks);
    hashes.set(this.#hashes);
    this.#marks = marks;
    this.#hashes = hashes;
  }
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
