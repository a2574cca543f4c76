import { ARRAY, DOUBLE, FALSE, HOLE, INT8, INT32, INT64, NULL, SHORT_TEXT, SMALL, TEXT, TRUE, UNDEFINED, WIDE_TEXT } from './tags.js';
import { headOf } from './written-shapes.js';

/*
 * Plain values into bytes, many times as fast as the serializer of V8, whose set-up alone takes longer than most small values do here. What is not plain, or so
 * large that V8 is as good, is left to it: `writePlain` gives -1.
 */

/** The most that a value takes in the compact form. */
export const MOST_PLAIN = 8192;
/** More than any value without a length of its own. */
const SLACK = 16;
const LAST = MOST_PLAIN - SLACK;

const memory = new ArrayBuffer(MOST_PLAIN);
/** Where the last value was written, as bytes and as words. */
export const written = new Uint8Array(memory);
export const writtenWords = new Int32Array(memory);

const number = new Float64Array(1);
const bigint = new BigInt64Array(number.buffer);
const numberBytes = new Uint8Array(number.buffer);

const MOST_OBJECTS = 32;
const MOST_ELEMENTS = 64;
const MOST_TEXT = 2048;

const [least64, most64] = [-(2n ** 63n), 2n ** 63n - 1n];
const plainProto = Object.prototype;
const hasOwn = plainProto.hasOwnProperty;

/** Where the next byte goes. Loops count in a variable of their own: one of a module is kept in memory. */
let at = 0;
/** Whether a value is being written: what a getter of it packs is left to V8. */
let busy = false;
/** The objects that the value has: one that comes twice, or is inside of itself, is left to V8. */
const objects: (object | undefined)[] = new Array<undefined>(MOST_OBJECTS).fill(undefined);
let seen = 0;

/** Writes a value to `written`, and gives how many bytes it takes; -1 if it is not plain. @throws what a getter throws. */
export function writePlain(value: unknown): number {
  if (busy) return -1;
  at = 0;
  busy = true;
  try {
    return write(value) ? at : -1;
  } finally {
    busy = false;
    while (seen > 0) objects[--seen] = undefined;
  }
}

function write(value: unknown): boolean {
  if (at > LAST) return false;
  switch (typeof value) {
    case 'number':
      writeNumber(value);
      return true;
    case 'string':
      return writeText(value);
    case 'boolean':
      written[at++] = value ? TRUE : FALSE;
      return true;
    case 'undefined':
      written[at++] = UNDEFINED;
      return true;
    case 'bigint':
      return writeBigint(value);
    case 'object':
      if (value !== null) return writeObject(value);
      written[at++] = NULL;
      return true;
    default:
      return false;
  }
}

function writeNumber(value: number): void {
  const whole = value | 0;
  if (whole !== value || (whole === 0 && 1 / value < 0)) {
    number[0] = value;
    writeEight(DOUBLE);
  } else if (whole >= 0 && whole < SMALL) written[at++] = SMALL + whole;
  else if (whole >= -128 && whole < 128) {
    written[at++] = INT8;
    written[at++] = whole;
  } else {
    const bytes = written;
    const to = at;
    bytes[to] = INT32;
    bytes[to + 1] = whole;
    bytes[to + 2] = whole >> 8;
    bytes[to + 3] = whole >> 16;
    bytes[to + 4] = whole >> 24;
    at = to + 5;
  }
}

function writeEight(tag: number): void {
  const bytes = written;
  const to = at;
  bytes[to] = tag;
  for (let i = 0; i < 8; i++) bytes[to + 1 + i] = numberBytes[i];
  at = to + 9;
}

function writeBigint(value: bigint): boolean {
  if (value < least64 || value > most64) return false;
  bigint[0] = value;
  writeEight(INT64);
  return true;
}

function writeText(value: string): boolean {
  const { length } = value;
  if (length > MOST_TEXT || at + length > LAST) return false;
  const start = at;
  if (length < 256) {
    written[at++] = SHORT_TEXT;
    written[at++] = length;
  } else writeLength(TEXT, length);
  const bytes = written;
  const to = at;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code > 255) {
      at = start;
      return writeWide(value);
    }
    bytes[to + i] = code;
  }
  at = to + length;
  return true;
}

function writeWide(value: string): boolean {
  const { length } = value;
  if (at + 2 * length > LAST) return false;
  writeLength(WIDE_TEXT, length);
  const bytes = written;
  let to = at;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    bytes[to++] = code;
    bytes[to++] = code >> 8;
  }
  at = to;
  return true;
}

function writeLength(tag: number, length: number): void {
  written[at++] = tag;
  written[at++] = length;
  written[at++] = length >> 8;
}

function writeObject(value: object): boolean {
  const isArray = Array.isArray(value);
  if (!isArray) {
    const proto = Object.getPrototypeOf(value);
    if (proto !== plainProto && proto !== null) return false;
  }
  if (seen === MOST_OBJECTS) return false;
  for (let i = 0; i < seen; i++) if (objects[i] === value) return false;
  objects[seen++] = value;
  return isArray ? writeArray(value) : writeRecord(value);
}

function writeArray(value: readonly unknown[]): boolean {
  const { length } = value;
  if (length > MOST_ELEMENTS) return false;
  const keys = Object.keys(value).length;
  let present = 0;
  written[at++] = ARRAY;
  written[at++] = length;
  for (let i = 0; i < length; i++) {
    if (value[i] !== undefined || hasOwn.call(value, i)) {
      present++;
      if (!write(value[i])) return false;
    } else {
      if (at > LAST) return false;
      written[at++] = HOLE;
    }
  }
  return present === keys; // else it has properties beside its elements
}

function writeRecord(value: object): boolean {
  const head = headOf(value);
  if (head === undefined || at + head.length > LAST) return false;
  const { length } = head;
  const bytes = written;
  const to = at;
  for (let i = 0; i < length; i++) bytes[to + i] = head[i];
  at = to + length;
  // What is loaded under a key of a `for in` costs a field access, and no search.
  for (const key in value) {
    if (hasOwn.call(value, key) && !write((value as Record<string, unknown>)[key])) return false;
  }
  return true;
}
