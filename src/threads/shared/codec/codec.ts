import type * as V8 from 'node:v8';
import { NotCloneableError } from '../../../core/index.js';
import { decode, encode, needsCode, notCloneable } from '../../../wire/index.js';
import { readPlain } from './read-plain.js';
import { unshareable } from './unshareable.js';
import { writePlain, written } from './write-plain.js';

/** How a value is written: compactly, by V8, or by V8 after what it cannot carry (errors) was replaced. */
export const PLAIN = 0;
export const CLONED = 1;
export const CODED = 2;
/** The bytes themselves: a Uint8Array that is the whole of its buffer. */
export const RAW = 3;

/** A value as bytes. */
export interface Packed {
  readonly format: number;
  readonly length: number;
  /** At least `length` of them. Those of the compact form are overwritten by the next `pack`: see `keep`. */
  readonly bytes: Uint8Array;
  /** Whether there are just so many, and they are whoever's this is. */
  readonly own: boolean;
}

let v8: typeof V8 | undefined;
function engine(): typeof V8 {
  v8 ??= process.getBuiltinModule('node:v8');
  return v8;
}

const plain = { format: PLAIN, length: 0, bytes: written, own: false };

/**
 * A value as bytes. Until the next call only.
 *
 * @throws {NotCloneableError} for what structured clone does not carry, and for what is more than bytes: shared memory and handles.
 */
export function pack(value: unknown): Packed {
  let length: number;
  try {
    length = writePlain(value);
    if (length < 0) return isRaw(value) ? { format: RAW, length: value.length, bytes: value, own: false } : packClone(value);
  } catch (cause) {
    throw refusal(value, cause);
  }
  plain.length = length;
  return plain;
}

/** The same for longer than until the next `pack`, or until the value is changed. */
export function keep({ format, length, bytes }: Packed): Packed {
  return { format, length, bytes: bytes === written || format === RAW ? bytes.slice(0, length) : bytes, own: true };
}

/** Whether structured clone would make nothing else of it than a copy of its bytes: of a view it copies all that is viewed. */
const isRaw = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array &&
  value.length > 0 &&
  value.buffer instanceof ArrayBuffer &&
  value.byteLength === value.buffer.byteLength &&
  (value.buffer as { resizable?: boolean }).resizable !== true;

function packClone(value: unknown): Packed {
  const coded = needsCode(value);
  const what = coded ? unshareable(value, 'it') : undefined;
  if (what !== undefined) throw new Error(what);
  const serializer = new (engine().Serializer)();
  serializer.writeHeader();
  serializer.writeValue(coded ? encode(value, 'data') : value);
  const bytes = serializer.releaseBuffer();
  return { format: coded ? CODED : CLONED, length: bytes.length, bytes, own: true };
}

/** The value again: a copy of this thread's own. */
export function unpack({ format, bytes, length, own }: Packed): unknown {
  if (format === PLAIN) return readPlain(bytes);
  if (format === RAW) return own ? bytes : bytes.slice(0, length);
  const deserializer = new (engine().Deserializer)(bytes.length === length ? bytes : bytes.subarray(0, length));
  deserializer.readHeader();
  const value: unknown = deserializer.readValue();
  return format === CODED ? decode(value) : value;
}

function refusal(value: unknown, cause: unknown): NotCloneableError {
  const what = unshareable(value, 'it');
  if (what === undefined) return notCloneable('A value for a SharedQueue', [value], () => 'it', cause);
  return new NotCloneableError(`A value for a SharedQueue cannot travel: ${what}. Pass it to the thread as an argument of its call`, {
    cause,
  });
}
