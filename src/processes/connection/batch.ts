import { TooLargeError } from '../../core/index.js';
import { mustBePlain } from './plain.js';
import type { Seal } from './seal.js';

/*
 * A frame: what one turn had to say, as one flat array in V8's structured-clone format. Bytes inside (packed values) are written as they are: short ones in their place,
 * long ones behind the array, where they need not be copied together.
 *
 *   length of the rest, 4 bytes | length of the array, 4 bytes | the array | long bytes, one after the other | a seal, if there is one
 *
 * Bytes come out as views on the frame that was read: nothing is copied, and they keep it alive.
 */

const HEAD = 8;
/** From this many bytes on, bytes go behind the array. */
const LONG = 8192;

const blank = Buffer.alloc(HEAD);

interface V8Writer {
  writeHeader(): void;
  writeValue(value: unknown): void;
  writeUint32(n: number): void;
  writeRawBytes(bytes: Uint8Array): void;
  releaseBuffer(): Buffer;
  behind: Uint8Array[];
}

interface V8Reader {
  readHeader(): void;
  readValue(): unknown;
}

type Classes = { Writer: new () => V8Writer; Reader: new (array: Buffer, behind: Buffer) => V8Reader };
let classes: Classes | undefined;

/** Made at the first frame: who only imports this room does not load V8's serializer. */
function make(): Classes {
  const { Serializer, Deserializer } = process.getBuiltinModule('node:v8');
  class Writer extends Serializer {
    behind: Uint8Array[] = [];

    constructor() {
      super();
      (this as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void })._setTreatArrayBufferViewsAsHostObjects(true);
    }

    _writeHostObject(view: Uint8Array): void {
      this.writeUint32(view.byteLength);
      if (view.byteLength >= LONG) this.behind.push(view);
      else this.writeRawBytes(view);
    }
  }
  class Reader extends Deserializer {
    readonly #behind: Buffer;
    #at = 0;

    constructor(array: Buffer, behind: Buffer) {
      super(array);
      this.#behind = behind;
    }

    _readHostObject(): Buffer {
      const length = this.readUint32();
      if (length < LONG) return this.readRawBytes(length);
      if (this.#at + length > this.#behind.length) throw new RangeError(`${length} bytes are announced, and not there`);
      this.#at += length;
      return this.#behind.subarray(this.#at - length, this.#at);
    }
  }
  return { Writer, Reader } as unknown as Classes;
}

/** @returns what is to be written, piece by piece. */
export function writeBatch(items: readonly unknown[], seal?: Seal): Uint8Array[] {
  classes ??= make();
  const writer = new classes.Writer();
  writer.writeRawBytes(blank);
  writer.writeHeader();
  writer.writeValue(items);
  const frame = writer.releaseBuffer();
  let length = frame.length - 4 + (seal?.size ?? 0);
  for (const bytes of writer.behind) length += bytes.byteLength;
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(frame.length - HEAD, 4);
  // The length itself is not sealed: with another one the seal would be of other bytes.
  if (seal !== undefined) writer.behind.push(seal.mark([frame.subarray(4), ...writer.behind]));
  writer.behind.unshift(frame);
  return writer.behind;
}

/**
 * The largest array that is taken, in bytes: a value takes up to sixteen times as much memory as it
 * has bytes there. Large values are in long bytes.
 */
const MOST_LISTED = 2 ** 22;

/**
 * @param most The largest array, in bytes, as above; who asked for what comes says more.
 * @throws {Error} if it is no batch.
 */
export function readBatch(body: Buffer, most = MOST_LISTED): unknown[] {
  classes ??= make();
  const length = body.readUInt32LE(0);
  if (length > body.length - 4) throw new RangeError(`an array of ${length} bytes is announced in a frame of ${body.length}`);
  if (length > most) throw new TooLargeError(`An array of ${length} bytes came in a frame; at most ${most} are taken`);
  const reader = new classes.Reader(body.subarray(4, 4 + length), body.subarray(4 + length));
  reader.readHeader();
  const items = reader.readValue();
  if (!Array.isArray(items)) throw new TypeError('it is not an array');
  mustBePlain(items, length);
  return items;
}
