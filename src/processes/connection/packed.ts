import { type Leaving, TooLargeError, WireError } from '../../core/index.js';
import { decode, encode, missingKinds, needsCode, notCloneable } from '../../wire/index.js';

/*
 * A value of the user's on its way. It is packed when it is given, so that nothing that is done to it afterwards changes what arrives: a value that cannot change
 * travels as it is; a small plain one as a copy; any other as bytes, which whoever passes them on need not read.
 */

/** A primitive, a plain array or object, or bytes. Only `unpack` looks into it. */
export type Packed = unknown;

/** Above this (in parts, or in characters) a value is made bytes: the copy would cost more than a serializer does. */
const [PARTS, CHARACTERS] = [32, 512];
/** What a message costs beyond its content, in bytes: many empty ones must not look like nothing. */
const LEAST = 32;

const [PLAIN, CODED] = [Buffer.from([0]), Buffer.from([1])];

/** A value that can go. */
export interface Parcelled {
  readonly packed: Packed;
  /** About how many bytes it has: exact for one that is bytes. */
  readonly size: number;
  /** The things that leave in it, for `letLeave` once it has been taken; most often `undefined`. */
  readonly leaving: readonly Leaving[] | undefined;
}

/** What the copying of a small value has seen. */
let parts = 0;
let characters = 0;
let open: object[] = [];
/** Stands for: not so small, or not so plain. */
const not = Symbol('not');

/**
 * @param what For the message: `The message`.
 * @param most The largest size that is taken, in bytes.
 * @throws {NotCloneableError} if it cannot travel.
 * @throws {TooLargeError} if it is over `most`.
 */
export function pack(what: string, value: unknown, most: number): Parcelled {
  parts = 0;
  characters = 0;
  const small = trial(value);
  if (open.length > 0) open = [];
  if (small !== not) {
    const size = LEAST + 8 * parts + 2 * characters;
    if (size <= most) return { packed: small, size, leaving: undefined };
  }
  return toBytes(what, value, most);
}

function trial(value: unknown): unknown {
  try {
    return copy(value);
  } catch {
    return not; // a getter that throws: the serializer meets it too, and it is told then
  }
}

/** A copy of what is small and plain, and a tree; an object that is met twice must arrive as one. */
function copy(value: unknown): unknown {
  if (++parts > PARTS) return not;
  switch (typeof value) {
    case 'string':
      characters += value.length;
      return characters > CHARACTERS ? not : value;
    case 'bigint':
    case 'function':
    case 'symbol':
      return not;
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return value;
  const isArray = Array.isArray(value);
  const proto = Object.getPrototypeOf(value);
  if (isArray ? proto !== Array.prototype : proto !== Object.prototype) return not;
  if (open.includes(value)) return not;
  open.push(value);
  if (isArray) {
    const out: unknown[] = [];
    for (let i = 0; i < value.length; i++) {
      const item = i in value ? copy(value[i]) : not;
      if (item === not) return not;
      out.push(item);
    }
    return Object.keys(value).length === out.length ? out : not;
  }
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    characters += key.length;
    const item = key === '__proto__' ? not : copy((value as Record<string, unknown>)[key]);
    if (item === not) return not;
    out[key] = item;
  }
  return out;
}

function toBytes(what: string, value: unknown, most: number): Parcelled {
  const tooLarge = (size: number) => new TooLargeError(`${what} has ${size} bytes; at most ${most} are taken`);
  // Found before it is copied.
  const { types } = process.getBuiltinModule('node:util');
  if ((ArrayBuffer.isView(value) || types.isArrayBuffer(value)) && value.byteLength > most) throw tooLarge(value.byteLength);
  const { Serializer } = process.getBuiltinModule('node:v8');
  let leaving: Leaving[] | undefined;
  let bytes: Buffer;
  try {
    if (needsCode(value)) leaving = [];
    const serializer = new Serializer();
    serializer.writeRawBytes(leaving === undefined ? PLAIN : CODED);
    serializer.writeHeader();
    serializer.writeValue(leaving === undefined ? value : encode(value, 'bytes', leaving));
    bytes = serializer.releaseBuffer();
  } catch (error) {
    throw notCloneable(what, [value], () => 'it', error);
  }
  if (bytes.length > most) throw tooLarge(bytes.length);
  return { packed: bytes, size: bytes.length + LEAST, leaving: leaving?.length ? leaving : undefined };
}

let reading = false;

/**
 * Whether what arrives now was taken out of a message, by somebody who wanted it. Arguments of a
 * call may be made and never used: the call is given to another worker.
 */
export const isReading = (): boolean => reading;

function decodeTaken(value: unknown): unknown {
  const outer = reading;
  reading = true;
  try {
    return decode(value);
  } finally {
    reading = outer;
  }
}

/** A value of which something has to be loaded first: `load` settles when `unpack` can be asked. */
export class NotLoaded {
  readonly load: Promise<unknown>;

  constructor(load: Promise<unknown>) {
    this.load = load;
    load.catch(() => undefined); // it is told to those who wait for the value, if there are any
  }
}

/**
 * The value again: a copy of this side's own. Call it once.
 *
 * @returns a `NotLoaded` if the makers of a handle in it have to be loaded.
 * @throws {WireError} if the bytes are no value.
 */
export function unpack(packed: Packed): unknown {
  if (!ArrayBuffer.isView(packed)) return packed;
  const bytes = packed as Buffer;
  const { Deserializer } = process.getBuiltinModule('node:v8');
  let value: unknown;
  try {
    const deserializer = new Deserializer(bytes.subarray(1));
    deserializer.readHeader();
    value = deserializer.readValue();
  } catch (cause) {
    throw new WireError(`A message of ${bytes.length} bytes holds no value: ${(cause as Error).message}`, { cause });
  }
  if (bytes[0] !== CODED[0]) return value;
  const load = missingKinds(value);
  return load === undefined ? decodeTaken(value) : new NotLoaded(load);
}

/** The same, also if something has to be loaded first. What goes wrong is given as the value: this is for values that are errors. */
export function unpackThen(packed: Packed, take: (value: unknown) => void): void {
  try {
    const value = unpack(packed);
    if (!(value instanceof NotLoaded)) return take(value);
    const again = () => unpackThen(packed, take);
    value.load.then(again, take);
  } catch (error) {
    take(error);
  }
}
