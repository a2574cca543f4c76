import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpoint, TaskExecutor } from 'meantime/tasks';

test('a call whose executor becomes smaller while its own calls wait for a place still gets them', { timeout: 20_000 }, async () => {
  await using executor = new TaskExecutor({ concurrency: 3 });
  const order: number[] = [];
  const outer = executor.submit(async () => {
    const submitted = [1, 2, 3].map((k) => executor.submit(async () => order.push(k)));
    const mapped = executor.map(async (k: number) => order.push(k), [4, 5, 6]).then((all) => all.length);
    await checkpoint();
    executor.resize({ concurrency: 1 });
    await Promise.all(submitted);
    return (await mapped) + submitted.length;
  });
  const holders = [1, 2].map(() => executor.submit(async () => await checkpoint()));
  assert.equal(await outer, 6);
  await Promise.all(holders);
  assert.deepEqual(new Set(order), new Set([1, 2, 3, 4, 5, 6]));
  const { running, queued } = executor.stats();
  assert.deepEqual([running, queued], [0, 0]);
});

test('made smaller in the same turn', { timeout: 20_000 }, async () => {
  await using executor = new TaskExecutor({ concurrency: 2 });
  const outer = executor.submit(async () => {
    const calls = [1, 2, 3].map((k) => executor.submit(async () => k));
    executor.resize({ concurrency: 1 });
    return await Promise.all(calls);
  });
  assert.deepEqual(await outer, [1, 2, 3]);
  executor.resize({ concurrency: 4 });
  assert.deepEqual(await executor.map(async (k: number) => k, [1, 2, 3]), [1, 2, 3]);
});

test('a map inside a call goes on when others wait for the only place', { timeout: 20_000 }, async () => {
  await using executor = new TaskExecutor({ concurrency: 1 });
  const busy = (ms: number) => {
    for (const end = performance.now() + ms; performance.now() < end; );
    return ms;
  };
  const outer = executor.submit(async () => {
    const others = [1, 2, 3].map(() => executor.submit(async () => await checkpoint()));
    const mapped = await executor.map(busy, new Array(60).fill(0.5));
    await Promise.all(others);
    return mapped.length;
  });
  const more = [1, 2, 3].map((k) => executor.submit(async () => k));
  assert.equal(await outer, 60);
  assert.deepEqual(await Promise.all(more), [1, 2, 3]);
});
