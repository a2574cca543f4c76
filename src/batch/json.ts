import { bare, entriesOf, inherits, membersOf, propertyOf, shownJson } from '../core/index.js';
/**
 * A value as one line of JSON, whatever it is. What JSON lacks is written as its nearest: `undefined` and functions as null, a BigInt
 * as a string of digits, a Map as an array of pairs, a Set as an array, bytes as base64, other typed arrays as arrays, an Error as
 * name and message, a cycle as the text `[Circular]`.
 *
 * @internal
 * @throws only what the value's own `toJSON` or getters throw, or RangeError for a text that no
 * string can hold, or for more objects than `MOST`.
 */
export function toJson(value: unknown): string {
  const json = jsonOf(value);
  return NOT_PLAIN.test(json) ? shownJson(json) : json;
}

/** Most lines are plain, and looked at is looked at once. */
const NOT_PLAIN = /[^ -~]/;

function jsonOf(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'object':
      // Most values are plain, and for them the built-in without a replacer is several times faster.
      return JSON.stringify(isPlain(value, { objects: PLENTY }, 0) ? value : plain(value, bare({ path: new Set<object>(), left: MOST })));
    default:
      return JSON.stringify(plain(value, bare({ path: new Set<object>(), left: MOST }))) ?? 'null';
  }
}

/** An error as a record keeps it. */
export interface ErrorRecord {
  name: string;
  message: string;
  code?: string | number;
  stack?: string;
  cause?: ErrorRecord;
}

/** What was thrown, as plain data. */
export function errorRecord(thrown: unknown, withStack = true, depth = 0): ErrorRecord {
  if (typeof thrown !== 'object' || thrown === null || !inherits(thrown, Error.prototype))
    return bare({ name: 'Thrown', message: safeText(thrown) });
  const [name, message, code, cause, stack] = ['name', 'message', 'code', 'cause', 'stack'].map((key) => propertyOf(thrown, key));
  const record: ErrorRecord = bare({ name: safeText(name), message: safeText(message) });
  if (typeof code === 'string' || typeof code === 'number') record.code = code;
  if (withStack && typeof stack === 'string') record.stack = stack;
  if (cause !== undefined && depth < 3) record.cause = errorRecord(cause, false, depth + 1);
  return record;
}

function safeText(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? toJson(value) : String(value);
  } catch (error) {
    return `a value that cannot be shown: ${String(error)}`;
  }
}

/** Deeper than this, or with more objects, a value is looked at with care: among other things it may be a cycle. */
const DEEP = 32;
const PLENTY = 50_000;

const { types } = process.getBuiltinModule('node:util');

/**
 * An object is written wherever it is found: a few that hold one another twice each would be
 * written billions of times.
 */
const MOST = 2 ** 22;

/** An array that is this long and mostly holes is not written out: each hole would be a `null`. */
const LONG = 2 ** 22;

function mustBeWritable(array: readonly unknown[]): void {
  if (array.length > LONG && Object.keys(array).length < array.length / 2)
    throw new RangeError(`an array of ${array.length} places, most of them empty, is too long to be written`);
}

function isPlain(value: unknown, left: { objects: number }, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint';
  if (depth > DEEP || left.objects-- === 0) return false;
  if (Array.isArray(value)) {
    mustBeWritable(value);
    return value.every((item) => isPlain(item, left, depth + 1));
  }
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return types.isDate(value);
  for (const key of Object.keys(value)) if (!isPlain((value as Record<string, unknown>)[key], left, depth + 1)) return false;
  return true;
}

/** The objects around a value, and how many more may be copied. */
interface Copying {
  readonly path: Set<object>;
  left: number;
}

function plain(value: unknown, copying: Copying): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  const { path } = copying;
  if (path.has(value)) return '[Circular]';
  if (copying.left-- === 0)
    throw new RangeError(`a value with more than ${MOST} objects, each as often as it is there, is too large to be written`);
  path.add(value);
  const result = plainObject(value, copying);
  path.delete(value);
  return result;
}

function plainObject(value: object, copying: Copying): unknown {
  if (types.isUint8Array(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (types.isAnyArrayBuffer(value)) return Buffer.from(value).toString('base64');
  if (types.isDataView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, (item) => plain(item, copying));
  if (inherits(value, Error.prototype)) return errorRecord(value, false);
  if (types.isRegExp(value)) return String(value);
  const toJSON = propertyOf(value, 'toJSON');
  if (typeof toJSON === 'function') return plain(toJSON.call(value, ''), copying);
  if (Array.isArray(value)) {
    mustBeWritable(value);
    return Array.from({ length: value.length }, (_, i) => plain(value[i], copying));
  }
  if (types.isSet(value)) return membersOf(value).map((item) => plain(item, copying));
  if (types.isMap(value)) return pairs(entriesOf(value)).map((pair) => plain(pair, copying));
  const out: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) out[key] = plain((value as Record<string, unknown>)[key], copying);
  return out;
}

function pairs(entries: readonly unknown[]): [unknown, unknown][] {
  const out: [unknown, unknown][] = [];
  for (let i = 0; i < entries.length; i += 2) out.push([entries[i], entries[i + 1]]);
  return out;
}
