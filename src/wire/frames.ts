import { WireError } from '../core/index.js';

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

/** Puts frames together again from whatever pieces the stream gives. */
export class FrameReader {
  readonly #message: (message: unknown[]) => void;
  #head = Buffer.alloc(HEAD);
  #headFill = 0;
  #body: Buffer | undefined;
  #bodyFill = 0;

  constructor(message: (message: unknown[]) => void) {
    this.#message = message;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body === undefined) {
        // A whole frame inside the chunk is read in place.
        if (this.#headFill === 0 && chunk.length - at >= HEAD) {
          const length = chunk.readUInt32LE(at);
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
        this.#body = Buffer.allocUnsafeSlow(this.#head.readUInt32LE(0));
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

  #read(body: Buffer): void {
    const { Deserializer } = v8();
    const deserializer = new Deserializer(body);
    deserializer.readHeader();
    this.#message(deserializer.readValue() as unknown[]);
  }
}
