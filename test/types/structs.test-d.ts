import {
  type AtomicBigInt64,
  type AtomicCell,
  type AtomicInt32,
  array,
  SharedArray,
  type StructArray,
  struct,
  text,
} from 'meantime/threads';
import type { Equal, Expect } from './expect.js';

const Point = struct({ x: 'f64', y: 'f32' });
const Thing = struct({
  small: 'i8',
  count: 'i32',
  big: 'u64',
  wait: 'i64',
  yes: 'bool',
  name: text(8),
  at: Point,
  inner: { n: 'u16' },
  numbers: array('f32', 3),
  counts: array('i32', 3),
  points: array(Point, 2),
  inners: array({ k: 'i64' }, 2),
});
const thing = new Thing({ small: 1, big: 2n, yes: true, name: 'x', at: { x: 1 }, inner: {}, numbers: [1, 2, 3], points: [{ x: 1 }, {}] });

export type Reads = [
  Expect<Equal<typeof thing.small, number>>,
  Expect<Equal<typeof thing.big, bigint>>,
  Expect<Equal<typeof thing.yes, boolean>>,
  Expect<Equal<typeof thing.name, string>>,
  Expect<Equal<typeof thing.at.x, number>>,
  Expect<Equal<typeof thing.inner.n, number>>,
  Expect<Equal<typeof thing.numbers, Float32Array<SharedArrayBuffer>>>,
  Expect<Equal<ReturnType<typeof thing.points.get>['y'], number>>,
  Expect<Equal<ReturnType<typeof thing.inners.get>['k'], bigint>>,
];
export type Atomics = [
  Expect<Equal<typeof thing.atomic.count, AtomicInt32>>,
  Expect<Equal<typeof thing.atomic.wait, AtomicBigInt64>>,
  Expect<Equal<typeof thing.atomic.small, AtomicCell<number>>>,
  Expect<Equal<typeof thing.atomic.big, AtomicCell<bigint>>>,
  Expect<Equal<typeof thing.atomic.inner.n, AtomicCell<number>>>,
  Expect<Equal<typeof thing.atomic.counts, (index: number) => AtomicInt32>>,
];
export const wait = thing.atomic.inners(0).k.wait(0n);
export const points: StructArray<{ readonly x: 'f64'; readonly y: 'f32' }> = Point.array(3);

// @ts-expect-error a bigint field takes a bigint
new Thing({ big: 1 });
// @ts-expect-error there is no such field
new Thing({ smal: 1 });
// @ts-expect-error a number is not a string
thing.name = 1;
// @ts-expect-error there is no such kind
struct({ x: 'f65' });
// @ts-expect-error a floating-point number has no atomic steps
thing.atomic.at.x.add(1);
// @ts-expect-error nor has a string
thing.atomic.name;
// @ts-expect-error strings are not in arrays by themselves
array(text(3), 2);

export const heights = new SharedArray('f64', [1]);
export type Heights = Expect<Equal<typeof heights.view, Float64Array<SharedArrayBuffer>>>;
export const bigs: bigint = new SharedArray('i64', [1n]).get(0);
// @ts-expect-error bigints are not numbers
new SharedArray('i64', [1]);
// @ts-expect-error a floating-point number has no atomic steps
heights.atomic(0).add(1);
