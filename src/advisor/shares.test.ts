import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sharesOf } from './shares.js';

const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test('a function that computes: the loop is never idle, and the thread has all the processor', () => {
  const { computing, blocking, pool, waiting } = sharesOf({ wall: 100, busy: 100, thread: 99, process: 100 }, 1);
  near(computing, 0.99);
  near(blocking, 0.01);
  near(pool, 0);
  near(waiting, 0);
});

test('a loop that is held by a thread that sleeps is blocked', () => {
  near(sharesOf({ wall: 100, busy: 100, thread: 2, process: 2 }, 1).blocking, 0.98);
});

test('processor time of other threads while the loop is idle belongs to the pool of Node', () => {
  const { pool, waiting } = sharesOf({ wall: 100, busy: 5, thread: 4, process: 84 }, 1);
  near(pool, 0.8);
  near(waiting, 0.15);
});

test('helpers of the engine that compute while the loop is held are not taken for the pool', () => {
  const { computing, pool } = sharesOf({ wall: 100, busy: 100, thread: 98, process: 125 }, 1);
  near(computing, 0.98);
  near(pool, 0);
});

test('half a processor is corrected for: what computed half of the time computed all of it', () => {
  const { computing, blocking } = sharesOf({ wall: 100, busy: 100, thread: 50, process: 50 }, 0.5);
  near(computing, 1);
  near(blocking, 0);
});

test('where it is told how long the thread stood in line, that is what is taken out', () => {
  // Of 100 ms it computed 20 and slept 60; for the others it had no processor.
  const { computing, blocking } = sharesOf({ wall: 100, busy: 100, thread: 20, queued: 20, process: 20 }, 0.3);
  near(computing, 0.25);
  near(blocking, 0.75);
});

test('what waits for a moment after it computed on half a processor is not made to compute more', () => {
  const { computing, waiting } = sharesOf({ wall: 100, busy: 80, thread: 40, queued: 40, process: 40 }, 0.5);
  near(computing, 40 / 60);
  near(waiting, 20 / 60);
});

test('without the time of the thread, that of the process stands for it as far as the loop was held', () => {
  const { computing, pool, waiting } = sharesOf({ wall: 100, busy: 20, thread: undefined, process: 60 }, 1);
  near(computing, 0.2);
  near(pool, 0.4);
  near(waiting, 0.4);
});

test('whatever the clocks say, the shares are from 0 to 1 and add up to 1', () => {
  const ms = fc.double({ min: -10, max: 1e6, noNaN: true });
  const told = fc.option(ms, { nil: undefined });
  const usage = fc.record({ wall: ms, busy: ms, thread: told, queued: told, process: ms });
  fc.assert(
    fc.property(usage, fc.double({ min: -1, max: 2 }), (used, availability) => {
      const shares = Object.values(sharesOf(used, availability));
      for (const share of shares) assert.ok(share >= 0 && share <= 1 + 1e-9, String(share));
      near(
        shares.reduce((a, b) => a + b),
        1,
      );
    }),
  );
});
