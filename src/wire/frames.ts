import { TooLargeError, WireError } from '../core/index.js';

/*
 * Messages on a byte stream: four bytes of length, little-endian, then the message in V8's structured-clone format. The same meaning as
 * `postMessage`: views are written as views by the base classes, which the `Default…` ones of node:v8 replace by host objects.
 */

const HEAD = 4;

/** The largest message, in bytes: more does not fit into one buffer or into the length. */
export const LARGEST = 2 ** 32 - 1;

const blank = Buffer.alloc(HEAD);

let loaded: typeof import('node:v8') | undefined;
/** Loaded at the first frame: threads have none. */
function v8(): typeof import('node:v8') {
  loaded ??= process.getBuiltinModule('node:v8');
  return loaded;
}

/** @throws {Error} named DataCloneError if a value cannot be cloned. */
export function writeFrame(message: unknown): Buffer {
  const { Serializer } = v8();
  const serializer = new Serializer();
  serializer.writeRawBytes(blank);
  serializer.writeHeader();
  serializer.writeValue(message);
  const frame = serializer.releaseBuffer();
  const length = frame.length - HEAD;
  if (length > LARGEST) throw new WireError(`A message of ${length} bytes is over the ${LARGEST} that one frame can hold`);
  frame.writeUInt32LE(length, 0);
  return frame;
}

/** What a reader of frames may be told. */
export interface FrameLimits {
  /** The largest frame, in bytes, that is taken: one that announces more is refused before there is memory for it. Default: {@link LARGEST}. */
  most?: number;
  /** Reads the body of a frame. Default: as `writeFrame` writes it. */
  read?: (body: Buffer) => unknown[];
}

/** Puts frames together again from whatever pieces the stream gives. */
export class FrameReader {
  readonly #message: (message: unknown[]) => void;
  readonly #most: number;
  readonly #decode: (body: Buffer) => unknown[];
  #head = Buffer.alloc(HEAD);
  #headFill = 0;
  #body: Buffer | undefined;
  #bodyFill = 0;

  constructor(message: (message: unknown[]) => void, { most = LARGEST, read = readBody }: FrameLimits = {}) {
    this.#message = message;
    this.#most = most;
    this.#decode = read;
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
      message = this.#decode(body);
    } catch (cause) {
      if (cause instanceof WireError) throw cause;
      throw new WireError(`A frame of ${body.length} bytes holds no message: ${(cause as Error).message}`, { cause });
    }
    this.#message(message);
  }
}

function readBody(body: Buffer): unknown[] {
  const { Deserializer } = v8();
  const deserializer = new Deserializer(body);
  deserializer.readHeader();
  return deserializer.readValue() as unknown[];
}
