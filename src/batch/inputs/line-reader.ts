import { isUtf8 } from 'node:buffer';
import { InputError } from '../../core/index.js';
import { type Item, Malformed, type Reader } from '../item.js';
import type { InputFile } from './input-file.js';
import { TextBytes } from './text-bytes.js';

const NEWLINE = 10;
const RETURN = 13;
/** A line longer than this is not held in memory: it becomes a failure of its own. In bytes. */
const LONGEST = 128 * 1024 * 1024;
/** How much of what could not be read a record keeps, in characters. */
const KEPT = 1024;

/** Turns a line into an input, says why it cannot, or leaves it out with `undefined`. `place` is asked for only to complain. */
export type LineParser<I> = (line: string, place: () => string) => Item<I> | undefined;

/** Splits a file into lines, a chunk of the file at a time. */
export class LineReader<I> implements Reader<I> {
  readonly count = undefined;
  readonly #file: InputFile;
  readonly #bytes: TextBytes;
  readonly #parse: LineParser<I>;
  readonly #place = () => `${this.#file.label}:${this.#line}`;
  /** The beginning of a line whose end has not come yet. */
  #pieces: Buffer[] = [];
  #held = 0;
  #overlong = false;
  #line = 0;
  #ended = false;

  constructor(file: InputFile, parse: LineParser<I>) {
    this.#file = file;
    this.#bytes = new TextBytes(file);
    this.#parse = parse;
  }

  async read(): Promise<readonly Item<I>[]> {
    const batch: Item<I>[] = [];
    while (batch.length === 0 && !this.#ended) {
      const chunk = await this.#bytes.next();
      if (this.#ended) break; // closed meanwhile: what is held may be half a line
      if (chunk !== undefined) this.#take(chunk, batch);
      else {
        this.#ended = true;
        if (this.#held > 0) this.#closeHeld(batch);
      }
    }
    return batch;
  }

  close(): void {
    this.#ended = true;
    this.#bytes.close();
  }

  #take(chunk: Buffer, batch: Item<I>[]): void {
    const first = chunk.indexOf(NEWLINE);
    if (first < 0) {
      this.#hold(chunk);
      return;
    }
    this.#hold(chunk.subarray(0, first));
    this.#closeHeld(batch);
    const last = chunk.lastIndexOf(NEWLINE);
    if (last > first) this.#split(chunk.subarray(first + 1, last), batch);
    if (last + 1 < chunk.length) this.#hold(chunk.subarray(last + 1));
  }

  /** Whole lines, newlines between them. One check of the lot is far cheaper than one of each line. */
  #split(lines: Buffer, batch: Item<I>[]): void {
    if (isText(lines)) {
      for (const text of lines.toString('utf8').split('\n')) {
        this.#line++;
        const item = this.#parse(text.endsWith('\r') ? text.slice(0, -1) : text, this.#place);
        if (item !== undefined) batch.push(item);
      }
      return;
    }
    for (let from = 0; from <= lines.length; ) {
      const at = lines.indexOf(NEWLINE, from);
      const to = at < 0 ? lines.length : at;
      this.#one(lines.subarray(from, to), batch);
      from = to + 1;
    }
  }

  #one(bytes: Buffer, batch: Item<I>[]): void {
    this.#line++;
    const line = bytes.length > 0 && bytes[bytes.length - 1] === RETURN ? bytes.subarray(0, -1) : bytes;
    if (!isText(line)) return this.#refuse(`expected UTF-8 text, got ${isUtf8(line) ? 'a NUL' : 'other bytes'}`, line, batch);
    const item = this.#parse(line.toString('utf8'), this.#place);
    if (item !== undefined) batch.push(item);
  }

  #refuse(why: string, line: Buffer, batch: Item<I>[]): void {
    batch.push(new Malformed(new InputError(`${this.#place()}: ${why}`), line.subarray(0, KEPT).toString('utf8')));
  }

  #hold(piece: Buffer): void {
    this.#held += piece.length;
    if (this.#held > LONGEST) this.#overlong = true;
    if (this.#overlong) this.#pieces.length = Math.min(this.#pieces.length, 1);
    else this.#pieces.push(piece);
  }

  #closeHeld(batch: Item<I>[]): void {
    const line = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    if (this.#overlong) {
      this.#line++;
      this.#refuse(`expected a line of at most ${LONGEST} bytes, got ${this.#held}`, line, batch);
    } else this.#one(line, batch);
    this.#pieces = [];
    this.#held = 0;
    this.#overlong = false;
  }
}

/**
 * No text has a NUL: what has one is UTF-16, binary, or a block of a file that a crash has left
 * empty.
 */
const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0);

/** Keeps of a text what a record needs to show it. */
export const shortened = (raw: string): string => (raw.length > KEPT ? raw.slice(0, KEPT) : raw);
