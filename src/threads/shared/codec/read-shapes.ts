import { bare } from '../../../core/index.js';
import { textOf } from './read-text.js';

/** Makes an object whose values come one after the other. */
export type Maker = (read: () => unknown) => object;

/** Keys that have come before, and what makes objects of them. */
interface Shape {
  readonly bytes: Uint8Array;
  readonly keys: readonly string[];
  make: Maker | undefined;
  uses: number;
}

const MOST_SHAPES = 32;
/** After so many objects code of its own pays for itself. */
const HOT = 50;

/** The last one used first. */
const shapes: Shape[] = [];

/** What makes an object of these keys. */
export function makerFor(bytes: Uint8Array, at: number, size: number, count: number): Maker {
  for (let i = 0; i < shapes.length; i++) {
    const shape = shapes[i];
    if (shape.bytes.length !== size || !isSame(shape.bytes, bytes, at)) continue;
    if (i > 0) {
      shapes[i] = shapes[i - 1];
      shapes[i - 1] = shape;
    }
    if (shape.make === undefined) shape.make = shape.uses++ < HOT ? undefined : compile(shape.keys);
    return shape.make ?? ((read) => fill(shape.keys, read));
  }
  const keys = readKeys(bytes, at, count);
  if (shapes.length === MOST_SHAPES) shapes.pop();
  shapes.unshift({ bytes: bytes.slice(at, at + size), keys, make: undefined, uses: 0 });
  return (read) => fill(keys, read);
}

function isSame(known: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[at + i]) return false;
  return true;
}

function readKeys(bytes: Uint8Array, at: number, count: number): string[] {
  const keys: string[] = [];
  let from = at;
  for (let i = 0; i < count; i++) {
    const length = bytes[from];
    keys.push(textOf(bytes, from + 1, length));
    from += 1 + length;
  }
  return keys;
}

function fill(keys: readonly string[], read: () => unknown): object {
  const out: Record<string, unknown> = {};
  for (const key of keys) {
    const value = read();
    if (key === '__proto__') Object.defineProperty(out, key, bare({ value, configurable: true, enumerable: true, writable: true }));
    else out[key] = value;
  }
  return out;
}

/** A literal: V8 makes such an object in one piece. It has names from outside only as strings; `[…]`, because `"__proto__":` would set the prototype. */
function compile(keys: readonly string[]): Maker {
  const fields = keys.map((key) => (key === '__proto__' ? `["__proto__"]: read()` : `${JSON.stringify(key)}: read()`));
  const { compileFunction } = process.getBuiltinModule('node:vm');
  return compileFunction(`return { ${fields.join(', ')} };`, ['read']) as Maker;
}
