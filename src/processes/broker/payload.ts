import { TooLargeError, WireError } from '../../core/index.js';
import { decode, encode, missingKinds, needsCode, notCloneable } from '../../wire/index.js';

/**
 * A value on its way through a broker, which does not look into it: JSON where that says exactly the same, which is several times faster for small things, else
 * bytes: whether it is encoded, and V8's structured clone.
 */
export type Payload = string | Uint8Array;

/** The largest value, in bytes: several must fit into one message. */
export const LARGEST_VALUE = 2 ** 28;

/** How many objects are looked at for JSON. More are left to structured clone, which gains on larger ones. */
const FEW = 16;
/** The same for the items of an array. */
const MANY = 256;
const objects: object[] = [];

/**
 * @param what For the message: `The item`.
 * @throws {NotCloneableError} if it cannot travel; or {TooLargeError}.
 */
export function pack(value: unknown, what: string): Payload {
  objects.length = 0;
  if (isPlain(value, 0)) {
    const text = JSON.stringify(value);
    return text.length > LARGEST_VALUE ? tooLarge(what, text.length) : text;
  }
  objects.length = 0;
  // Found before it is copied.
  if ((ArrayBuffer.isView(value) || value instanceof ArrayBuffer) && value.byteLength > LARGEST_VALUE) tooLarge(what, value.byteLength);
  try {
    const coded = needsCode(value);
    const { Serializer } = process.getBuiltinModule('node:v8');
    const serializer = new Serializer();
    serializer.writeRawBytes(coded ? CODED : PLAIN);
    serializer.writeHeader();
    serializer.writeValue(coded ? encode(value, 'bytes') : value);
    const bytes = serializer.releaseBuffer();
    return bytes.length > LARGEST_VALUE ? tooLarge(what, bytes.length) : bytes;
  } catch (cause) {
    if (cause instanceof TooLargeError) throw cause;
    throw notCloneable(what, [value], () => 'it', cause);
  }
}

const [PLAIN, CODED] = [Buffer.from([0]), Buffer.from([1])];

/** The value again, or a `Loading` if makers of handles have to be loaded first. */
export function unpack(payload: Payload): unknown {
  if (typeof payload === 'string') return JSON.parse(payload);
  if (!(payload instanceof Uint8Array)) throw new WireError('What came out of a queue is no item');
  const { Deserializer } = process.getBuiltinModule('node:v8');
  const deserializer = new Deserializer(payload.subarray(1));
  deserializer.readHeader();
  const value = deserializer.readValue();
  if (payload[0] === 0) return value;
  const loading = missingKinds(value);
  return loading === undefined ? decode(value) : new Loading(loading, value);
}

/** A value that has to wait for the makers of its handles. */
export class Loading {
  readonly value: Promise<unknown>;

  constructor(loading: Promise<unknown>, value: unknown) {
    this.value = loading.then(() => decode(value));
  }
}

/** Of what is sent, in bytes, roughly. */
export function sizeOf(data: unknown): number {
  if (typeof data === 'string' || data instanceof Uint8Array) return data.length;
  if (Array.isArray(data)) {
    let size = 0;
    for (const part of data) size += sizeOf(part);
    return size;
  }
  return 0;
}

/** Whether JSON makes the very same of it: no `undefined`, no -0 or NaN, no object twice, no class, nothing marked by `wire`. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth > 4 || objects.length >= FEW || objects.includes(value)) return false;
  objects.push(value);
  if (Array.isArray(value)) {
    if (value.length > MANY) return false;
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false; // a hole reads as undefined
    return Object.keys(value).length === value.length;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key in value) {
    if (key === '@meantime' || !isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

function tooLarge(what: string, size: number): never {
  throw new TooLargeError(`${what} takes ${size} bytes, which is more than the ${LARGEST_VALUE} that one may`);
}
