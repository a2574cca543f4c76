import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMainThread } from 'node:worker_threads';
import { AutoExecutor } from 'meantime/advisor';
import { callOf, isOnMain, isReady, numbersFrom, prepare, threadOf } from '../fixtures/auto-reviewed.js';

test('several endless streams read side by side: each gets a place', async () => {
  await using executor = new AutoExecutor();
  const streams = [0, 10, 20, 30].map((from) => executor.stream(numbersFrom, from));
  const first = await Promise.all(streams.map((stream) => stream.next()));
  assert.deepEqual(
    first.map(({ value }) => value),
    [0, 10, 20, 30],
  );
  await Promise.all(streams.map((stream) => stream.return?.()));
});

test('a shutdown waits for a stream that was asked for before it, and leaves no worker', async () => {
  const executor = new AutoExecutor();
  const stream = executor.stream(numbersFrom, 5);
  const first = stream.next();
  const down = executor.shutdown();
  assert.deepEqual(await first, { done: false, value: 5 });
  await stream.return?.();
  await down;
  assert.equal(executor.stats().workers, 0);
});

test('isolated: what a function that must stay here submits still runs on a thread', async () => {
  await using executor = new AutoExecutor({ isolate: true });
  const around = { executor, isMainThread };
  const closure = async () => [around.isMainThread, await around.executor.submit(isOnMain)];
  assert.deepEqual(await executor.submit(closure), [true, false]);
});

test('a time limit holds also for what is submitted from inside a call that runs here', async () => {
  await using executor = new AutoExecutor();
  const around = { executor };
  const closure = async () => await around.executor.with({ timeout: 50 }).submit(callOf, 'never ends');
  await assert.rejects(async () => await executor.submit(closure), { name: 'TimeoutError' });
});

test('an initializer is there in every call, whatever isolate says', async () => {
  await using executor = new AutoExecutor({ isolate: false, initializer: prepare });
  assert.deepEqual(await executor.map(isReady, [1, 2, 3]), [true, true, true]);
});

test('maxCallsPerWorker counts the inputs of a map', async () => {
  await using executor = new AutoExecutor({ maxCallsPerWorker: 10 });
  const threads = await executor.map(
    threadOf,
    Array.from({ length: 100 }, (_, i) => i),
  );
  const counts = new Map<number, number>();
  for (const thread of threads) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  assert.ok(Math.max(...counts.values()) <= 10, `${[...counts.values()]}`);
});
