import type { ArrayOfKind, IntegerKind, NumberKind, NumberOf } from '../kinds.js';
import type { AtomicOf } from '../shared-array.js';
import type { StructArray } from './struct-array.js';

/**
 * A string of at most `bytes` bytes of UTF-8, as a type of a field. Made by `text`.
 *
 * @example
 * ```ts run
 * import { text } from 'meantime/threads';
 *
 * text(8).bytes; // => 8
 * ```
 */
export class TextType {
  readonly bytes: number;

  /** @internal */
  constructor(bytes: number) {
    this.bytes = bytes;
    Object.freeze(this);
  }
}

/**
 * A fixed number of one thing in a row, as a type of a field. Made by `array`.
 *
 * @example
 * ```ts run
 * import { array } from 'meantime/threads';
 *
 * array('f64', 3).length; // => 3
 * ```
 */
export class ArrayType<E extends NumberKind | Schema | AnyStruct = NumberKind | Schema | AnyStruct> {
  readonly of: E;
  readonly length: number;

  /** @internal */
  constructor(of: E, length: number) {
    this.of = of;
    this.length = length;
    Object.freeze(this);
  }
}

/** What a field can be: a number, a flag, a string of a fixed size, another struct, or an array of numbers or of structs. */
export type FieldType = NumberKind | 'bool' | TextType | ArrayType | Schema | AnyStruct;

/** A struct of whatever fields. */
export interface AnyStruct {
  readonly size: number;
  readonly alignment: number;
  readonly layout: readonly FieldPlace[];
}

/** The fields of a struct, by name. */
export interface Schema {
  readonly [field: string]: FieldType;
}

/** What is read from a field. Of what is more than one value it is a view: it changes with the memory. */
export type FieldValue<F> = F extends NumberKind
  ? NumberOf<F>
  : F extends 'bool'
    ? boolean
    : F extends TextType
      ? string
      : F extends ArrayType<infer E>
        ? E extends NumberKind
          ? ArrayOfKind[E]
          : StructArray<SchemaOf<E>>
        : StructRecord<SchemaOf<F>>;

/** What can be put into a field. */
export type FieldInit<F> = F extends NumberKind
  ? NumberOf<F>
  : F extends 'bool'
    ? boolean
    : F extends TextType
      ? string
      : F extends ArrayType<infer E>
        ? Iterable<E extends NumberKind ? NumberOf<E> : StructInit<SchemaOf<E>>>
        : StructInit<SchemaOf<F>>;

/** What a field is in the atomic view. */
export type FieldAtomic<F> = F extends NumberKind
  ? AtomicOf<F>
  : F extends ArrayType<infer E>
    ? (index: number) => E extends NumberKind ? AtomicOf<E> : AtomicView<SchemaOf<E>>
    : AtomicView<SchemaOf<F>>;

/** The schema of a struct that is given as a class or as its fields. */
export type SchemaOf<F> = F extends StructClass<infer S> ? S : F extends AnyStruct ? never : F extends Schema ? F : never;

type HasAtomic<F> = F extends IntegerKind
  ? true
  : F extends ArrayType<infer E>
    ? HasAtomic<E>
    : F extends NumberKind | 'bool' | TextType
      ? false
      : true;

/** The whole numbers of a record, to be changed in atomic steps: each field an `AtomicInt32` or the like, each array a function of the index. */
export type AtomicView<S extends Schema> = { readonly [F in keyof S as HasAtomic<S[F]> extends true ? F : never]: FieldAtomic<S[F]> };

/** Some of the fields, to be set. */
export type StructInit<S extends Schema> = { readonly [F in keyof S]?: FieldInit<S[F]> };

/** A record in shared memory. */
export type StructRecord<S extends Schema> = { -readonly [F in keyof S]: FieldValue<S[F]> } & RecordMethods<S>;

/** What every record has beside its fields. */
export interface RecordMethods<S extends Schema> {
  /** The whole numbers, to be changed in atomic steps. */
  readonly atomic: AtomicView<S>;
  /**
   * Sets some of the fields, one after the other.
   *
   * @throws {OptionError} for an unknown field or an array of another length, {TooLargeError} for a string that does not fit. What comes before it is set.
   */
  set(fields: StructInit<S> | StructRecord<S>): void;
  /** A copy as plain data: objects, arrays, strings and numbers. */
  toJSON(): Record<string, unknown>;
}

/** Where a field lies. */
export interface FieldPlace {
  readonly name: string;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
}

/** A kind of record, made by `struct`. */
export interface StructClass<S extends Schema> extends AnyStruct {
  /**
   * A record in memory of its own, 0 everywhere but in the `fields` that are given.
   *
   * @throws what `set` throws.
   */
  new (fields?: StructInit<S>): StructRecord<S>;
  /** How many bytes a record takes. */
  readonly size: number;
  /** At what multiples of how many bytes a record can begin. */
  readonly alignment: number;
  /** Where its fields lie. */
  readonly layout: readonly FieldPlace[];
  /**
   * So many records in one block of memory.
   *
   * @throws {OptionError} if that is not a whole number from 0.
   */
  array(length: number): StructArray<S>;
  /**
   * The record that lies in a block of memory.
   *
   * @param at Where it begins, in bytes. Default: 0.
   * @throws {OptionError} if it would not fit, or is not aligned.
   */
  over(memory: SharedArrayBuffer, at?: number): StructRecord<S>;
}
