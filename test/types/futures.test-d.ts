import { asCompleted, type Future, FutureSource, isFuture, wait } from 'meantime/futures';
import type { Equal, Expect } from './expect.js';

declare const number: Future<number>;
declare const text: Future<string>;

// A Future is covariant and is a promise.
export const wider: Future<unknown> = number;
export const either: Future<number | string> = number;
export const promise: Promise<number> = number;
// @ts-expect-error a string is not a number
export const wrong: Future<number> = text;
// @ts-expect-error what is unknown is not a number
export const narrower: Future<number> = wider;

// Whoever holds the future cannot settle it.
// @ts-expect-error only the source can
number.fulfil(1);
// @ts-expect-error nor can it be made without one
new FutureSource<number>().future = number;

const source = new FutureSource<number>();
source.fulfil(1);
// @ts-expect-error the source knows its type
source.fulfil('1');

export const result = number.result();
export type Result = Expect<Equal<typeof result, number>>;

export async function awaited() {
  const value = await number;
  const all = await Promise.all([number, text]);
  const { done, pending } = await wait([number, text], { until: 'any', timeout: 10 });
  return { value, all, done, pending };
}
type Awaits = Awaited<ReturnType<typeof awaited>>;
export type Value = Expect<Equal<Awaits['value'], number>>;
export type All = Expect<Equal<Awaits['all'], [number, string]>>;
export const done = (waited: Awaits): Future<number | string>[] => waited.done;

// @ts-expect-error not something to wait until
wait([number], { until: 'some' });
// @ts-expect-error not an option
wait([number], { time: 10 });

// asCompleted hands out futures, not values.
export async function completed(): Promise<number[]> {
  const values: number[] = [];
  for await (const future of asCompleted([number])) values.push(future.result());
  return values;
}

export function unknownValue(value: unknown): Future<unknown> | undefined {
  return isFuture(value) ? value : undefined;
}

// In a generator, yield* gives the value.
export function* coroutine() {
  const value = yield* number;
  return value;
}
type Returned = ReturnType<typeof coroutine> extends Generator<unknown, infer R, never> ? R : never;
export type Yields = Expect<Equal<Returned, number>>;
