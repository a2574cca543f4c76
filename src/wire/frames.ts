import { TooLargeError, WireError } from '../core/index.js';
import { largeBuffers } from './large-buffers.js';

/*
 * Messages on a byte stream: four bytes of length, little-endian, then the message in V8's structured-clone format. The same meaning as
 * `postMessage`: views are written as views by the base classes, which the `Default…` ones of node:v8 replace by host objects.
 *
 * Where there is a way beside the stream, large buffers take it. Such a message begins with a table: BESIDE and the number of buffers, four bytes each, where
 * the first begins and the size of each, eight bytes each. A message without them begins with V8's own first byte, which is 255.
 */

const HEAD = 4;
const BESIDE = 1;
/** What V8's own messages begin with. */
const V8_HEADER = 255;
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

const blank = Buffer.alloc(HEAD);

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
  frame.writeUInt32LE(BESIDE, HEAD);
  frame.writeUInt32LE(large.length, HEAD + 4);
  frame.writeDoubleLE(start, HEAD + 8);
  for (const [i, { byteLength }] of large.entries()) frame.writeDoubleLE(byteLength, HEAD + TABLE + ENTRY * i);
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
  /** Whether it reads what `writeFrame` writes, of which the first byte is known. */
  readonly #own: boolean;
  #head = Buffer.alloc(HEAD);
  #headFill = 0;
  #body: Buffer | undefined;
  #bodyFill = 0;

  constructor(message: (message: unknown[]) => void, { most = LARGEST, read = readBody, side }: FrameLimits = {}) {
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
        if (this.#own && this.#bodyFill === 0) this.#mayBegin(chunk[at]);
        const take = Math.min(this.#body.length - this.#bodyFill, chunk.length - at);
        chunk.copy(this.#body, this.#bodyFill, at, at + take);
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

  /** What is no message is known by its first byte, most often, and need not be waited for to the end that it announces. */
  #mayBegin(byte: number): void {
    if (byte !== V8_HEADER && byte !== BESIDE) throw new WireError(`A frame begins with the byte ${byte}, as no message does`);
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

function readBody(body: Buffer, side: SideReader | undefined): unknown[] {
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
