import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from 'meantime';
import { AtomicInt32, ThreadPoolExecutor } from 'meantime/threads';
import { atWork, nap } from '../fixtures/resize.js';

test('a pool made smaller under load: those that are one too many answer what they run, and nothing more', async () => {
  await using pool = new ThreadPoolExecutor({ workers: 4 });
  await pool.broadcast(nap, 1);
  const after: number[] = [];
  let resized = false;
  const calls = Array.from({ length: 60 }, () => pool.submit(nap, 10).then((thread) => resized && after.push(thread)));
  await Promise.any(calls);
  pool.resize({ workers: 1 });
  resized = true;
  await Promise.all(calls);
  const counts = new Map<number, number>();
  for (const thread of after) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  const [stays, ...others] = [...counts.values()].sort((a, b) => b - a);
  assert.ok(
    others.every((count) => count <= 1),
    `${stays}, ${others}`,
  );
  assert.equal(pool.slots(), 1);
  assert.equal(pool.stats().lost, 0);
});

test('smaller and larger again, several times: never more workers than that', async () => {
  await using pool = new ThreadPoolExecutor({ workers: 3 });
  await pool.broadcast(nap, 1);
  const busy = new AtomicInt32();
  const most = new AtomicInt32();
  let done = false;
  const load = Array.from({ length: 12 }, async () => {
    while (!done) await pool.submit(atWork, busy, most, 2);
  });
  for (const workers of [1, 3, 1, 3, 1, 3]) {
    pool.resize({ workers });
    for (let i = 0; i < 30; i++) await pool.submit(nap, 1);
  }
  most.store(0);
  for (let i = 0; i < 60; i++) await pool.submit(nap, 1);
  done = true;
  await Promise.all(load);
  assert.ok(most.load() <= 3, `${most.load()} at once`);
});

test('more calls at a time in each worker, and fewer again', async () => {
  await using pool = new ThreadPoolExecutor({ workers: 1 });
  const [busy, most] = [new AtomicInt32(), new AtomicInt32()];
  const peak = async () => {
    most.store(0);
    await Promise.all(Array.from({ length: 12 }, () => pool.submit(atWork, busy, most, 5)));
    return most.load();
  };
  assert.equal(await peak(), 1);
  pool.resize({ concurrency: 4 });
  assert.equal(await peak(), 4);
  pool.resize({ concurrency: 2 });
  assert.equal(await peak(), 2);
});

test('sizes that are none are refused, by name', async () => {
  await using pool = new ThreadPoolExecutor({ workers: 1 });
  assert.throws(() => pool.resize({ workers: 0 }), OptionError);
  assert.throws(() => pool.resize({ worker: 1 } as never), /"workers"/);
});
