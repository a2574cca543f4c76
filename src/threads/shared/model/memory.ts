import type { Bytes, Words } from '../atomics.js';

/** One SharedArrayBuffer that a thread has touched. */
interface Region {
  readonly name: string;
  readonly ints: Int32Array;
  readonly bytes: Uint8Array;
  /** Four bytes each: their place, or -1. */
  readonly places: Int32Array;
}

/** Numbers the words of shared memory in the order in which they are met, whatever array they are seen through. */
export class Memory {
  readonly #regions = new Map<SharedArrayBuffer, Region>();
  /** By place: the array that has the word, and where in it. */
  readonly #ints: Int32Array[] = [];
  readonly #index: number[] = [];
  readonly #region: Region[] = [];
  readonly #names = new Map<number, string>();

  /** How many words have been met. */
  get size(): number {
    return this.#ints.length;
  }

  /** The place of a word. */
  place(words: Words, at: number): number {
    if (!(Number.isInteger(at) && at >= 0 && at < words.length)) throw new RangeError(`no word ${at}: there are ${words.length}`);
    return this.#unit(this.#regionOf(words.buffer), (words.byteOffset >> 2) + at);
  }

  /** The bytes of a copy, and the place of the first four; the others follow it. */
  range(bytes: Bytes, at: number, length: number): { place: number; bytes: Uint8Array } {
    if (!(Number.isInteger(at) && at >= 0 && at + length <= bytes.length))
      throw new RangeError(`no bytes ${at} to ${at + length}: there are ${bytes.length}`);
    const region = this.#regionOf(bytes.buffer);
    const from = bytes.byteOffset + at;
    for (let unit = from >> 2; unit << 2 < from + length; unit++) this.#unit(region, unit);
    return { place: length === 0 ? -1 : this.#unit(region, from >> 2), bytes: region.bytes.subarray(from, from + length) };
  }

  /** The places of what `range` gave. */
  placesOf(bytes: Uint8Array): Int32Array {
    const region = this.#regionOf(bytes.buffer as SharedArrayBuffer);
    return region.places.subarray(bytes.byteOffset >> 2, (bytes.byteOffset + bytes.length + 3) >> 2);
  }

  /** The word at a place, now. */
  get(place: number): number {
    return this.#ints[place][this.#index[place]];
  }

  /** A place as an index into all words of its memory. */
  where(place: number): readonly [words: Words, at: number] {
    return [this.#ints[place] as Words, this.#index[place]];
  }

  /** Changes the word at a place. */
  set(place: number, value: number): void {
    this.#ints[place][this.#index[place]] = value;
  }

  /** A number that differs when memory does, for all that it can tell. */
  hash(seed: number): number {
    let hash = seed;
    for (let place = 0; place < this.#ints.length; place++) hash = mix(hash, this.get(place));
    return hash;
  }

  /** How a trace calls the word from now on. */
  call(words: Words, at: number, name: string): void {
    this.#names.set(this.place(words, at), name);
  }

  /** The name of a place. */
  name(place: number): string {
    return this.#names.get(place) ?? `${this.#region[place].name}[${this.#index[place]}]`;
  }

  #regionOf(buffer: SharedArrayBuffer): Region {
    const known = this.#regions.get(buffer);
    if (known !== undefined) return known;
    const name = `m${this.#regions.size}`;
    const units = (buffer.byteLength + 3) >> 2;
    const region: Region = {
      name,
      // The last bytes of an odd buffer are no word: they are only ever copied.
      ints: new Int32Array(buffer, 0, buffer.byteLength >> 2),
      bytes: new Uint8Array(buffer),
      places: new Int32Array(units).fill(-1),
    };
    this.#regions.set(buffer, region);
    return region;
  }

  #unit(region: Region, unit: number): number {
    const known = region.places[unit];
    if (known !== -1) return known;
    const place = this.#ints.length;
    const isWhole = unit < region.ints.length;
    this.#ints.push(isWhole ? region.ints : new Int32Array(1));
    this.#index.push(isWhole ? unit : 0);
    this.#region.push(region);
    region.places[unit] = place;
    return place;
  }
}

/** One step of a hash of 32-bit numbers. */
export function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x9e3779b1);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0x85ebca77) ^ (mixed >>> 13);
}
