import { entriesOf, membersOf, strayed, type Traveller } from '../core/index.js';
import { itemsOf, Shape, shapeOf } from './shape.js';

/** Tells every handle in a value that was to travel that it did not arrive. Without recursion: it may be what is nested too deep that could not travel. */
export function tellStrayed(value: unknown): void {
  const seen = new Set<object>();
  const left = [value];
  const lost: Traveller[] = [];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || seen.has(part)) continue;
    seen.add(part);
    try {
      const shape = shapeOf(part);
      if (shape === Shape.TRAVELLER) lost.push(part as Traveller);
      else for (const inside of insideOf(part, shape)) left.push(inside);
    } catch {
      // A Proxy, for one, which is no handle.
    }
  }
  for (const each of lost) each[strayed]?.();
}

function insideOf(part: object, shape: Shape): readonly unknown[] {
  if (shape === Shape.ARRAY) return itemsOf(part as unknown[]);
  if (shape === Shape.SET) return membersOf(part as Set<unknown>);
  if (shape === Shape.MAP) return entriesOf(part as Map<unknown, unknown>);
  if (shape !== Shape.OBJECT) return [];
  return Object.values(Object.getOwnPropertyDescriptors(part)).map(({ value }) => value); // a getter is not asked again
}
