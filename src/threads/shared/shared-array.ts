import {
  both,
  fields,
  OptionError,
  oneOf,
  type Parcel,
  type PartsCheck,
  sharedMemory,
  type Traveller,
  travels,
  whole,
} from '../../core/index.js';
import { AtomicBigInt64 } from './atomic-big-int64.js';
import { AtomicCell, Place } from './atomic-cell.js';
import { AtomicInt32 } from './atomic-int32.js';
import {
  type AnyArray,
  type ArrayOfKind,
  arrayClasses,
  classOfKind,
  fitsIn,
  type IntegerKind,
  isInteger,
  type NumberKind,
  type NumberOf,
} from './kinds.js';

/** What an atomic view of a number of this kind is. */
export type AtomicOf<K extends NumberKind> = K extends 'i32'
  ? AtomicInt32
  : K extends 'i64'
    ? AtomicBigInt64
    : K extends IntegerKind
      ? AtomicCell<NumberOf<K>>
      : never;

/** The atomic view of one number. */
export function atomicAt(kind: IntegerKind, array: AnyArray, index: number): AtomicInt32 | AtomicBigInt64 | AtomicCell<never> {
  const place = new Place(array, index);
  if (kind === 'i32') return new AtomicInt32(place);
  return kind === 'i64' ? new AtomicBigInt64(place) : (new AtomicCell(kind, place) as unknown as AtomicCell<never>);
}

interface Parts {
  kind: NumberKind;
  memory: SharedArrayBuffer;
  at: number;
  length: number;
}

const count = whole(0, 2 ** 33);

/** Where an array lies that is there already. */
class Span {
  readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }
}

/**
 * An array of numbers of one kind that threads share: passed as an argument, at any depth, it arrives as itself. `view` is the typed array, for loops that have to be
 * fast; `get` and `set` look at the index first. Values that do not fit become what the typed array makes of them: whole numbers wrap, `u8c` is clamped.
 *
 * @example
 * ```ts run
 * import { SharedArray } from 'meantime/threads';
 *
 * const heights = new SharedArray('f64', [1.5, 2.5]);
 * heights.set(0, heights.get(1) * 2);
 * [...heights]; // => [5, 2.5]
 * const hits = new SharedArray('i32', 3);
 * hits.atomic(2).add(7);
 * hits.view; // => new Int32Array([0, 0, 7])
 * ```
 */
export class SharedArray<K extends NumberKind> implements Traveller, Iterable<NumberOf<K>> {
  /** The kind of its numbers. */
  readonly kind: K;
  /** The typed array itself, over shared memory. */
  readonly view: ArrayOfKind[K];
  readonly #array: AnyArray;

  /**
   * @param kind What its numbers are: `'f64'` for those of a `Float64Array`.
   * @param values How many, all 0 at first; or the numbers.
   * @throws {OptionError} for an unknown kind, or a length that is not a whole number from 0.
   */
  constructor(kind: K, values: number | Iterable<NumberOf<K>>);
  constructor(kind: K, values: number | Iterable<NumberOf<K>> | Span) {
    const Class = classOfKind('SharedArray', kind);
    this.kind = kind;
    this.#array = values instanceof Span ? new Class(values.parts.memory, values.parts.at, values.parts.length) : filled(Class, values);
    this.view = this.#array as unknown as ArrayOfKind[K];
  }

  /** How many numbers there are. */
  get length(): number {
    return this.#array.length;
  }

  /**
   * The number at an index.
   *
   * @throws {OptionError} if there is none.
   */
  get(index: number): NumberOf<K> {
    return (this.#array[index] as NumberOf<K> | undefined) ?? this.#missing(index);
  }

  /**
   * Sets the number at an index.
   *
   * @throws {OptionError} if there is none.
   */
  set(index: number, value: NumberOf<K>): void {
    if (this.#array[index] === undefined) this.#missing(index);
    this.#array[index] = value;
  }

  /**
   * The number at an index, to be changed in atomic steps; of `i32` and `i64` also to wait on.
   *
   * @throws {OptionError} if there is none, or its kind is not a whole number that wraps.
   */
  atomic(index: number): AtomicOf<K> {
    if (!isInteger(this.kind)) throw new OptionError(`A SharedArray of ${this.kind} has no atomic steps: expected a kind of whole number`);
    if (this.#array[index] === undefined) this.#missing(index);
    return atomicAt(this.kind, this.#array, index) as AtomicOf<K>;
  }

  [Symbol.iterator](): Iterator<NumberOf<K>> {
    return (this.view as unknown as Iterable<NumberOf<K>>)[Symbol.iterator]();
  }

  /** @internal */
  [travels](): Parcel {
    const { buffer, byteOffset, length } = this.#array;
    const parts: Parts = { kind: this.kind, memory: buffer, at: byteOffset, length };
    return { kind: 'threads/SharedArray', parts, only: 'threads', instead: 'between processes use SharedMemory' };
  }

  #missing(index: unknown): never {
    throw new OptionError(`This SharedArray has no index ${String(index)}: it has ${this.length} numbers, from index 0`);
  }
}

function filled(Class: ReturnType<typeof classOfKind>, values: unknown): AnyArray {
  if (typeof values !== 'number') {
    if (typeof (values as Iterable<number> | undefined)?.[Symbol.iterator] !== 'function' || typeof values === 'string') {
      throw new OptionError(`SharedArray expects a length or an iterable of numbers, got ${show(values)}`);
    }
    const all = [...(values as Iterable<number>)];
    const array = new Class(new SharedArrayBuffer(all.length * Class.BYTES_PER_ELEMENT));
    for (let i = 0; i < all.length; i++) array[i] = all[i];
    return array;
  }
  const expected = count(values);
  if (expected !== undefined) throw new OptionError(`SharedArray expects its length to be ${expected}, got ${values}`);
  return new Class(new SharedArrayBuffer(values * Class.BYTES_PER_ELEMENT));
}

const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

/** The parts of an array. */
export const arrayIn: PartsCheck = both(
  fields({ kind: oneOf(...arrayClasses.keys()), memory: sharedMemory, at: whole(0), length: whole(0) }),
  (v) => fitsIn(v as Parts, (v as Parts).length),
);

/** @internal */
export function makeSharedArray(parts: Parts): SharedArray<NumberKind> {
  return new SharedArray(parts.kind, new Span(parts) as never);
}
