import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessLock, ProcessPoolExecutor, ProcessQueue } from 'meantime/processes';
import { consume, holdAndDie, produce } from './broker-calls.js';

test('4 producers and 4 consumers: 10,000 items, none lost nor doubled', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 8 });
  using queue = new ProcessQueue<number>(100);
  const consumers = [1, 1, 16, 64].map((prefetch) => pool.submit(consume, queue, prefetch));
  const producers = [0, 1, 2, 3].map((i) => pool.submit(produce, queue, i * 2500, (i + 1) * 2500, [1, 7, 50, 500][i]));
  await Promise.all(producers);
  await queue.close();
  const seen = (await Promise.all(consumers)).flat();
  assert.equal(seen.length, 10_000);
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 10_000 }, (_, i) => i),
  );
});

test('a holder that is killed with -9: the next one gets the lock within a second, and is told', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using lock = new ProcessLock();
  using ready = new ProcessQueue<number>(1);
  const holder = pool.submit(holdAndDie, lock, ready);
  const pid = await ready.get();
  assert.equal(await lock.tryAcquire(), undefined);
  const waiting = lock.acquire();
  const at = performance.now();
  process.kill(pid, 'SIGKILL');
  await assert.rejects(holder, { name: 'WorkerLostError' });
  const guard = await waiting;
  assert.ok(performance.now() - at < 1000);
  assert.equal(guard.abandoned?.code, 'MEANTIME_ABANDONED');
  guard.release();
  assert.equal((await lock.acquire()).abandoned, undefined);
});
