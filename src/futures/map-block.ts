/** A run of inputs that went out together, and what has come back of it and has not been delivered. */
export class Block {
  /** The index of its first input. */
  readonly first: number;
  readonly inputs: readonly unknown[];
  failure: { at: number; error: unknown } | undefined = undefined;
  cancel: ((reason?: unknown) => void) | undefined = undefined;
  /** Values as they came; `part[pos]` of the first is next. */
  readonly #parts: ArrayLike<unknown>[] = [];
  #pos = 0;
  /** How many values have come, and how many of them were taken. */
  ready = 0;
  given = 0;

  constructor(first: number, inputs: readonly unknown[]) {
    this.first = first;
    this.inputs = inputs;
  }

  put(values: ArrayLike<unknown>): void {
    this.#parts.push(values);
    this.ready += values.length;
  }

  get hasValue(): boolean {
    return this.given < this.ready;
  }

  take(): unknown {
    const [part] = this.#parts;
    const value = part[this.#pos++];
    if (this.#pos === part.length) {
      this.#parts.shift();
      this.#pos = 0;
    }
    this.given++;
    return value;
  }
}
