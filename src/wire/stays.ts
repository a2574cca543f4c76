import { travels } from '../core/index.js';
import { isTraveller } from './is-traveller.js';

/** Deeper than this nobody looks for a handle: what is nested without end is refused for that. */
const DEEPEST = 100;

/**
 * Which part of a value is a handle that cannot go where it was sent, and what to use instead; `undefined` if none is.
 *
 * @param shared Whether memory can be shared with that side.
 */
export function handleThatStays(
  value: unknown,
  path: string,
  shared: boolean,
  seen: Set<object> = new Set(),
  depth = 0,
): string | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value) || depth > DEEPEST) return undefined;
  if (value instanceof Error) return undefined; // it goes without the part
  seen.add(value);
  const inside = (part: unknown, at: string) => handleThatStays(part, at, shared, seen, depth + 1);
  if (!shared && value instanceof SharedArrayBuffer)
    return `${path} is a SharedArrayBuffer, which only threads of one process can share: use SharedMemory`;
  if (isTraveller(value)) {
    try {
      const { only, instead, parts } = value[travels]();
      if (only !== 'threads' || shared) return inside(parts, path);
      return `${path} is a ${value.constructor.name}, which only threads of one process can share${instead === undefined ? '' : `: ${instead}`}`;
    } catch (error) {
      return `${path} is ${(error as Error).message}`;
    }
  }
  if (value instanceof Map) {
    for (const [k, v] of value) {
      const found = inside(k, `a key of ${path}`) ?? inside(v, `a value of ${path}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (value instanceof Set) {
    for (const item of value) {
      const found = inside(item, `a member of ${path}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const found =
      property && 'value' in property ? inside(property.value, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
