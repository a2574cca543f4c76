import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerStartError } from 'meantime';
import { ThreadPoolExecutor } from 'meantime/threads';
// @ts-expect-error a module without types, found from build/test/
import { slow } from '../../../test/fixtures/calls/slow-import.mjs';
// @ts-expect-error a module without types, found from build/test/
import { needsDatabase } from '../../../test/fixtures/calls/throws-in-workers.mjs';
import { add, linesOf, note, noteAndThrow, where } from '../fixtures/calls/calls.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';

for (const { name, make } of kinds) {
  test(`${name}: an import that fails in every worker fails every call that needs it, at once, and no other`, async () => {
    const imported = file();
    await using pool = make({ workers: 2, env: { ...process.env, THROW_AT_IMPORT: imported } });
    for (let round = 0; round < 3; round++) {
      const calls = [pool.submit(needsDatabase as () => number), pool.submit(add, 1, 2), pool.submit(needsDatabase as () => number)];
      const ends = await Promise.allSettled(calls);
      assert.deepEqual(
        ends.map((end) => end.status),
        ['rejected', 'fulfilled', 'rejected'],
      );
      for (const end of [ends[0], ends[2]]) {
        assert.ok(end.status === 'rejected' && end.reason instanceof TypeError);
        assert.equal(end.reason.message, 'this module needs a database');
      }
    }
    assert.equal(pool.stats().lost, 0);
  });

  test(`${name}: workers that cannot start are not started in a storm`, async () => {
    const started = file();
    await using pool = make({ workers: 2, initializer: [noteAndThrow, started] });
    const until1s = performance.now() + 1000;
    let calls = 0;
    while (performance.now() < until1s) {
      await assert.rejects(async () => await pool.submit(add, 1, 2), { name: 'RangeError', message: 'not in this worker' });
      calls++;
    }
    assert.ok(calls >= 1);
    assert.ok(linesOf(started).length <= 12, `${linesOf(started).length} starts in a second`);
  });

  test(`${name}: an initializer that ends its worker is told as a failed start`, async () => {
    await using pool = make({ workers: 1, initializer: () => process.exit(9) });
    await assert.rejects(
      async () => await pool.submit(add, 1, 2),
      (error: Error) => {
        assert.ok(error instanceof WorkerStartError, `${error}`);
        assert.match(error.message, /exit code 9/);
        return true;
      },
    );
  });

  test(`${name}: a call that is cancelled while its module is imported never runs, and its worker is kept`, async () => {
    const noted = file();
    await using pool = make({ workers: 1, env: { ...process.env, SLOW_IMPORT_NOTE: noted } });
    const before = await pool.submit(where);
    const call = pool.submit(slow as () => number);
    await until('the import has begun', () => linesOf(noted).length === 1);
    call.cancel();
    await assert.rejects(async () => await call, { name: 'AbortError' });
    assert.equal(await pool.submit(where), before);
    assert.equal(await pool.submit(slow as () => number), 42);
    assert.deepEqual(linesOf(noted), ['importing', 'ran']);
  });

  test(`${name}: shutting down while workers start loses nothing`, async () => {
    const noted = file();
    const pool = make({ workers: 2, initializer: [note, noted, 'up'] });
    const futures = [pool.submit(add, 1, 1), pool.submit(add, 2, 2)];
    await pool.shutdown();
    assert.deepEqual(
      futures.map((future) => future.result()),
      [2, 4],
    );
  });
}

test('processes: a working directory that is not there fails the calls with a clear error', async () => {
  await using pool = kinds[1].make({ workers: 1, cwd: '/no/such/folder' });
  await assert.rejects(
    async () => await pool.submit(add, 1, 2),
    (error: Error) => {
      assert.ok(error instanceof WorkerStartError, `${error}`);
      assert.match(error.message, /ENOENT/);
      return true;
    },
  );
});

test('processes: an option of node that does not exist fails the calls with what node says', async () => {
  await using pool = kinds[1].make({ workers: 1, execArgv: ['--no-such-option'] });
  await assert.rejects(
    async () => await pool.submit(add, 1, 2),
    (error: Error) => {
      assert.ok(error instanceof WorkerStartError, `${error}`);
      assert.match(error.message, /exit code 9[\s\S]*--no-such-option/);
      return true;
    },
  );
});

test('what waits behind a call that is cancelled before it has started runs', { timeout: 20_000 }, async () => {
  await using pool = new ThreadPoolExecutor({ workers: 1 });
  for (const warm of [false, true]) {
    if (warm) await pool.submit(add, 0, 0);
    const calls = Array.from({ length: 4 }, (_, i) => pool.submit(add, i, 1));
    const cancelled = Promise.allSettled(calls.slice(0, 3));
    // Until one has been sent, and no longer than until then: the worker has not begun.
    while (pool.stats().running === 0) await Promise.resolve();
    for (const call of calls.slice(0, 3)) call.cancel();
    assert.ok((await cancelled).every(({ status }) => status === 'rejected'));
    assert.equal(await calls[3], 4);
  }
});
