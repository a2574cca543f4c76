import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkSize } from './chunk-size.js';

/** Sizes of the chunks of a map whose inputs take `each` ms. */
function sizes(each: number, inputs: number, slots: number): number[] {
  const size = new ChunkSize('auto', 65_536 * slots);
  const all: number[] = [];
  for (let left = inputs; left > 0; ) {
    const n = Math.min(left, size.next(left, slots));
    all.push(n);
    size.ran(n, n * each);
    left -= n;
  }
  return all;
}

test('a chunk grows until it takes between 20 and 200 ms', () => {
  for (const each of [0.001, 0.05, 1, 10]) {
    const inputs = each < 1 ? 1_000_000 : 10_000;
    const all = sizes(each, inputs, 2);
    const largest = Math.max(...all);
    assert.ok(largest * each <= 200, `${each} ms each: ${largest} at a time`);
    assert.ok(largest === 32_768 || largest * each >= 20, `${each} ms each: ${largest} at a time`);
    assert.ok(all.length < 20 + inputs / largest + 64);
  }
});

test('long inputs go one by one', () => {
  assert.deepEqual(new Set(sizes(500, 100, 2)), new Set([1]));
});

test('no worker gets what another could start on: the last chunks are small', () => {
  const all = sizes(0.01, 10_000, 4);
  assert.ok(
    all.slice(-8).every((n) => n <= 20),
    `${all}`,
  );
});

test('chunks are at least 1 and at most what was set, whatever the times', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 50 }),
      fc.integer({ min: 1, max: 5000 }),
      (times, most) => {
        const size = new ChunkSize('auto', 4 * most);
        for (const ms of times) {
          const n = size.next(undefined, 2);
          assert.ok(Number.isInteger(n) && n >= 1 && n <= most, `${n}`);
          size.ran(n, ms);
        }
      },
    ),
  );
});

test('a size that was given stays', () => {
  const size = new ChunkSize(7, 400);
  size.ran(7, 1000);
  size.ran(7, 0);
  assert.equal(size.next(3, 2), 7);
  assert.equal(new ChunkSize(1000, 200).next(undefined, 1), 100, 'as far as the buffer allows');
});
