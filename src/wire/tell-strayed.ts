import { strayed } from '../core/index.js';
import { isTraveller } from './is-traveller.js';

/** Tells every handle in a value that was to travel that it did not arrive. Without recursion: it may be what is nested too deep that could not travel. */
export function tellStrayed(value: unknown): void {
  const seen = new Set<object>();
  const left = [value];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || seen.has(part)) continue;
    seen.add(part);
    const proto = Object.getPrototypeOf(part);
    if (Array.isArray(part) || part instanceof Set) for (const item of part) left.push(item);
    else if (part instanceof Map) for (const entry of part) left.push(...entry);
    else if (proto === Object.prototype || proto === null) {
      for (const property of Object.values(Object.getOwnPropertyDescriptors(part))) left.push(property.value); // a getter is not asked again
    } else if (isTraveller(part)) part[strayed]?.();
  }
}
