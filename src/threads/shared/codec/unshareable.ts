import { travels } from '../../../core/index.js';

/**
 * Which part of a value is shared memory, or stands for something: that does not go through bytes.
 * `undefined`: none does. Of an error only such a part stays behind.
 */
export function unshareable(value: unknown, path: string, seen: Set<object> = new Set()): string | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Error || seen.has(value)) return undefined;
  seen.add(value);
  if (value instanceof SharedArrayBuffer) return `${path} is a SharedArrayBuffer, which is not copied`;
  if (ArrayBuffer.isView(value))
    return value.buffer instanceof SharedArrayBuffer ? `${path} is a view of a SharedArrayBuffer, which is not copied` : undefined;
  if (travels in value && typeof value[travels as never] === 'function')
    return `${path} is a ${value.constructor.name}, which is not its bytes`;
  if (value instanceof Map) {
    for (const [k, v] of value) {
      const found = unshareable(k, `a key of ${path}`, seen) ?? unshareable(v, `a value of ${path}`, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (value instanceof Set) {
    for (const item of value) {
      const found = unshareable(item, `a member of ${path}`, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (const key of Object.keys(value)) {
    // Getters are not run again for a message.
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined || !('value' in property)) continue;
    const found = unshareable(property.value, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
