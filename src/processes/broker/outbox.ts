/** About how many bytes of items leave together at most: more would make the other side wait for what it could already work on. */
const LARGE = 65_536;
/** Elements of entries that leave together at most. */
export const MOST_TOGETHER = 4096;

/** Gathers what one turn has to say to the other side, and sends it as one message at its end. */
export class Outbox {
  readonly #send: (message: unknown[], size: number) => void;
  #message: unknown[] = [];
  #size = 0;

  constructor(send: (message: unknown[], size: number) => void) {
    this.#send = send;
  }

  /** @param size Of what is in it, in bytes, roughly. */
  add(entry: readonly unknown[], size = 0): void {
    const first = this.#message.length === 0;
    this.#message.push(...entry);
    this.#size += size;
    if (this.#size >= LARGE || this.#message.length >= MOST_TOGETHER) this.flush();
    else if (first) queueMicrotask(() => this.flush());
  }

  flush(): void {
    if (this.#message.length === 0) return;
    const message = this.#message;
    this.#message = [];
    const size = this.#size + 16 * message.length;
    this.#size = 0;
    this.#send(message, size);
  }
}
