import { stat } from 'node:fs/promises';
import { InputError } from '../../core/index.js';
import { Bytes } from './feed.js';
import { type InputFile, STDIN } from './input-file.js';

const NEWLINE = 10;
const RETURN = 13;
/** So many bytes show every byte order mark. */
const MARK = 4;

/**
 * The bytes of a file of text, made ready to be split at newlines: without a byte order mark, and
 * with a newline for a lone carriage return, which old Macs wrote.
 */
export class TextBytes {
  readonly #file: InputFile;
  readonly #bytes: Bytes;
  #begun = false;
  /** A carriage return was the last byte: the next one says whether it stood alone. */
  #returned = false;
  #waiting: Buffer | undefined;

  constructor(file: InputFile) {
    this.#file = file;
    this.#bytes = new Bytes(file);
  }

  /** The next chunk, or `undefined` at the end. */
  async next(): Promise<Buffer | undefined> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) return waiting;
    const chunk = this.#begun ? await this.#bytes.next() : await this.#begin();
    if (!this.#returned) return chunk && this.#ended(chunk);
    this.#returned = false;
    if (chunk?.[0] === NEWLINE) return this.#ended(chunk);
    this.#waiting = chunk && this.#ended(chunk);
    return Buffer.from('\n');
  }

  close(): void {
    this.#bytes.close();
  }

  async #begin(): Promise<Buffer | undefined> {
    this.#begun = true;
    let head: Buffer | undefined;
    while (head === undefined || head.length < MARK) {
      const chunk = await this.#bytes.next();
      if (chunk === undefined) break;
      head = head === undefined ? chunk : Buffer.concat([head, chunk]);
    }
    if (head === undefined) return undefined;
    const marks = head.toString('latin1', 0, MARK);
    const wide = marks.startsWith('\xff\xfe') || marks.startsWith('\xfe\xff') || marks === '\0\0\xfe\xff';
    if (wide) throw this.#noText('it begins with the byte order mark of UTF-16 or UTF-32', 'UTF-16');
    const nul = head.indexOf(0);
    const end = head.indexOf(NEWLINE);
    if (nul >= 0 && (end < 0 || nul < end)) throw this.#noText(`byte ${nul} is a NUL`, 'UTF-16LE');
    return marks.startsWith('\xef\xbb\xbf') ? head.subarray(3) : head;
  }

  #noText(why: string, from: string): InputError {
    return new InputError(`${this.#file.label} is not UTF-8 text: ${why} (if it is text, "iconv -f ${from} -t UTF-8" makes it so)`);
  }

  #ended(chunk: Buffer): Buffer {
    let to = chunk.length;
    for (let at = chunk.indexOf(RETURN); at >= 0; at = chunk.indexOf(RETURN, at + 1)) {
      if (at + 1 === chunk.length) {
        this.#returned = true;
        to--;
      } else if (chunk[at + 1] !== NEWLINE) chunk[at] = NEWLINE;
    }
    return to === chunk.length ? chunk : chunk.subarray(0, to);
  }
}

/**
 * How many lines a regular file has; `undefined` for anything else. Counts beside the run, and
 * gives up when that ends.
 */
export async function countLines(file: InputFile, signal: AbortSignal): Promise<number | undefined> {
  if (file.path === STDIN || !(await stat(file.path)).isFile()) return undefined;
  const bytes = new TextBytes(file);
  try {
    let lines = 0;
    let last = NEWLINE;
    for (let chunk = await bytes.next(); chunk !== undefined; chunk = await bytes.next()) {
      if (signal.aborted) return undefined;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
      if (chunk.length > 0) last = chunk[chunk.length - 1];
    }
    return last === NEWLINE ? lines : lines + 1;
  } finally {
    bytes.close();
  }
}
