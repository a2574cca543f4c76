import { bare, didYouMean, OptionError, type Parcel, travels } from '../../../core/index.js';
import { type AnyArray, classOfKind, type IntegerKind } from '../kinds.js';
import { atomicAt } from '../shared-array.js';
import { described, type Layout, type PlainStruct } from './layout.js';
import { noStructsBetweenProcesses, type RecordClass, StructArray, type StructArrayParts } from './struct-array.js';
import { Views } from './views.js';

/** The typed arrays that a record lies in. */
export const VIEWS: unique symbol = Symbol('views');
/** Where it begins, in bytes. */
export const AT: unique symbol = Symbol('at');

interface RecordHere {
  [VIEWS]: Views;
  [AT]: number;
  [field: string]: unknown;
}

const inspect = Symbol.for('nodejs.util.inspect.custom');

/** Offsets are kept in 32 bits: more cannot be reached. */
export const MOST = 2 ** 32 - 8;

/** Memory for so many bytes, up to the end of a word. */
export function newMemory(bytes: number): SharedArrayBuffer {
  if (bytes > MOST) throw new OptionError(`A struct, or an array of them, has at most ${MOST} bytes, got ${bytes}`);
  return new SharedArrayBuffer(Math.ceil(bytes / 8) * 8);
}

/** What every record has beside its fields, and its class beside them. */
export function addMethods(Record: RecordClass, struct: PlainStruct, layout: Layout, kinds: ReadonlySet<string>): void {
  const names = layout.fields.map(({ name }) => name);
  const known = new Set(names);
  const methods = {
    set(this: RecordHere, values: object): void {
      if (typeof values !== 'object' || values === null)
        throw new OptionError(`A struct expects its fields as an object, got ${String(values)}`);
      for (const name of values instanceof Record ? names : Object.keys(values)) {
        if (!known.has(name)) throw new OptionError(`This struct has no field "${name}"${didYouMean(name, names)}`);
        const value = (values as RecordHere)[name];
        if (value !== undefined) this[name] = value;
      }
    },
    toJSON(this: RecordHere): Record<string, unknown> {
      return Object.fromEntries(names.map((name) => [name, copyOf(this[name])]));
    },
    [inspect](this: RecordHere): unknown {
      return (this as unknown as { toJSON(): unknown }).toJSON();
    },
    [travels](this: RecordHere): Parcel {
      const parts: StructArrayParts = { struct, memory: this[VIEWS].memory, at: this[AT], length: 1 };
      return { kind: 'threads/struct', parts, only: 'threads', instead: noStructsBetweenProcesses };
    },
  };
  hide(Record.prototype, methods);
  const inMemory = (memory: SharedArrayBuffer): Views => new Views(memory, kinds);
  hide(Record, {
    [described]: struct,
    size: layout.size,
    alignment: layout.alignment,
    layout: Object.freeze(layout.fields.map(({ name, offset, size }) => Object.freeze({ name, offset, size }))),
    array(this: RecordClass, length: number): unknown {
      if (!Number.isInteger(length) || length < 0)
        throw new OptionError(`array() expects a whole number of records from 0, got ${String(length)}`);
      return new StructArray(this, inMemory(newMemory(length * layout.size)), 0, length);
    },
    over(this: RecordClass, memory: SharedArrayBuffer, at = 0): unknown {
      mustFit(memory, at, layout);
      return new this(inMemory(memory), at);
    },
  });
}

function hide(target: object, members: object): void {
  for (const key of Reflect.ownKeys(members)) {
    Object.defineProperty(
      target,
      key,
      bare({
        value: (members as Record<PropertyKey, unknown>)[key as string],
        configurable: true,
        writable: true,
      }),
    );
  }
}

function mustFit(memory: SharedArrayBuffer, at: number, { size, alignment }: Layout): void {
  if (!(memory instanceof SharedArrayBuffer)) throw new OptionError(`over() expects a SharedArrayBuffer, got ${String(memory)}`);
  if (!Number.isInteger(at) || at < 0 || at % alignment !== 0) {
    throw new OptionError(`over() expects a multiple of ${alignment} bytes to begin at, got ${String(at)}`);
  }
  if (at + size > Math.min(memory.byteLength, MOST)) {
    throw new OptionError(`over() expects ${size} bytes from ${at} on, and there are ${memory.byteLength} in all`);
  }
}

function copyOf(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  return typeof value === 'object' && value !== null ? (value as { toJSON(): unknown }).toJSON() : value;
}

/** The numbers of a field that is an array. */
export function numbersAt(kind: string, views: Views, at: number, length: number): AnyArray {
  return new (classOfKind('struct', kind))(views.memory, at, length);
}

/** The atomic view of one of them. */
export function atomicIn(kind: IntegerKind, views: Views, at: number, length: number, index: number): unknown {
  if (!Number.isInteger(index) || index < 0 || index >= length) {
    throw new OptionError(`This array has no index ${String(index)}: it has ${length} numbers, from index 0`);
  }
  return atomicAt(kind, numbersAt(kind, views, at, length), index);
}

/** Sets all elements of a field that is an array. */
export function setAll(target: AnyArray | StructArray<never>, values: Iterable<never>, field: string): void {
  const all = typeof values?.[Symbol.iterator] === 'function' ? [...values] : undefined;
  if (all?.length !== target.length) {
    throw new OptionError(`Field "${field}" expects ${target.length} values, got ${all === undefined ? String(values) : all.length}`);
  }
  all.forEach((value, i) => {
    if (target instanceof StructArray) (target.get(i) as unknown as { set(value: unknown): void }).set(value);
    else target[i] = value;
  });
}
