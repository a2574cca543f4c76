import { bare, TooLargeError, WireError } from '../core/index.js';
import { largeBuffers } from './large-buffers.js';

/*
 * Messages on a byte stream: four bytes of length, little-endian, four bytes that say that this is
 * a message, then the message in V8's structured-clone format. The same meaning as `postMessage`:
 * views are written as views by the base classes, which the `Default…` ones of node:v8 replace by
 * host objects. The code of calls can write on the same descriptor by mistake; after that the next
 * four bytes are wrong.
 *
 * Where there is a way beside the stream, large buffers take it. Such a message begins with a table: BESIDE and the number of buffers, four bytes each, where
 * the first begins and the size of each, eight bytes each. A message without them begins with V8's own first byte, which is 255.
 */

const HEAD = 4;
/** In every body, before all else. */
const MARK = Buffer.from('mtm1');
const MARKED = MARK.readUInt32LE(0);
const BESIDE = 1;
/** Bytes of a table of no buffers. */
const TABLE = 16;
const ENTRY = 8;

/** Takes large buffers beside the stream. */
export interface SideWriter {
  /** Copies the bytes to where the other side can get them; gives where they begin, or `undefined` if there is no room. */
  put(buffers: readonly ArrayBuffer[]): number | undefined;
}

/** Gets them back. */
export interface SideReader {
  /** @throws {WireError} if there is nothing of that size. */
  take(start: number, sizes: readonly number[]): ArrayBuffer[];
}

/** The largest message, in bytes: more does not fit into one buffer or into the length. */
export const LARGEST = 2 ** 32 - 1;

const blank = Buffer.concat([Buffer.alloc(HEAD), MARK]);

let loaded: typeof import('node:v8') | undefined;
/** Loaded at the first frame: threads have none. */
function v8(): typeof import('node:v8') {
  loaded ??= process.getBuiltinModule('node:v8');
  return loaded;
}

/**
 * @param side Where large buffers go; without it, or if it has no room, they are written inline.
 * @throws {Error} named DataCloneError if a value cannot be cloned; nothing has been given to `side` then.
 */
export function writeFrame(message: unknown, side?: SideWriter): Buffer {
  const large = side && largeBuffers(message);
  if (side && large) {
    const frame = write(message, large);
    const start = side.put(large);
    if (start !== undefined) return fillTable(frame, start, large);
  }
  return write(message, []);
}

function write(message: unknown, beside: readonly ArrayBuffer[]): Buffer {
  const { Serializer } = v8();
  const serializer = new Serializer();
  serializer.writeRawBytes(blank);
  if (beside.length > 0) serializer.writeRawBytes(Buffer.alloc(TABLE + ENTRY * beside.length));
  for (const [i, buffer] of beside.entries()) serializer.transferArrayBuffer(i, buffer);
  serializer.writeHeader();
  serializer.writeValue(message);
  const frame = serializer.releaseBuffer();
  const length = frame.length - HEAD;
  if (length > LARGEST) throw new WireError(`A message of ${length} bytes is over the ${LARGEST} that one frame can hold`);
  frame.writeUInt32LE(length, 0);
  return frame;
}

function fillTable(frame: Buffer, start: number, large: readonly ArrayBuffer[]): Buffer {
  const at = blank.length;
  frame.writeUInt32LE(BESIDE, at);
  frame.writeUInt32LE(large.length, at + 4);
  frame.writeDoubleLE(start, at + 8);
  for (const [i, { byteLength }] of large.entries()) frame.writeDoubleLE(byteLength, at + TABLE + ENTRY * i);
  return frame;
}

/** What a reader of frames may be told. */
export interface FrameLimits {
  /** The largest frame, in bytes, that is taken: one that announces more is refused before there is memory for it. Default: {@link LARGEST}. */
  most?: number;
  /** Reads the body of a frame. Default: as `writeFrame` writes it. */
  read?: (body: Buffer, side: SideReader | undefined) => unknown[];
  /** Where large buffers come from, if they go beside the stream. */
  side?: SideReader;
}

/** Puts frames together again from whatever pieces the stream gives. */
export class FrameReader {
  /** Where the large buffers come from. */
  side: SideReader | undefined;
  readonly #message: (message: unknown[]) => void;
  readonly #most: number;
  readonly #decode: (body: Buffer, side: SideReader | undefined) => unknown[];
  /** Whether it reads what `writeFrame` writes, which begins with a mark. */
  readonly #own: boolean;
  #head = Buffer.alloc(HEAD);
  #headFill = 0;
  #body: Buffer | undefined;
  #bodyFill = 0;

  constructor(message: (message: unknown[]) => void, { most = LARGEST, read = readBody, side }: FrameLimits = bare({})) {
    this.#message = message;
    this.#most = most;
    this.#decode = read;
    this.#own = read === readBody;
    this.side = side;
  }

  /** Whether a frame has begun and is not whole: at the end of a stream it never will be. */
  get half(): boolean {
    return this.#headFill > 0 || this.#body !== undefined;
  }

  /**
   * @throws {TooLargeError} if a frame announces more than is taken.
   * @throws {WireError} if what is in a frame is no message. After either, the stream is of no more use.
   */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body === undefined) {
        // A whole frame inside the chunk is read in place.
        if (this.#headFill === 0 && chunk.length - at >= HEAD) {
          const length = this.#allowed(chunk.readUInt32LE(at));
          if (chunk.length - at - HEAD >= length) {
            this.#read(chunk.subarray(at + HEAD, at + HEAD + length));
            at += HEAD + length;
            continue;
          }
        }
        const take = Math.min(HEAD - this.#headFill, chunk.length - at);
        chunk.copy(this.#head, this.#headFill, at, at + take);
        this.#headFill += take;
        at += take;
        if (this.#headFill < HEAD) return;
        this.#headFill = 0;
        this.#body = Buffer.allocUnsafeSlow(this.#allowed(this.#head.readUInt32LE(0)));
        this.#bodyFill = 0;
      } else {
        const take = Math.min(this.#body.length - this.#bodyFill, chunk.length - at);
        chunk.copy(this.#body, this.#bodyFill, at, at + take);
        // No message need be waited for to the end that it announces.
        if (this.#own && this.#bodyFill < MARK.length) mustBeMarked(this.#body.subarray(0, this.#bodyFill + take), this.#body.length);
        this.#bodyFill += take;
        at += take;
      }
      if (this.#body !== undefined && this.#bodyFill === this.#body.length) {
        const body = this.#body;
        this.#body = undefined;
        this.#read(body);
      }
    }
  }

  #allowed(length: number): number {
    if (length > this.#most) throw new TooLargeError(`A frame of ${length} bytes was announced; at most ${this.#most} are taken`);
    return length;
  }

  #read(body: Buffer): void {
    let message: unknown[];
    try {
      message = this.#decode(body, this.side);
    } catch (cause) {
      if (cause instanceof WireError) throw cause;
      throw new WireError(`A frame of ${body.length} bytes holds no message: ${(cause as Error).message}`, { cause });
    }
    this.#message(message);
  }
}

/** @throws {WireError} if a body, as far as it has come, cannot be that of a message. */
function mustBeMarked(body: Buffer, length: number): void {
  if (body.length >= MARK.length && body.readUInt32LE(0) === MARKED) return;
  if (body.length < MARK.length && MARK.subarray(0, body.length).equals(body) && length >= MARK.length) return;
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(length, 0);
  const came = Buffer.concat([head, body.subarray(0, 60)]).toString('latin1');
  throw new WireError(`Bytes came that are no message: ${JSON.stringify(came)}`);
}

function readBody(marked: Buffer, side: SideReader | undefined): unknown[] {
  mustBeMarked(marked, marked.length);
  const body = marked.subarray(MARK.length);
  const { Deserializer } = v8();
  const buffers = body[0] === BESIDE ? fetchBeside(body, side) : [];
  const deserializer = new Deserializer(buffers.length > 0 ? body.subarray(TABLE + ENTRY * buffers.length) : body);
  for (const [i, buffer] of buffers.entries()) deserializer.transferArrayBuffer(i, buffer);
  deserializer.readHeader();
  return deserializer.readValue() as unknown[];
}

function fetchBeside(body: Buffer, side: SideReader | undefined): ArrayBuffer[] {
  const count = body.length >= TABLE ? body.readUInt32LE(4) : 0;
  if (side === undefined || count === 0 || body.length < TABLE + ENTRY * count)
    throw new WireError(`A message of ${body.length} bytes speaks of ${count} buffers beside the stream, where there are none`);
  const sizes = Array.from({ length: count }, (_, i) => body.readDoubleLE(TABLE + ENTRY * i));
  return side.take(body.readDoubleLE(8), sizes);
}
