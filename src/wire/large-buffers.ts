import { entriesOf, membersOf } from '../core/index.js';
import { itemsOf, Shape, shapeOf } from './shape.js';

const { types } = process.getBuiltinModule('node:util');

/** From this many bytes up a buffer travels beside the stream, where there is a way beside it. */
export const LARGE = 64 * 1024;

/**
 * The large buffers in a message, each once, at any depth; `undefined`, most often: none. One that is missed travels inline, so what costs much to look
 * into is not: properties with a getter, of instances of classes.
 */
export function largeBuffers(message: unknown): ArrayBuffer[] | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  let found: Set<ArrayBuffer> | undefined;
  let seen: Set<object> | undefined;
  const open: object[] = [message];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const shape = shapeOf(value);
    if (shape === Shape.LEAF) {
      const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
      // One that can grow must stay so, and what stands in for a buffer over there cannot.
      if (types.isArrayBuffer(buffer) && buffer.byteLength >= LARGE && !(buffer as { resizable?: boolean }).resizable) {
        found ??= new Set();
        found.add(buffer);
      }
      continue;
    }
    for (const child of childrenOf(value, shape)) {
      if (typeof child !== 'object' || child === null) continue;
      seen ??= new Set<object>([message]);
      if (seen.has(child)) continue;
      seen.add(child);
      open.push(child);
    }
  }
  return found && [...found];
}

function childrenOf(value: object, shape: Shape): readonly unknown[] {
  switch (shape) {
    case Shape.ARRAY:
      return itemsOf(value as unknown[]);
    case Shape.MAP:
      return entriesOf(value as Map<unknown, unknown>);
    case Shape.SET:
      return membersOf(value as Set<unknown>);
    case Shape.OBJECT: {
      const proto = Object.getPrototypeOf(value);
      if (proto === Object.prototype || proto === null) return Object.values(value);
      return Object.values(Object.getOwnPropertyDescriptors(value)).map((property) => (property.enumerable ? property.value : undefined));
    }
    default:
      return [];
  }
}
