import { OptionError, propertyOf } from '../../core/index.js';

/** What a `Float16Array` is where the runtime has it: the types of older ones do not know it. */
export interface HalfFloats extends Iterable<number> {
  readonly BYTES_PER_ELEMENT: number;
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly length: number;
  [index: number]: number;
  fill(value: number, start?: number, end?: number): this;
  set(values: ArrayLike<number>, offset?: number): void;
}

/** The typed array of each kind of number, over shared memory. */
export interface ArrayOfKind {
  i8: Int8Array<SharedArrayBuffer>;
  u8: Uint8Array<SharedArrayBuffer>;
  u8c: Uint8ClampedArray<SharedArrayBuffer>;
  i16: Int16Array<SharedArrayBuffer>;
  u16: Uint16Array<SharedArrayBuffer>;
  i32: Int32Array<SharedArrayBuffer>;
  u32: Uint32Array<SharedArrayBuffer>;
  i64: BigInt64Array<SharedArrayBuffer>;
  u64: BigUint64Array<SharedArrayBuffer>;
  f16: HalfFloats;
  f32: Float32Array<SharedArrayBuffer>;
  f64: Float64Array<SharedArrayBuffer>;
}

/**
 * A kind of number in shared memory: `i` and `u` are whole numbers with and without a sign, `f` floating point, and the digits are its bits. `u8c` is clamped
 * instead of wrapped. `f16` is there where the runtime has `Float16Array` (Node 24).
 */
export type NumberKind = keyof ArrayOfKind;
/** The kinds whose values are bigints. */
export type BigKind = 'i64' | 'u64';
/** The kinds on which atomic steps are possible. */
export type IntegerKind = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | BigKind;
/** The kinds on which a thread can wait. */
export type WaitableKind = 'i32' | 'i64';

/** What one number of a kind is in JavaScript. */
export type NumberOf<K extends NumberKind> = K extends BigKind ? bigint : number;

/** What the typed arrays of all kinds have in common. */
export interface AnyArray {
  readonly BYTES_PER_ELEMENT: number;
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly length: number;
  [index: number]: number | bigint;
}

/** The class of a typed array. */
export interface ArrayClass {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (memory: SharedArrayBuffer, at?: number, length?: number): AnyArray;
}

const half = propertyOf(globalThis, 'Float16Array');

/** The class of each kind that this runtime has. */
export const arrayClasses: ReadonlyMap<string, ArrayClass> = new Map(
  Object.entries({
    i8: Int8Array,
    u8: Uint8Array,
    u8c: Uint8ClampedArray,
    i16: Int16Array,
    u16: Uint16Array,
    i32: Int32Array,
    u32: Uint32Array,
    i64: BigInt64Array,
    u64: BigUint64Array,
    ...(half === undefined ? {} : { f16: half }),
    f32: Float32Array,
    f64: Float64Array,
  }) as unknown as [string, ArrayClass][],
);

export const integerKinds: readonly IntegerKind[] = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64'];
const integers = new Set<string>(integerKinds);
export const isInteger = (kind: string): kind is IntegerKind => integers.has(kind);
export const isBig = (kind: string): kind is BigKind => kind === 'i64' || kind === 'u64';

/** @throws {OptionError} that names the kinds there are. */
export function classOfKind(who: string, kind: unknown): ArrayClass {
  const Class = typeof kind === 'string' ? arrayClasses.get(kind) : undefined;
  if (Class === undefined) throw new OptionError(`${who}: ${whyNot(kind)}. Expected one of ${[...arrayClasses.keys()].join(', ')}`);
  return Class;
}

/** Whether so many numbers of a kind lie in the memory from a byte on; else what was expected. */
export function fitsIn({ kind, memory, at }: { kind: string; memory: SharedArrayBuffer; at: number }, length: number): string | undefined {
  const { BYTES_PER_ELEMENT: size } = classOfKind('a handle', kind);
  if (at % size === 0 && at + length * size <= memory.byteLength) return undefined;
  return `${length} numbers of ${size} bytes, in their places in shared memory of ${memory.byteLength}`;
}

function whyNot(kind: unknown): string {
  if (kind === 'f16') return 'f16 needs a runtime that has Float16Array';
  for (const [name, Class] of arrayClasses) if (Class === kind) return `a kind is a name: "${name}" for ${Class.name}`;
  return `there is no kind ${typeof kind === 'string' ? JSON.stringify(kind) : String(kind)}`;
}
