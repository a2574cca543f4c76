// Threads do what lots say with everything that they share, while some are ended at any point. Real time: it takes what MEANTIME_STRESS_MS says, 6 s without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedEvent, SharedLock, SharedReentrantLock, SharedRwLock, SharedSemaphore, ThreadPoolExecutor } from 'meantime/threads';
import { churn, type Ground, Mark } from './shared-stress.calls.js';

const FOR = Number(process.env.MEANTIME_STRESS_MS ?? 6000);
const seed = Number(process.env.MEANTIME_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`shared primitives hold while threads are ended at any point (seed ${seed})`, { timeout: FOR + 60_000 }, async (t) => {
  const ground: Ground = {
    lock: new SharedLock(),
    again: new SharedReentrantLock(),
    rw: new SharedRwLock(),
    permits: new SharedSemaphore(3),
    event: new SharedEvent(),
    marks: new SharedArrayBuffer(64),
  };
  const marks = new Int32Array(ground.marks);
  let [calls, ended, next] = [0, 0, seed];
  {
    await using pool = new ThreadPoolExecutor({ workers: 4, grace: 0, name: 'stress' });
    const end = performance.now() + FOR;
    const lane = async (mortal: boolean): Promise<void> => {
      while (performance.now() < end) {
        const call = pool.submit(churn, ground, next++, mortal ? 1_000_000 : 300);
        calls++;
        const timer = mortal ? setTimeout(() => call.cancel(), 20 + ((next * 7919) % 120)) : undefined;
        try {
          await call;
        } catch (error) {
          assert.equal((error as Error).name, 'AbortError', String((error as Error).stack));
          ended++;
        }
        clearTimeout(timer);
      }
    };
    await Promise.all([lane(true), lane(true), lane(false), lane(false)]);
  }
  t.diagnostic(
    `${calls} calls, ${ended} threads ended in the middle, ${marks[Mark.rounds]} rounds, ${marks[Mark.abandoned]} locks found abandoned`,
  );
  assert.equal(marks[Mark.faults], 0, 'exclusion was lost');
  assert.ok(ended > 10 && marks[Mark.rounds] > 1000);
  // Everything can still be had, all of it.
  const limit = { timeout: 5000 };
  for (const way of [
    () => ground.lock.acquire(limit),
    () => ground.again.acquire(limit),
    () => ground.rw.write(limit),
    () => ground.permits.acquire(3, limit),
  ])
    (await way()).release();
  ground.event.set();
  await ground.event.wait(limit);
  for (const { waiting } of [ground.lock, ground.again, ground.rw, ground.permits, ground.event]) assert.equal(waiting, 0);
});

test('whoever waits costs no processor time', async (t) => {
  const lock = new SharedLock();
  const event = new SharedEvent();
  const permits = new SharedSemaphore(1);
  const guards = [await lock.acquire(), await permits.acquire()];
  await using pool = new ThreadPoolExecutor({ workers: 3 });
  const calls = [
    pool.submit((held: SharedLock) => held.acquireSync().release(), lock),
    pool.submit((held: SharedSemaphore) => held.acquireSync().release(), permits),
    pool.submit((waited: SharedEvent) => waited.waitSync(), event),
  ];
  const own = [lock.acquire(), permits.acquire(), event.wait()];
  while (lock.waiting < 2 || permits.waiting < 2 || event.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 1000)); // the threads' own start has ended, and the looks are long
  const before = process.cpuUsage();
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1000 / (performance.now() - began);
  for (const guard of guards) guard.release();
  event.set();
  for (const coming of own) ((await coming) as { release(): void } | undefined)?.release();
  await Promise.all(calls);
  t.diagnostic(`six that wait took ${(share * 100).toFixed(2)} % of a core`);
  assert.ok(share < 0.02, `${share}`);
});
