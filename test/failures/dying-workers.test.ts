import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerLostError } from 'meantime';
import { add, burn, eatMemory, exit, holdUntil, linesOf, pid, rejectOutside, where } from '../fixtures/calls/calls.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';

for (const { name, make } of kinds) {
  test(`${name}: process.exit in a call settles it, in well under a second`, async () => {
    await using pool = make({ workers: 2 });
    await pool.submit(add, 1, 2);
    const began = performance.now();
    await assert.rejects(async () => await pool.submit(exit, file(), 3), {
      name: 'WorkerLostError',
      exitCode: 3,
      code: 'MEANTIME_WORKER_LOST',
    });
    assert.ok(performance.now() - began < 1000);
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  test(`${name}: process.exit(0) in a call settles it, too`, async () => {
    await using pool = make({ workers: 1 });
    await assert.rejects(async () => await pool.submit(exit, file(), 0), { name: 'WorkerLostError', exitCode: 0 });
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  test(`${name}: a crashed call runs once, not again`, async () => {
    await using pool = make({ workers: 2 });
    const ran = file();
    await assert.rejects(async () => await pool.submit(exit, ran, 1), WorkerLostError);
    await Promise.all(Array.from({ length: 10 }, () => pool.submit(where)));
    assert.deepEqual(linesOf(ran), ['ran']);
  });

  test(`${name}: out of memory in a call settles it, and is no exception in the main program`, async () => {
    await using pool = make({ workers: 1, memoryLimit: 40 * 2 ** 20 });
    const seen: unknown[] = [];
    const watch = (error: unknown) => seen.push(error);
    process.on('uncaughtExceptionMonitor', watch);
    await assert.rejects(async () => await pool.submit(eatMemory), WorkerLostError);
    process.off('uncaughtExceptionMonitor', watch);
    assert.deepEqual(seen, []);
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  test(`${name}: an unhandled rejection in a worker is none in the main program`, async () => {
    await using pool = make({ workers: 1 });
    const seen: unknown[] = [];
    const watch = (error: unknown) => seen.push(error);
    process.on('unhandledRejection', watch);
    await assert.rejects(async () => await pool.submit(rejectOutside), /nobody looks at this/);
    process.off('unhandledRejection', watch);
    assert.deepEqual(seen, []);
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  test(`${name}: one worker that exits takes no call of another along`, async () => {
    await using pool = make({ workers: 2 });
    const [held, gate] = [file(), file()];
    const beside = pool.submit(holdUntil, held, gate);
    await until('it is held', () => linesOf(held).length === 1);
    const queued = Array.from({ length: 20 }, (_, i) => (i === 10 ? pool.submit(exit, file(), 9) : pool.submit(add, i, 1)));
    const ends = await Promise.allSettled(queued);
    assert.deepEqual(
      ends.flatMap((end, i) => (end.status === 'rejected' ? [i] : [])),
      [10],
    );
    await pool.submit(exit, gate, 9).catch(() => undefined); // writes the gate
    assert.equal(await beside, 'released');
  });

  test(`${name}: workers that die a hundred times over leave every other call done`, async () => {
    await using pool = make({ workers: 2 });
    const ran = file();
    const futures = Array.from({ length: 60 }, (_, i) => (i % 3 === 2 ? pool.submit(exit, ran, 1) : pool.submit(add, i, 1)));
    const ends = await Promise.allSettled(futures);
    assert.deepEqual(
      ends.map((end) => (end.status === 'fulfilled' ? end.value : 'lost')),
      futures.map((_, i) => (i % 3 === 2 ? 'lost' : i + 1)),
    );
    assert.equal(linesOf(ran).length, 20);
    assert.deepEqual([pool.stats().lost, pool.stats().running, pool.stats().queued], [20, 0, 0]);
  });

  test(`${name}: a cancelled loop stops burning CPU within its grace`, async () => {
    await using pool = make({ workers: 1, grace: 100 });
    const burning = file();
    const worker = await pool.submit(pid);
    const future = pool.submit(burn, burning);
    await until('it burns', () => linesOf(burning).length === 1);
    const began = performance.now();
    future.cancel();
    await assert.rejects(async () => await future, { name: 'AbortError' });
    await until('the worker is gone', () => pool.stats().workers === 0, 1100);
    assert.ok(performance.now() - began >= 90, 'it had its grace');
    if (worker === process.pid) {
      const { user } = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 200)); // the time in which CPU is measured
      assert.ok(process.cpuUsage().user - user < 120_000, 'the thread burns on');
    }
    assert.equal(await pool.submit(add, 1, 2), 3);
  });
}

test('processes: kill -9 of a worker fails what ran there, at most one batch of others, and none of them twice', async () => {
  const { make } = kinds[1];
  await using pool = make({ workers: 2 });
  const victim = await pool.submit(pid);
  const ran = file();
  const held = file();
  const running = pool.submit(holdUntil, held, file());
  await until('it is held', () => linesOf(held).length === 1);
  const beside = pool.submit(holdUntil, held, ran);
  await until('both are held', () => linesOf(held).length === 2);
  const queued = Array.from({ length: 50 }, (_, i) => pool.submit(add, i, 1));
  process.kill(victim, 'SIGKILL');
  const lost = await Promise.any(
    [running, beside].map((future) =>
      future.then(
        () => assert.fail('it ended'),
        (error) => error,
      ),
    ),
  );
  assert.ok(lost instanceof WorkerLostError);
  assert.deepEqual([lost.signal, lost.exitCode], ['SIGKILL', null]);
  assert.deepEqual(
    await Promise.all(queued),
    queued.map((_, i) => i + 1),
  );
  await pool.shutdown({ grace: 0 });
  await Promise.allSettled([running, beside]);
});

test('processes: the error of a lost worker has the last that it wrote to stderr', async () => {
  const { make } = kinds[1];
  await using pool = make({ workers: 1 });
  const future = pool.submit(() => {
    process.stderr.write('the disk is on fire\n');
    process.exit(12);
  });
  await assert.rejects(
    async () => await future,
    (error: WorkerLostError) => {
      assert.match(error.stderr, /the disk is on fire/);
      assert.match(error.message, /exit code 12.*the disk is on fire/s);
      return true;
    },
  );
});
