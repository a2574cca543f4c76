import { entriesOf, membersOf } from '../core/index.js';
import { keysOf, Shape, shapeOf } from './shape.js';

/** A part of a value, and where it is. */
export type Part = readonly [part: unknown, path: string];

/** So many parts are looked at: it is only for a message. */
const MOST = 100_000;

/**
 * Looks for something in a value that cannot travel, and has not to end therefore.
 *
 * @param path Of the value: `argument 1`.
 * @param say What is to be said of an object; or what it is looked into instead of its parts, which
 * may be nothing; `undefined`: its parts.
 */
export function findPart(
  value: unknown,
  path: string,
  say: (part: object, path: string) => string | readonly Part[] | undefined,
): string | undefined {
  const open: Part[] = [[value, path]];
  const seen = new Set<object>();
  for (let next = open.pop(); next !== undefined && seen.size < MOST; next = open.pop()) {
    const [part, at] = next;
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    const said = say(part, at);
    if (typeof said === 'string') return said;
    const inside = said ?? partsOf(part, at);
    for (let i = inside.length - 1; i >= 0; i--) open.push(inside[i]);
  }
  return undefined;
}

/** The parts that may be objects. Getters are not asked again. */
function partsOf(value: object, path: string): Part[] {
  try {
    switch (shapeOf(value)) {
      case Shape.ARRAY:
        return data(value, keysOf(value as unknown[]), (key) => `${path}[${key}]`);
      case Shape.OBJECT:
        return data(value, Object.keys(value), (key) => `${path}.${key}`);
      case Shape.MAP:
        return entriesOf(value as Map<unknown, unknown>).map((part, i) => [part, `a ${i % 2 === 0 ? 'key' : 'value'} of ${path}`]);
      case Shape.SET:
        return membersOf(value as Set<unknown>).map((part) => [part, `a member of ${path}`]);
      default:
        return [];
    }
  } catch {
    return []; // a Proxy, for one: that it cannot travel is known already
  }
}

function data(value: object, keys: readonly string[], path: (key: string) => string): Part[] {
  const out: Part[] = [];
  for (const key of keys) {
    const part: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
    if (typeof part === 'object' && part !== null) out.push([part, path(key)]);
  }
  return out;
}
