import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, burn, linesOf, noteAndTakeTime, pauseAndReturn, where } from '../fixtures/calls/calls.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';

for (const { name, make } of kinds) {
  test(`${name}: a shutdown that drains loses nothing in 100 of 100 runs`, async () => {
    const sizes = [2, 4, 8, 40];
    for (let run = 0; run < 100; run++) {
      const pool = make({ workers: 2 });
      const futures = Array.from({ length: sizes[run % 4] }, (_, i) => pool.submit(pauseAndReturn, 1, i));
      await pool.shutdown();
      assert.ok(
        futures.every((future, i) => future.state === 'fulfilled' && future.result() === i),
        `run ${run}`,
      );
    }
  });

  test(`${name}: shutdown drains calls that run and calls that wait, also while workers start or die`, async () => {
    const pool = make({ workers: 2, maxCallsPerWorker: 3 });
    const futures = Array.from({ length: 25 }, (_, i) => pool.submit(pauseAndReturn, 3, i));
    await pool.shutdown();
    assert.deepEqual(
      await Promise.all(futures),
      futures.map((_, i) => i),
    );
  });

  test(`${name}: what is submitted after a shutdown is refused and starts no worker`, async () => {
    const pool = make({ workers: 1 });
    await pool.submit(add, 1, 2);
    await pool.shutdown();
    await assert.rejects(async () => await pool.submit(where), { code: 'MEANTIME_SHUTDOWN' });
    await assert.rejects(async () => await pool.broadcast(where), { code: 'MEANTIME_SHUTDOWN' });
    assert.equal(pool.stats().workers, 0);
  });

  test(`${name}: a shutdown at once ends a busy pool, and every future settles`, async () => {
    const pool = make({ workers: 2 });
    const burning = file();
    const futures = [pool.submit(burn, burning), pool.submit(burn, burning), ...Array.from({ length: 20 }, () => pool.submit(where))];
    await until('both burn', () => linesOf(burning).length === 2);
    const began = performance.now();
    await pool.shutdown({ cancelPending: true, grace: 0 });
    assert.ok(performance.now() - began < 1000);
    assert.ok(futures.every((future) => future.state === 'cancelled'));
  });
}

for (const { name, make } of kinds) {
  test(`${name}: a chunk that is cancelled by a shutdown answers for each input once, whatever its worker still says`, async () => {
    for (const ordered of [false, true]) {
      const marks = file();
      const pool = make({ workers: 1 });
      const inputs = Array.from({ length: 40 }, (_, i) => [marks, i] as [string, number]);
      const all = pool.map(noteAndTakeTime, inputs, { chunk: 20, ordered, onError: 'settle' }).then((results) => results);
      await until('some have run', () => linesOf(marks).length > 3);
      // What it says now is on its way when the chunk is cancelled.
      while (linesOf(marks).length < 10);
      await pool.shutdown({ grace: 5000 });
      const results = await all;
      assert.deepEqual(
        results.map(({ index }) => index).sort((a, b) => a - b),
        inputs.map((_, i) => i),
      );
      assert.ok(results.some(({ status }) => status === 'rejected'));
    }
  });
}
