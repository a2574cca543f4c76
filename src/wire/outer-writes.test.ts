import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outerWrites } from './outer-writes.js';

let count = 0;
const cache = new Map<string, number>();
const table: Record<string, number> = {};
const list: number[] = [];
const settings = { depth: { most: 1 } };
const store = { set: async (_key: string) => undefined };

test('assignments, increments and changing methods of what is around a function are found', async () => {
  assert.deepEqual(await outerWrites(() => count++), ['count']);
  assert.deepEqual(
    await outerWrites((key: string) => {
      if (!cache.has(key)) cache.set(key, key.length);
      return cache.get(key);
    }),
    ['cache'],
  );
  assert.deepEqual(await outerWrites((key: string) => (table[key] ??= key.length)), ['table']);
  assert.deepEqual(
    await outerWrites((n: number) => {
      list.push(n);
      delete table.x;
      settings.depth.most = n;
    }),
    ['list', 'table', 'settings'],
  );
});

test('what is its own, what is only read, and what is awaited is not', async () => {
  assert.deepEqual(
    await outerWrites((n: number) => {
      const list = [n];
      list.push(count);
      let count2 = 0;
      count2 += list.length;
      return count2;
    }),
    [],
  );
  assert.deepEqual(await outerWrites((key: string) => cache.get(key)), []);
  assert.deepEqual(await outerWrites(async (key: string) => await store.set(key)), []);
});

test('a native function and a bound one have no text to look at', async () => {
  assert.deepEqual(await outerWrites(Math.max), []);
  assert.deepEqual(await outerWrites((() => count++).bind(undefined)), []);
});
