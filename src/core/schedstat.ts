/** Of a thread, since it began, in ms. */
export interface ThreadTimes {
  /** How long it was on a processor. */
  readonly computing: number;
  /** How long it was ready to be, while others had the processors. */
  readonly waiting: number;
}

const bytes = new Uint8Array(128);
const digits = new TextDecoder('latin1');

/** What Linux writes down of a thread: nanoseconds on a processor, nanoseconds in line for one. The file is kept open: to open it costs ten times as much as to read it. */
export class Schedstat {
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @returns `undefined` if the thread has ended, or nothing is written down: no /proc, or a kernel without these statistics. */
  read(): ThreadTimes | undefined {
    const { openSync, readSync } = process.getBuiltinModule('node:fs');
    try {
      this.#file ??= openSync(this.#path, 'r');
      const length = readSync(this.#file, bytes, 0, bytes.length, 0);
      const [computing, waiting] = digits.decode(bytes.subarray(0, length)).split(' ');
      return { computing: Number(computing) / 1e6, waiting: Number(waiting) / 1e6 };
    } catch {
      return undefined; // which is the answer
    }
  }

  close(): void {
    if (this.#file !== undefined) process.getBuiltinModule('node:fs').closeSync(this.#file);
    this.#file = undefined;
  }
}
