import { type BigIntStats, close, constants, fstat, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import { bare, InputError } from '../../core/index.js';
import { checkStandardInput, type InputFile, STDIN, unreadable } from './input-file.js';

/** The bytes of a file, as they are. */
export interface Feed {
  /** The next of them, or `undefined` at the end. */
  next(): Promise<Buffer | undefined>;
  close(): void;
}

const { O_RDONLY, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;
const CHUNK = 256 * 1024;
/**
 * How much of the beginning is kept, to see whether another file was written over this one. In
 * bytes.
 */
const KEPT = 64 * 1024;

const readInto = promisify(read);
const statOf = promisify(fstat) as unknown as (fd: number, options: { bigint: true }) => Promise<BigIntStats>;

/** Opens a file, a pipe, a device or standard input. */
export async function openFeed(file: InputFile): Promise<Feed> {
  if (file.path === STDIN) return new StreamFeed(standardInput());
  // Opened the plain way, a pipe that nobody writes to would hold a thread of Node's own for ever,
  // and the end of the process with it. Its kind is asked of the descriptor: a name may be anything else
  // by then.
  const fd = openSync(file.path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const stat = await statOf(fd, { bigint: true });
  if (stat.isCharacterDevice()) {
    const { isatty, ReadStream } = await import('node:tty');
    if (isatty(fd)) return new StreamFeed(new ReadStream(fd));
  }
  if (!stat.isFIFO()) return new FileFeed(file, fd, stat);
  const { Socket } = await import('node:net');
  return new StreamFeed(new Socket(bare({ fd, readable: true, writable: false })));
}

function standardInput(): NodeJS.ReadStream {
  checkStandardInput();
  const { stdin } = process;
  if (stdin.readableDidRead || stdin.readableFlowing || stdin.readableEnded || stdin.destroyed) {
    throw new InputError('Cannot read standard input: something else in this program reads it, or has read it');
  }
  return stdin;
}

class StreamFeed implements Feed {
  readonly #stream: NodeJS.ReadableStream & { destroy(): void };
  readonly #chunks: AsyncIterator<Buffer>;

  constructor(stream: NodeJS.ReadableStream & { destroy(): void }) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async next(): Promise<Buffer | undefined> {
    const step = await this.#chunks.next();
    return step.done ? undefined : step.value;
  }

  /** Not the iterator's `return`: that would wait for a read that may never end. */
  close(): void {
    this.#stream.destroy();
  }
}

/** Sees at the end whether what it read is what there was. */
class FileFeed implements Feed {
  readonly #file: InputFile;
  readonly #fd: number;
  readonly #then: BigIntStats;
  #beginning: Buffer | undefined;
  #taken = 0;
  #last = 10;
  #reading = false;
  #closed = false;

  constructor(file: InputFile, fd: number, then: BigIntStats) {
    this.#file = file;
    this.#fd = fd;
    this.#then = then;
  }

  async next(): Promise<Buffer | undefined> {
    const chunk = await this.#read(Buffer.allocUnsafeSlow(CHUNK), null);
    if (this.#closed) return undefined;
    if (chunk.length === 0) {
      if (this.#then.isFile()) await this.#checkEnd();
      return undefined;
    }
    this.#beginning ??= Buffer.from(chunk.subarray(0, KEPT));
    this.#taken += chunk.length;
    this.#last = chunk[chunk.length - 1];
    return chunk;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The number of a descriptor that is closed under a read may be another file's by then.
    if (!this.#reading) this.#release();
  }

  async #read(into: Buffer, position: number | null): Promise<Buffer> {
    this.#reading = true;
    try {
      const { bytesRead } = await readInto(this.#fd, into, 0, into.length, position);
      return into.subarray(0, bytesRead);
    } finally {
      this.#reading = false;
      if (this.#closed) this.#release();
    }
  }

  #release(): void {
    close(this.#fd, () => undefined); // it was only read
  }

  async #checkEnd(): Promise<void> {
    const then = this.#then;
    const now = await statOf(this.#fd, { bigint: true });
    if (this.#closed) return;
    const { label } = this.#file;
    // A file of `/proc` is made as it is read, and has no size.
    if (BigInt(this.#taken) < then.size) {
      throw new InputError(`${label} became shorter while it was read: expected ${then.size} bytes or more, got ${this.#taken}`);
    }
    if (now.ctimeNs === then.ctimeNs && now.size === then.size) return;
    const kept = this.#beginning ?? Buffer.alloc(0);
    if (!(await this.#read(Buffer.alloc(kept.length), 0)).equals(kept)) {
      throw new InputError(`${label} was written anew while it was read: its inputs are of two files`);
    }
    if (this.#last !== 10 && this.#last !== 13) {
      throw new InputError(`${label} was written to while it was read, and ends without a line end: its last line may not be whole`);
    }
  }
}

/** The feed of a file, whose errors are InputErrors that name it. */
export class Bytes implements Feed {
  readonly #file: InputFile;
  #feed: Promise<Feed> | undefined;
  #closed = false;

  constructor(file: InputFile) {
    this.#file = file;
  }

  async next(): Promise<Buffer | undefined> {
    try {
      this.#feed ??= openFeed(this.#file);
      const feed = await this.#feed;
      return this.#closed ? undefined : await feed.next();
    } catch (error) {
      throw error instanceof InputError ? error : unreadable(this.#file, error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#feed?.then(
      (feed) => feed.close(),
      () => undefined, // it was never opened, and `next` has told why
    );
  }
}
