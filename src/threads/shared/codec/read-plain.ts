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
      at += 4;
      return bytes[at - 4] | (bytes[at - 3] << 8) | (bytes[at - 2] << 16) | (bytes[at - 1] << 24);
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
    case OBJECT: {
      const keys = bytes[at];
      const size = bytes[at + 1] | (bytes[at + 2] << 8);
      const make = makerFor(bytes, at + 3, size, keys);
      at += 3 + size;
      return make(read);
    }
    default:
      throw new InternalError(`A value in shared memory has the unknown tag ${tag}`);
  }
}

function readEight(): void {
  for (let i = 0; i < 8; i++) numberBytes[i] = bytes[at + i];
  at += 8;
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
