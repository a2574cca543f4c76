import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedQueue, ThreadPoolExecutor } from 'meantime/threads';
import { getOne, putOne } from '../threads/shared/queue-calls.js';

test('who waits at a queue costs nothing: blocked or awaiting, to get or to put', async (t) => {
  await using pool = new ThreadPoolExecutor({ workers: 3 });
  const [empty, full] = [new SharedQueue<number>(1), new SharedQueue<number>(1)];
  await full.put(0);
  const calls = [pool.submit(getOne<number>, empty), pool.submit(getOne<number>, empty), pool.submit(putOne, full, 1)];
  const own = [empty.get(), full.put(2)];
  while (empty.getting < 3 || full.putting < 2) await new Promise(setImmediate);
  const before = process.cpuUsage();
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1000 / (performance.now() - began);
  for (let n = 0; n < 3; n++) await empty.put(n);
  for (let n = 0; n < 3; n++) await full.get();
  await Promise.all([...calls, ...own]);
  t.diagnostic(`five that wait took ${(share * 100).toFixed(2)} % of a core`);
  assert.ok(share < 0.02, `${share}`);
});
