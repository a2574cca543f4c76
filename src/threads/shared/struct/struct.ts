import { both, fields, OptionError, type PartsCheck, sharedMemory, whole } from '../../../core/index.js';
import type { NumberKind } from '../kinds.js';
import { classOf, kindsIn } from './compile.js';
import { describe, describeStruct, isDescription, layOut, measure } from './layout.js';
import { MOST } from './record.js';
import { type AnyStruct, ArrayType, type FieldType, type Schema, type StructClass, type StructRecord, TextType } from './schema.js';
import { StructArray, type StructArrayParts } from './struct-array.js';
import { Views } from './views.js';

/**
 * A kind of record in memory that threads share. Passed as an argument, at any depth, a record arrives as itself: its fields are the same memory.
 *
 * A field is a number (`'f64'`, `'i32'`, `'u8'` … ), a `'bool'`, a string of a fixed size (`text(bytes)`), another struct or the fields of one, or an array of
 * numbers or structs (`array(of, length)`). Numbers that do not fit become what a typed array makes of them: whole numbers wrap, floating-point ones are rounded, `u8c` is
 * clamped. Plain fields are as fast as typed arrays, and as unguarded: of two threads that change one at once, one loses. `record.atomic.hits.add(1)` loses nothing.
 *
 * Fields lie in the order in which they are written, each at a multiple of its alignment, as in C: a number's is its size, a string's 4, an array's that of its
 * elements, a struct's the largest of its fields. The whole is padded to a multiple of its own. A string is 4 bytes of length and its bytes in UTF-8.
 *
 * The same fields are the same class, wherever they are written down.
 *
 * @throws {OptionError} for an unknown kind, a name that is not an identifier or that every record has (`set`, `atomic`, `toJSON`), or no fields at all.
 *
 * @example
 * ```ts run
 * import { array, struct, text } from 'meantime/threads';
 *
 * const Player = struct({ name: text(16), at: { x: 'f64', y: 'f64' }, hits: 'i32', best: array('u16', 3) });
 * const player = new Player({ name: 'Ada', at: { x: 1.5 }, best: [9, 8, 7] });
 * player.at.y = 2;
 * player.atomic.hits.add(1);
 * player.toJSON(); // => { name: 'Ada', at: { x: 1.5, y: 2 }, hits: 1, best: [9, 8, 7] }
 * Player.size; // => 56
 * ```
 */
export function struct<const S extends Schema>(fields: S): StructClass<S> {
  return classOf(describeStruct(fields, 'struct')) as unknown as StructClass<S>;
}

/**
 * A string of a fixed size, as a field of a `struct`. A longer one is refused with a TooLargeError; lone surrogates with an OptionError, as UTF-8 has none.
 *
 * @param bytes The most it takes in UTF-8.
 * @throws {OptionError} unless it is a whole number from 1.
 *
 * @example
 * ```ts run
 * import { struct, text } from 'meantime/threads';
 *
 * const Word = struct({ word: text(5) });
 * new Word({ word: 'naïf' }).word; // => 'naïf'
 * new Word({ word: 'naïve' }); // => throws TooLargeError
 * ```
 */
export function text(bytes: number): TextType {
  mustCount('text', bytes);
  return new TextType(bytes);
}

/**
 * A fixed number of numbers or structs in a row, as a field of a `struct`. Numbers are read as a typed array.
 *
 * @throws {OptionError} for what cannot be in an array, or a length that is not a whole number from 1.
 *
 * @example
 * ```ts run
 * import { array, struct } from 'meantime/threads';
 *
 * const Path = struct({ points: array({ x: 'f32', y: 'f32' }, 4), seen: array('u8', 4) });
 * const path = new Path({ seen: [1, 2, 3, 4] });
 * path.points.get(2).x = 0.5;
 * path.atomic.seen(3).add(1); // => 4
 * [...path.seen]; // => [1, 2, 3, 5]
 * ```
 */
export function array<const E extends NumberKind | Schema | AnyStruct>(of: E, length: number): ArrayType<E> {
  mustCount('array', length);
  describe(new ArrayType(of, length), 'array');
  return new ArrayType(of, length);
}

const most = whole(1, 2 ** 32 - 1);
function mustCount(who: string, count: number): void {
  const expected = most(count);
  if (expected !== undefined) throw new OptionError(`${who} expects ${expected}, got ${String(count)}`);
}

/**
 * How many bytes a field of this type, or a record of this struct, takes.
 *
 * @example
 * ```ts run
 * import { array, sizeOf, struct, text } from 'meantime/threads';
 *
 * sizeOf('f64'); // => 8
 * sizeOf(text(6)); // => 12
 * sizeOf(array(struct({ a: 'u8', b: 'i32' }), 10)); // => 80
 * ```
 */
export function sizeOf(type: FieldType): number {
  return measure(describe(type, 'sizeOf')).size;
}

/** The parts of a record, or of several in a row. */
export const recordsIn: PartsCheck = both(
  fields({
    struct: (v) => (isDescription(v) ? undefined : 'the description of a struct'),
    memory: sharedMemory,
    at: whole(0, MOST),
    length: whole(0, MOST),
  }),
  (v) => {
    const { struct, memory, at, length } = v as StructArrayParts;
    const { size, alignment } = layOut(struct);
    if (at % alignment === 0 && at + length * size <= Math.min(memory.byteLength, MOST)) return undefined;
    return `${length} records of ${size} bytes, in their places in shared memory of ${memory.byteLength}`;
  },
);

/** @internal */
export function makeStruct({ struct, memory, at }: StructArrayParts): StructRecord<Schema> {
  return new (classOf(struct))(new Views(memory, kindsIn(struct)), at) as StructRecord<Schema>;
}

/** @internal */
export function makeStructArray({ struct, memory, at, length }: StructArrayParts): StructArray<Schema> {
  return new StructArray(classOf(struct), new Views(memory, kindsIn(struct)), at, length);
}
