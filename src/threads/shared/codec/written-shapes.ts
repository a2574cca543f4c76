import { OBJECT } from './tags.js';

/** The keys of objects that were written, and how they begin in bytes. */
interface Shape {
  readonly keys: readonly string[];
  readonly head: Uint8Array;
}

/** As many shapes as are known at once: programs send few. */
const MOST_SHAPES = 32;
const MOST_KEYS = 64;
const MOST_BYTES = 2048;

const hasOwn = Object.prototype.hasOwnProperty;

/** The last one used first. */
const shapes: Shape[] = [];

/** What an object of these keys begins with; `undefined` if its keys are too many, or not of one byte a character. */
export function headOf(value: object): Uint8Array | undefined {
  for (let i = 0; i < shapes.length; i++) {
    const shape = shapes[i];
    if (!hasKeys(value, shape.keys)) continue;
    if (i > 0) {
      shapes[i] = shapes[i - 1];
      shapes[i - 1] = shape;
    }
    return shape.head;
  }
  const keys = Object.keys(value);
  const head = encodeKeys(keys);
  if (head === undefined) return undefined;
  if (shapes.length === MOST_SHAPES) shapes.pop();
  shapes.unshift({ keys, head });
  return head;
}

function hasKeys(value: object, keys: readonly string[]): boolean {
  let i = 0;
  for (const key in value) {
    if (!hasOwn.call(value, key)) continue;
    if (key !== keys[i]) return false;
    i++;
  }
  return i === keys.length;
}

function encodeKeys(keys: readonly string[]): Uint8Array | undefined {
  if (keys.length > MOST_KEYS) return undefined;
  const bytes: number[] = [];
  for (const key of keys) {
    if (key.length > 255) return undefined;
    bytes.push(key.length);
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code > 255) return undefined;
      bytes.push(code);
    }
  }
  const { length } = bytes;
  return length > MOST_BYTES ? undefined : Uint8Array.of(OBJECT, keys.length, length & 255, length >> 8, ...bytes);
}
