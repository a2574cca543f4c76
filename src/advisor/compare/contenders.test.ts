import assert from 'node:assert/strict';
import test from 'node:test';
import { contenders } from './contenders.js';

const all = ['tasks', 'threads', 'processes'] as const;
const labels = (...args: Parameters<typeof contenders>) => contenders(...args).map(({ label }) => label);

test('the corners of the plane and some points between, from what takes least to what takes most', () => {
  assert.deepEqual(labels(1000, 4, all, undefined), [
    'one at a time',
    'tasks, 16 at a time',
    'tasks, 64 at a time',
    '1 thread, 16 at a time',
    '4 threads',
    '4 threads, 4 in each',
    '8 threads',
    '4 processes',
  ]);
});

test('no way has room for more calls than there are inputs, and none is there twice', () => {
  assert.deepEqual(labels(3, 8, all, undefined), [
    'one at a time',
    'tasks, 3 at a time',
    '1 thread, 3 at a time',
    '3 threads',
    '3 processes',
  ]);
  assert.deepEqual(labels(1, 8, all, undefined), ['one at a time', 'tasks, 1 at a time', '1 thread', '1 process']);
});

test('one core has its threads all the same', () => {
  assert.deepEqual(labels(100, 1, ['threads'], undefined), [
    'one at a time',
    '1 thread',
    '1 thread, 4 at a time',
    '1 thread, 16 at a time',
    '2 threads',
  ]);
});

test('the advised point is one of them, where it was not already, and as far as the inputs go', () => {
  const advised = (count: number, point: Parameters<typeof contenders>[3]) =>
    contenders(count, 2, all, point).filter((contender) => contender.advised);
  assert.deepEqual(advised(100, { on: 'threads', workers: 6, concurrency: 3 }), [
    { on: 'threads', workers: 6, concurrency: 3, label: '6 threads, 3 in each', advised: true },
  ]);
  assert.equal(advised(100, { on: 'threads', workers: 2, concurrency: 1 }).length, 1);
  assert.deepEqual(
    advised(30, { on: 'tasks', workers: 1, concurrency: 200 }).map(({ label }) => label),
    ['tasks, 30 at a time'],
  );
  assert.deepEqual(
    contenders(30, 2, ['threads'], { on: 'tasks', workers: 1, concurrency: 200 }).filter((contender) => contender.advised),
    [],
  );
});
