import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomics, type Words } from '../atomics.js';
import { explore, summary } from './explore.js';

const words = (n: number): Words => new Int32Array(new SharedArrayBuffer(4 * n));

test('x = x + 1', (t) => {
  const inc = (x: Words): void => {
    atomics.store(x, 0, atomics.load(x, 0) + 1);
  };
  const ends = new Set<number>();
  const r = explore({ name: 'x', setup: () => words(1), threads: [inc, inc, inc], check: (x) => void ends.add(x[0]) });
  t.diagnostic(summary(r));
  assert.deepEqual([...ends].sort(), [1, 2, 3]);
});
