import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Shares } from './advice.js';
import { kindOf } from './kind.js';
import { recommend } from './recommend.js';

const machine = { cores: 4, poolThreads: 4 };
const shares = (computing: number, blocking: number, pool: number): Shares => ({
  computing,
  blocking,
  pool,
  waiting: Math.max(0, 1 - computing - blocking - pool),
});
const advice = (split: Shares, ms: number, on = machine) => recommend({ shares: split, ms, kind: kindOf(split, ms).kind }, on);
const speedup = (split: Shares, ms: number, on: string, where = machine) =>
  advice(split, ms, where).predictions.find((prediction) => prediction.on === on)?.speedup ?? 0;

test('what computes gets a thread for each core, one call in each', () => {
  const { point, chunk } = advice(shares(0.99, 0.01, 0), 50);
  assert.deepEqual(point, { on: 'threads', workers: 4, concurrency: 1 });
  assert.equal(chunk, 1);
  assert.equal(advice(shares(0.99, 0.01, 0), 1).chunk, 'auto');
  assert.ok(Math.abs(speedup(shares(0.99, 0.01, 0), 50, 'threads') - 4) < 0.1);
  assert.ok(speedup(shares(0.99, 0.01, 0), 50, 'tasks') <= 1);
});

test('on one core nothing is gained by threads for what computes, and none are advised', () => {
  const one = { cores: 1, poolThreads: 4 };
  assert.deepEqual(advice(shares(0.99, 0.01, 0), 50, one).point, { on: 'tasks', workers: 1, concurrency: 1 });
  assert.ok(speedup(shares(0.99, 0.01, 0), 50, 'threads', one) < 1.1);
});

test('what blocks gets more threads than cores, as many as are held without computing, and if it mostly blocks many more', () => {
  assert.deepEqual(advice(shares(0.6, 0.4, 0), 5).point, { on: 'threads', workers: 16, concurrency: 1 });
  assert.deepEqual(advice(shares(0.25, 0.75, 0), 5).point, { on: 'threads', workers: 32, concurrency: 1 });
  assert.deepEqual(advice(shares(0, 1, 0), 20).point, { on: 'threads', workers: 32, concurrency: 1 });
  assert.ok(advice(shares(0, 1, 0), 20, { cores: 1, poolThreads: 4 }).point.workers > 1, 'also on one core');
});

test('what waits stays on this thread, with many calls in flight', () => {
  const { point, chunk } = advice(shares(0.03, 0.01, 0), 20);
  assert.equal(point.on, 'tasks');
  assert.equal(point.workers, 1);
  assert.ok(point.concurrency >= 64 && point.concurrency <= 512, String(point.concurrency));
  assert.equal(chunk, 1);
});

test('what the pool of Node computes stays on this thread, with as many calls in flight as the pool has threads for', () => {
  const { point } = advice(shares(0.05, 0, 0.95), 5);
  assert.deepEqual(point, { on: 'tasks', workers: 1, concurrency: 5 });
  assert.ok(speedup(shares(0.05, 0, 0.95), 5, 'tasks', { cores: 8, poolThreads: 2 }) < 2.2, 'no more than its threads');
});

test('mixed work gets several calls in each of several threads', () => {
  const { point, chunk, predictions } = advice(shares(0.4, 0, 0), 40);
  assert.equal(point.on, 'threads');
  assert.equal(point.workers, 4);
  assert.ok(point.concurrency > 2, String(point.concurrency));
  assert.equal(chunk, 1);
  assert.ok(Math.abs((predictions[0]?.speedup ?? 0) - 2.5) < 0.01, 'one loop gives one over the part for which it is held');
});

test('tiny calls stay where they are: to send them costs more than to make them', () => {
  const { point, chunk } = advice(shares(1, 0, 0), 0.0005);
  assert.deepEqual(point, { on: 'tasks', workers: 1, concurrency: 1 });
  assert.equal(chunk, 'auto');
  assert.ok(speedup(shares(1, 0, 0), 0.0005, 'threads') < 1);
});

test('the advised point is one of the predictions, and none of them is far better', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const cores = fc.integer({ min: 1, max: 64 });
  fc.assert(
    fc.property(
      fc.tuple(share, share, share, share),
      fc.double({ min: 0.02, max: 1000, noNaN: true }),
      cores,
      cores,
      (raw, ms, n, pool) => {
        const sum = raw.reduce((a, b) => a + b, 1e-9);
        const [computing, blocking, poolShare, waiting] = raw.map((part) => part / sum);
        const split = { computing, blocking, pool: poolShare, waiting };
        const { point, predictions } = advice(split, ms, { cores: n, poolThreads: pool });
        const own = predictions.find((p) => p.on === point.on && p.workers === point.workers && p.concurrency === point.concurrency);
        assert.ok(own !== undefined && point.workers >= 1 && point.concurrency >= 1 && Number.isFinite(own.speedup));
        const [tasks, threads] = predictions;
        if (computing + blocking >= 0.1) assert.ok(own.speedup * 1.1 >= Math.max(tasks?.speedup ?? 0, threads?.speedup ?? 0) - 1e-9);
      },
    ),
  );
});
