import { InternalError } from '../../../core/index.js';
import { makerFor } from './read-shapes.js';
import { textOf } from './read-text.js';
import {
  ARRAY,
  DOUBLE,
  FALSE,
  HOLE,
  INT8,
  INT32,
  INT64,
  NULL,
  OBJECT,
  SHORT_TEXT,
  SMALL,
  TEXT,
  TRUE,
  UNDEFINED,
  WIDE_TEXT,
} from './tags.js';

const number = new Float64Array(1);
const bigint = new BigInt64Array(number.buffer);
const numberBytes = new Uint8Array(number.buffer);

let bytes: Uint8Array = new Uint8Array(0);
let at = 0;

/** The value that `writePlain` wrote to the start of these bytes. */
export function readPlain(from: Uint8Array): unknown {
  bytes = from;
  at = 0;
  return read();
}

function read(): unknown {
  const tag = bytes[at++];
  if (tag >= SMALL) return tag - SMALL;
  switch (tag) {
    case UNDEFINED:
      return undefined;
    case NULL:
      return null;
    case TRUE:
      return true;
    case FALSE:
      return false;
    case INT8:
      return (bytes[at++] << 24) >> 24;
    case INT32:
      return readFour();
    case DOUBLE:
      readEight();
      return number[0];
    case INT64:
      readEight();
      return bigint[0];
    case SHORT_TEXT:
      return readText(bytes[at++]);
    case TEXT:
      return readText(readLength());
    case WIDE_TEXT:
      return readWide(readLength());
    case ARRAY:
      return readArray(bytes[at++]);
    case OBJECT:
      return readObject();
    default:
      throw new InternalError(`A value in shared memory has the unknown tag ${tag}`);
  }
}

function readObject(): object {
  const [from, here] = [bytes, at];
  const size = from[here + 1] | (from[here + 2] << 8);
  at = here + 3 + size;
  return makerFor(from, here + 3, size, from[here])(read);
}

function readFour(): number {
  const [from, here] = [bytes, at];
  at = here + 4;
  return from[here] | (from[here + 1] << 8) | (from[here + 2] << 16) | (from[here + 3] << 24);
}

function readEight(): void {
  const [from, here] = [bytes, at];
  at = here + 8;
  for (let i = 0; i < 8; i++) numberBytes[i] = from[here + i];
}

function readLength(): number {
  at += 2;
  return bytes[at - 2] | (bytes[at - 1] << 8);
}

function readText(length: number): string {
  at += length;
  return textOf(bytes, at - length, length);
}

function readWide(length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(readLength());
  return text;
}

function readArray(length: number): unknown[] {
  const out: unknown[] = [];
  for (let i = 0; i < length; i++) {
    if (bytes[at] === HOLE) {
      at++;
      out.length = i + 1;
    } else out.push(read());
  }
  return out;
}
