import { OptionError, TooLargeError } from '../../../core/index.js';
import { type AnyArray, arrayClasses } from '../kinds.js';

/** The typed arrays over one block of memory, made when a kind is first needed; all records in the block have them in common. */
export class Views {
  readonly memory: SharedArrayBuffer;
  // All of them from the start, so that every Views has one shape, whichever struct it is for.
  i8: AnyArray | undefined = undefined;
  u8: AnyArray | undefined = undefined;
  u8c: AnyArray | undefined = undefined;
  i16: AnyArray | undefined = undefined;
  u16: AnyArray | undefined = undefined;
  i32: AnyArray | undefined = undefined;
  u32: AnyArray | undefined = undefined;
  i64: AnyArray | undefined = undefined;
  u64: AnyArray | undefined = undefined;
  f16: AnyArray | undefined = undefined;
  f32: AnyArray | undefined = undefined;
  f64: AnyArray | undefined = undefined;
  #bytes: Buffer | undefined = undefined;

  constructor(memory: SharedArrayBuffer, kinds: Iterable<string>) {
    this.memory = memory;
    for (const kind of kinds) {
      const Class = arrayClasses.get(kind);
      if (Class)
        (this as unknown as Record<string, AnyArray>)[kind] = new Class(memory, 0, Math.floor(memory.byteLength / Class.BYTES_PER_ELEMENT));
    }
  }

  /** A string: 4 bytes of length, and then its bytes. */
  readText(at: number, most: number): string {
    this.#bytes ??= Buffer.from(this.memory);
    // It may be read while it is written: then it is wrong, but never longer than its place.
    const length = Math.min(this.#bytes.readUInt32LE(at), most);
    return this.#bytes.toString('utf8', at + 4, at + 4 + length);
  }

  writeText(at: number, most: number, value: unknown, field: string): void {
    this.#bytes ??= Buffer.from(this.memory);
    if (typeof value !== 'string') throw new OptionError(`Field "${field}" expects a string, got ${String(value)}`);
    const length = Buffer.byteLength(value, 'utf8');
    if (length > most) throw new TooLargeError(`Field "${field}" has room for ${most} bytes of UTF-8, got a string of ${length}`);
    if (/\p{Surrogate}/u.test(value)) throw new OptionError(`Field "${field}" expects a string without lone surrogates: UTF-8 has none`);
    this.#bytes.write(value, at + 4, length, 'utf8');
    this.#bytes.writeUInt32LE(length, at);
  }
}
