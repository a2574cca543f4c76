import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BrokenBarrierError, NotCloneableError, NotHeldError, OptionError, TimeoutError, WouldBlockError } from 'meantime';
import type { Future } from 'meantime/futures';
import { ProcessPoolExecutor } from 'meantime/processes';
import { Barrier, Condition, Event, Queue, RwLock, Semaphore } from 'meantime/tasks';
import {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedLock,
  SharedReentrantLock,
  SharedRwLock,
  SharedSemaphore,
  ThreadPoolExecutor,
} from 'meantime/threads';
import * as calls from './calls.js';

let pool: ThreadPoolExecutor;
before(() => {
  pool = new ThreadPoolExecutor({ workers: 3, grace: 50 });
});
after(() => pool.shutdown());

test('a semaphore lets no more in than there are permits', async () => {
  const semaphore = new SharedSemaphore(2);
  const memory = new SharedArrayBuffer(8);
  await Promise.all(Array.from({ length: 3 }, () => pool.submit(calls.peak, semaphore, memory, 3000)));
  const [inside, most] = new Int32Array(memory);
  assert.equal(inside, 0);
  assert.ok(most === 1 || most === 2, `${most} at a time`);
  assert.equal(semaphore.available, 2);
});

test('what waits for many permits is not overtaken by what wants few', async () => {
  const semaphore = new SharedSemaphore(3);
  const held = await semaphore.acquire(2);
  const order: number[] = [];
  const all = [3, 1, 1].map((n) =>
    semaphore.acquire(n).then((guard) => {
      order.push(n);
      guard.release();
    }),
  );
  assert.equal(semaphore.tryAcquire(), undefined, 'one is free, and somebody waits');
  assert.equal(semaphore.waiting, 3);
  held.release();
  await Promise.all(all);
  assert.deepEqual(order, [3, 1, 1]);
});

test('who leaves the line of a semaphore lets those behind it in', async () => {
  const semaphore = new SharedSemaphore(2);
  const held = await semaphore.acquire(1);
  const many = semaphore.acquire(2);
  const few = semaphore.acquire(1);
  many.cancel();
  await assert.rejects(many, { name: 'AbortError' });
  (await few).release();
  held.release();
  assert.equal(semaphore.available, 2);
  await assert.rejects(
    semaphore.acquire(2, { timeout: 0 }).then(() => semaphore.acquire(1, { timeout: 10 })),
    TimeoutError,
  );
});

test('the permits of a dead thread come back', async () => {
  const semaphore = new SharedSemaphore(2);
  for (let i = 0; i < 2; i++) await assert.rejects(pool.submit(calls.takeAndExit, semaphore as never), { code: 'MEANTIME_WORKER_LOST' });
  assert.equal(semaphore.available, 0);
  (await semaphore.acquire(2)).release();
  assert.equal(semaphore.available, 2);
});

test('readers never see a write half done', async () => {
  const lock = new SharedRwLock();
  const memory = new SharedArrayBuffer(24);
  const torn = await Promise.all([7, 5, 3].map((every) => pool.submit(calls.readAndWrite, lock, memory, 3000, every)));
  assert.deepEqual(torn, [0, 0, 0]);
  const cells = new Float64Array(memory);
  assert.equal(cells[0], cells[1]);
  assert.equal(cells[0], Math.ceil(3000 / 7) + Math.ceil(3000 / 5) + Math.ceil(3000 / 3));
  assert.deepEqual([lock.readers, lock.writing, lock.waiting], [0, false, 0]);
});

test('who reads after a waiting writer waits behind it', async () => {
  const lock = new SharedRwLock();
  const order: string[] = [];
  const reader = await lock.read();
  const writing = lock.write().then((guard) => {
    order.push('write');
    guard.release();
  });
  const reading = lock.read().then((guard) => {
    order.push('read');
    guard.release();
  });
  assert.equal(lock.tryRead(), undefined);
  reader.release();
  await Promise.all([writing, reading]);
  assert.deepEqual(order, ['write', 'read']);
});

test('a writer that dies leaves the lock abandoned, a reader gives it back without a word', async () => {
  const lock = new SharedRwLock();
  await assert.rejects(pool.submit(calls.writeAndExit, lock));
  const guard = await lock.read();
  assert.equal(guard.abandoned?.code, 'MEANTIME_ABANDONED');
  guard.release();
  await assert.rejects(pool.submit(calls.readAndExit, lock));
  assert.equal(lock.readers, 1);
  const writer = await lock.write();
  assert.ok(writer.abandoned, 'who can mend it is told as well');
  writer.release();
  const next = await lock.read();
  assert.equal(next.abandoned, undefined, 'it counts as mended');
  next.release();
});

test('an event lets all go on, in whichever way they wait, also if it is cleared at once', async () => {
  const event = new SharedEvent();
  const blocked = [pool.submit(calls.waitOn, event), pool.submit(calls.waitOn, event)];
  const awaited = event.wait();
  while (event.waiting < 3) await new Promise((resolve) => setImmediate(resolve));
  event.set();
  event.clear();
  await Promise.all([...blocked, awaited]);
  await assert.rejects(event.wait({ timeout: 5 }), TimeoutError);
  event.set();
  await event.wait();
  event.waitSync({ blockMain: true });
  assert.equal(event.waiting, 0);
});

test('a barrier: threads meet round after round, and each place is given once', async () => {
  const barrier = new SharedBarrier(3);
  const rounds = 200;
  const [a, b, c] = await Promise.all(Array.from({ length: 3 }, () => pool.submit(calls.meet, barrier, rounds)));
  for (let i = 0; i < rounds; i++) assert.deepEqual([a[i], b[i], c[i]].sort(), [0, 1, 2], `round ${i}`);
  assert.equal(barrier.waiting, 0);
});

test('a barrier that is aborted or reset says so to those who wait', async () => {
  const barrier = new SharedBarrier(2);
  const one = barrier.wait();
  barrier.abort();
  await assert.rejects(one, BrokenBarrierError);
  assert.ok(barrier.broken);
  await assert.rejects(barrier.wait(), BrokenBarrierError);
  barrier.reset();
  const two = barrier.wait();
  barrier.reset();
  await assert.rejects(two, /was reset/);
  assert.deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
  const late = barrier.wait({ timeout: 5 });
  await assert.rejects(late, TimeoutError);
  assert.equal(barrier.broken, false, 'who left has not come');
  assert.deepEqual(await Promise.all([barrier.wait(), barrier.wait()]), [0, 1]);
});

test('who dies at a barrier has not come', async () => {
  const barrier = new SharedBarrier(2);
  await assert.rejects(pool.submit(calls.waitAndDie, barrier));
  const one = barrier.wait();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(one.settled, false);
  await Promise.all([one, barrier.wait()]);
});

test('a condition hands items from thread to thread', async () => {
  const condition = new SharedCondition();
  const memory = new SharedArrayBuffer(8);
  const times = 500;
  const [sum] = await Promise.all([
    pool.submit(calls.consume, condition, memory, times),
    pool.submit(calls.produce, condition, memory, times),
  ]);
  assert.equal(sum, (times * (times + 1)) / 2);
});

test('a condition on the main thread: wait, notify, limits, and the lock in hand after each', async () => {
  const condition = new SharedCondition();
  const guard = await condition.acquire();
  const late = guard.wait({ timeout: 5 });
  assert.equal(guard.held, false);
  assert.throws(() => guard.release(), NotHeldError);
  await assert.rejects(late, TimeoutError);
  assert.ok(guard.held);
  let there = false;
  const waiting = guard.waitFor(() => there);
  let inner: Future<boolean> | undefined;
  const cancelled = condition.with((other) => {
    inner = other.waitFor(() => false);
    return inner;
  });
  while (condition.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
  await condition.with((other) => {
    there = true;
    other.notifyAll();
  });
  assert.equal(await waiting, true);
  guard.release();
  while (condition.waiting < 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(inner?.cancel('enough'));
  await assert.rejects(cancelled, { name: 'AbortError' });
  assert.throws(() => guard.notify(), NotHeldError);
  const shared = new SharedLock();
  const [full, empty] = [new SharedCondition(shared), new SharedCondition(shared)];
  const held = await full.acquire();
  assert.equal(empty.tryAcquire(), undefined, 'two conditions of one lock');
  held.release();
});

test('bad input: each a named error', async () => {
  for (const bad of [0, -1, 1.5, Number.NaN, '2', undefined, 2 ** 31]) {
    assert.throws(() => new SharedSemaphore(bad as number), OptionError);
    assert.throws(() => new SharedBarrier(bad as number), OptionError);
  }
  assert.throws(() => new SharedBarrier(251), OptionError);
  const semaphore = new SharedSemaphore(2);
  assert.throws(() => semaphore.acquire(3), /can never be had, there are 2/);
  assert.throws(() => semaphore.tryAcquire(0), OptionError);
  assert.throws(() => semaphore.acquireSync(), WouldBlockError);
  const guard = semaphore.tryAcquire();
  guard?.release();
  assert.throws(() => guard?.release(), NotHeldError);
  const lock = new SharedRwLock();
  await assert.rejects(
    lock.withWrite(() => lock.read()),
    { code: 'MEANTIME_SELF_WAIT' },
  );
  assert.throws(() => lock.readSync(), WouldBlockError);
  assert.throws(() => new SharedEvent().waitSync(), WouldBlockError);
  assert.throws(() => new SharedBarrier(1).waitSync(), WouldBlockError);
  const condition = await new SharedCondition().acquire();
  assert.throws(() => condition.waitSync(), WouldBlockError);
  assert.throws(() => condition.notify(0), OptionError);
  assert.throws(() => condition.waitFor(1 as never), { code: 'MEANTIME_NOT_CALLABLE' });
  await assert.rejects(
    condition.waitFor(async () => true),
    OptionError,
  );
  condition.release();
});

test('none of them goes to a process, and none of those of tasks to a thread; each says what to use', async () => {
  await using processes = new ProcessPoolExecutor({ workers: 1 });
  const shared = [
    new SharedSemaphore(1),
    new SharedRwLock(),
    new SharedEvent(),
    new SharedBarrier(1),
    new SharedCondition(),
    new SharedReentrantLock(),
  ];
  const ofTasks = [new Semaphore(1), new RwLock(), new Event(), new Barrier(1), new Condition(), new Queue(1)];
  const id = (value: unknown) => typeof value;
  for (const [executor, things, advice] of [
    [processes, shared, /between processes use Process/],
    [pool, ofTasks, /between threads use Shared/],
  ] as const)
    for (const thing of things)
      await assert.rejects(executor.submit(id, thing), (error: Error) => {
        assert.ok(error instanceof NotCloneableError, String(error));
        assert.match(error.message, new RegExp(thing.constructor.name));
        assert.match(error.message, advice);
        return true;
      });
});
