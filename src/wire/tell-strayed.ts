import { strayed } from '../core/index.js';
import { isTraveller } from './is-traveller.js';

/** Tells every handle in a value that was to travel that it did not arrive. */
export function tellStrayed(value: unknown, seen: Set<object> = new Set()): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  let proto: unknown;
  try {
    proto = Object.getPrototypeOf(value);
  } catch {
    return; // a proxy that lets nobody look into it is no handle
  }
  if (Array.isArray(value) || value instanceof Set) for (const item of value) tellStrayed(item, seen);
  else if (value instanceof Map) for (const entry of value) tellStrayed(entry, seen);
  else if (proto === Object.prototype || proto === null) {
    for (const property of Object.values(Object.getOwnPropertyDescriptors(value))) tellStrayed(property.value, seen); // a getter is not asked again
  } else if (isTraveller(value)) value[strayed]?.();
}
