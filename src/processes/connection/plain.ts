import { WireError } from '../../core/index.js';

/**
 * How deep what is in a frame may be nested: values of users that are nested at all deep are bytes.
 */
const DEEPEST = 64;

/**
 * Sees to it that whoever goes through what came in a frame comes to an end: there is nothing in it
 * but primitives, bytes, and plain lists and objects, which are not inside of themselves, and of
 * which all elements are there. A list with holes says any length in a few bytes.
 *
 * @param size How many bytes it had: no value has less than one.
 * @throws {WireError}
 */
export function mustBePlain(items: readonly unknown[], size: number): void {
  let left = size;
  const look = (value: object | null, depth: number): void => {
    if (value === null || value instanceof Uint8Array) return;
    if (depth > DEEPEST) throw new WireError(`A frame holds what is nested more than ${DEEPEST} deep`);
    const isList = Array.isArray(value);
    const proto = Object.getPrototypeOf(value);
    if (proto !== Array.prototype && proto !== Object.prototype)
      throw new WireError(`A frame holds ${Object.prototype.toString.call(value)}, which no frame holds`);
    left -= isList ? value.length : 1;
    if (left < 0) throw new WireError(`A frame of ${size} bytes announces more elements than that`);
    for (const part of isList ? value : Object.values(value)) if (typeof part === 'object') look(part, depth + 1);
  };
  look(items, 0);
}
