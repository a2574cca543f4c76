import { both, fields, oneOf, type Parcel, type PartsCheck, sharedMemory, type Traveller, travels, whole } from '../../core/index.js';
import { plain } from './atomics.js';
import { type AnyArray, type ArrayOfKind, classOfKind, fitsIn, type IntegerKind, integerKinds, type NumberOf } from './kinds.js';

/** One number in a typed array that threads share. */
export class Place {
  readonly array: AnyArray;
  readonly index: number;

  constructor(array: AnyArray, index: number) {
    this.array = array;
    this.index = index;
  }

  static of(kind: IntegerKind, memory: SharedArrayBuffer, at: number): Place {
    const Class = classOfKind('an atomic cell', kind);
    return new Place(new Class(memory, at, 1), 0);
  }
}

/** What it takes to make a cell again in another thread. */
export interface CellParts {
  kind: IntegerKind;
  memory: SharedArrayBuffer;
  /** Where in it, in bytes. */
  at: number;
}

export const noCellsBetweenProcesses = 'between processes use SharedMemory, with Atomics over it';

// Every kind of integer goes through the same steps of the language; one array type stands for all.
type Steps = ArrayOfKind['i32'];

/**
 * One whole number in shared memory, changed in steps that no other thread can come between. It is a field of a `struct`, or an element of a `SharedArray`:
 * `record.atomic.hits`, `array.atomic(3)`. Values wrap as in a typed array: 128 in an `i8` is -128.
 *
 * @example
 * ```ts run
 * import { struct } from 'meantime/threads';
 *
 * const Counter = struct({ hits: 'u8' });
 * const counter = new Counter();
 * counter.atomic.hits.add(255);
 * counter.atomic.hits.add(1); // => 255
 * counter.hits; // => 0
 * ```
 */
export class AtomicCell<V extends number | bigint = number> implements Traveller {
  /** The kind of number. */
  readonly kind: IntegerKind;
  /** @internal */
  protected readonly array: Steps;
  /** @internal */
  protected readonly index: number;

  /** @internal */
  constructor(kind: IntegerKind, place: Place) {
    this.kind = kind;
    this.array = place.array as unknown as Steps;
    this.index = place.index;
  }

  /** The value now. */
  load(): V {
    return plain.load(this.array, this.index) as V;
  }

  /** Sets the value. */
  store(value: V): void {
    plain.store(this.array, this.index, value as number);
  }

  /** Adds, and gives the value before. */
  add(value: V): V {
    return plain.add(this.array, this.index, value as number) as V;
  }

  /** Subtracts, and gives the value before. */
  sub(value: V): V {
    return plain.sub(this.array, this.index, value as number) as V;
  }

  /** Leaves the bits that both have, and gives the value before. */
  and(value: V): V {
    return plain.and(this.array, this.index, value as number) as V;
  }

  /** Sets the bits that one of both has, and gives the value before. */
  or(value: V): V {
    return plain.or(this.array, this.index, value as number) as V;
  }

  /** Flips the bits, and gives the value before. */
  xor(value: V): V {
    return plain.xor(this.array, this.index, value as number) as V;
  }

  /** Sets the value, and gives the one before. */
  exchange(value: V): V {
    return plain.exchange(this.array, this.index, value as number) as V;
  }

  /** Sets the value if it is the `expected` one, and gives the value before: it has been set if that is `expected`. */
  compareExchange(expected: V, value: V): V {
    return plain.compareExchange(this.array, this.index, expected as number, value as number) as V;
  }

  /** @internal */
  [travels](): Parcel {
    return { kind: 'threads/AtomicCell', parts: this.parts(), only: 'threads', instead: noCellsBetweenProcesses };
  }

  /** @internal */
  protected parts(): CellParts {
    return {
      kind: this.kind,
      memory: this.array.buffer,
      at: this.array.byteOffset + this.index * this.array.BYTES_PER_ELEMENT,
    };
  }
}

/** The parts of a cell, of one kind of number or of any. */
export const cellIn = (...kinds: readonly IntegerKind[]): PartsCheck =>
  both(fields({ kind: oneOf(...(kinds.length > 0 ? kinds : integerKinds)), memory: sharedMemory, at: whole(0) }), (v) =>
    fitsIn(v as CellParts, 1),
  );

/** @internal */
export function makeAtomicCell({ kind, memory, at }: CellParts): AtomicCell<NumberOf<IntegerKind>> {
  return new AtomicCell(kind, Place.of(kind, memory, at));
}
