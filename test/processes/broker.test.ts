import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ProcessBarrier,
  ProcessCondition,
  ProcessEvent,
  ProcessLock,
  ProcessPoolExecutor,
  ProcessQueue,
  ProcessReentrantLock,
  ProcessSemaphore,
} from 'meantime/processes';
import { Lock, run, sleep, withTimeout } from 'meantime/tasks';
import { SharedLock, ThreadPoolExecutor } from 'meantime/threads';
import * as far from './broker-calls.js';

const SECOND = 1000;
const lost = { name: 'WorkerLostError' };
const closed = { code: 'MEANTIME_CONNECTION_CLOSED' };

test('4 producers and 4 consumers: 10,000 items, none lost nor doubled', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 8 });
  using queue = new ProcessQueue<number>(100);
  const consumers = [4, 8, 16, 64].map((prefetch) => pool.submit(far.consume, queue, prefetch));
  const producers = [0, 1, 2, 3].map((i) => pool.submit(far.produce, queue, i * 2500, (i + 1) * 2500, [20, 70, 50, 500][i]));
  await Promise.all(producers);
  await queue.close();
  const seen = (await Promise.all(consumers)).flat();
  assert.equal(seen.length, 10_000);
  assert.deepEqual(
    seen.sort((a, b) => a - b),
    Array.from({ length: 10_000 }, (_, i) => i),
  );
});

test('a holder that is killed with -9: the next one gets the lock within a second, and is told; the one after is not', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using lock = new ProcessLock();
  using ready = new ProcessQueue<number>(1);
  const holder = pool.submit(far.holdForEver, lock, ready);
  const pid = await ready.get();
  assert.equal(await lock.tryAcquire(), undefined);
  const waiting = lock.acquire();
  const at = performance.now();
  process.kill(pid, 'SIGKILL');
  await assert.rejects(holder, lost);
  const guard = await waiting;
  assert.ok(performance.now() - at < SECOND);
  assert.equal(guard.abandoned?.code, 'MEANTIME_ABANDONED');
  guard.release();
  const next = await lock.acquire();
  assert.equal(next.abandoned, undefined);
  next.release();
});

test('who releases and ends in the same turn has not abandoned the lock', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using lock = new ProcessLock();
  await assert.rejects(pool.submit(far.releaseAndExit, lock), lost);
  const guard = await lock.acquire();
  assert.equal(guard.abandoned, undefined);
  guard.release();
});

test('first come, first served, across processes and with this one; a waiter that is killed leaves the line', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 4 });
  using lock = new ProcessLock();
  using ready = new ProcessQueue<number>(1);
  using order = new ProcessQueue<number>(10);
  const guard = await lock.acquire();
  const inLine: Promise<unknown>[] = [];
  const pids: number[] = [];
  for (const me of [0, 1, 2, 3]) {
    inLine.push(pool.submit(far.standInLine, lock, ready, order, me));
    pids.push(await ready.get());
    if (me === 1) inLine.push(lock.with(() => order.put(99)));
  }
  const [, , , killed] = inLine; // number 2, for this process stands among them
  process.kill(pids[2], 'SIGKILL');
  await assert.rejects(killed, lost);
  guard.release();
  await Promise.all(inLine.filter((one) => one !== killed));
  assert.deepEqual(await order.getMany(10), [0, 1, 99, 3]);
});

test('a lock keeps processes, a thread and this thread apart', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 2 });
  await using threads = new ThreadPoolExecutor({ workers: 1 });
  using lock = new ProcessLock();
  using counter = new ProcessQueue<number>(1);
  await counter.put(0);
  await Promise.all([
    pool.submit(far.bump, lock, counter, 30),
    pool.submit(far.bump, lock, counter, 30),
    threads.submit(far.bump, lock, counter, 30),
    far.bump(lock, counter, 30),
  ]);
  assert.equal(await counter.get(), 120);
});

test('cancel storms: nothing is lost, nothing is left held', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 3 });
  using lock = new ProcessLock();
  using semaphore = new ProcessSemaphore(3);
  using queue = new ProcessQueue<number>(40);
  const items = Array.from({ length: 300 }, (_, i) => i);
  const putting = queue.putMany(items);
  const storms = await Promise.all([1, 2, 3].map(() => pool.submit(far.cancelStorm, lock, semaphore, queue, 40)));
  const rest: number[] = [];
  const got = storms.flat();
  while (rest.length + got.length < items.length) rest.push(...(await queue.getMany(100, { timeout: 2000 })));
  await putting;
  assert.deepEqual(
    [...got, ...rest].sort((a, b) => a - b),
    items,
  );
  assert.equal(await semaphore.available(), 3);
  const guard = await lock.tryAcquire();
  assert.equal(guard?.held, true);
  guard?.release();
});

test('what a killed process had is given on: permits, a place at a barrier, an item no more', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 3 });
  using ready = new ProcessQueue<number>(1);
  using semaphore = new ProcessSemaphore(3);
  const holder = pool.submit(far.takePermits, semaphore, 2, ready);
  const pid = await ready.get();
  const all = semaphore.acquire(3);
  process.kill(pid, 'SIGKILL');
  await assert.rejects(holder, lost);
  (await all).release();

  using barrier = new ProcessBarrier(3);
  const waiting = assert.rejects(barrier.wait(), { code: 'MEANTIME_BROKEN_BARRIER' });
  const other = pool.submit(far.meet, barrier, ready);
  const second = await ready.get();
  assert.equal(await barrier.waiting(), 2);
  process.kill(second, 'SIGKILL');
  await assert.rejects(other, lost);
  await waiting;
  assert.equal(await barrier.broken(), true);
  await assert.rejects(barrier.wait(), { code: 'MEANTIME_BROKEN_BARRIER' });
  await barrier.reset();
  const places = await Promise.all([barrier.wait(), pool.submit(far.meet, barrier), pool.submit(far.meet, barrier)]);
  assert.deepEqual([...places].sort(), [0, 1, 2]);
});

test('at most once: what was on its way to a killed consumer is lost, and no more than it had asked for', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using queue = new ProcessQueue<number>(10);
  using ready = new ProcessQueue<number[]>(1);
  await queue.putMany([0, 1, 2, 3, 4, 5]);
  const hanging = pool.submit(far.takeAndHang, queue, 3, ready);
  const [pid, item] = await ready.get();
  assert.equal(item, 0);
  process.kill(pid, 'SIGKILL');
  await assert.rejects(hanging, lost);
  assert.deepEqual(await queue.getMany(10), [3, 4, 5]);
});

test('who leaves the loop gives back what it had fetched, in order', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using queue = new ProcessQueue<number>(10);
  await queue.putMany([0, 1, 2, 3, 4]);
  assert.deepEqual(await pool.submit(far.firstFew, queue, 2), [0, 1]);
  assert.deepEqual(await queue.getMany(10), [2, 3, 4]);
});

test('the process of the broker is killed: whoever waits, anywhere, gets a ConnectionClosedError, and so do later calls', async () => {
  await using makers = new ProcessPoolExecutor({ workers: 1 });
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  const { queue, lock, pid } = await makers.submit(far.makeHere);
  const guard = await lock.acquire();
  await queue.put(1);
  const here = [lock.acquire(), queue.put(2), queue.join()].map((one) => assert.rejects(one, closed));
  using order = new ProcessQueue<number>(1);
  using ready = new ProcessQueue<number>(1);
  const there = assert.rejects(pool.submit(far.standInLine, lock, ready, order, 1), closed);
  await ready.get();
  process.kill(pid, 'SIGKILL');
  await Promise.all([...here, there]);
  assert.equal(guard.held, false);
  assert.throws(() => guard.release(), closed);
  guard[Symbol.dispose]();
  for (const later of [lock.acquire(), lock.tryAcquire(), queue.get(), queue.size()]) await assert.rejects(later, closed);
});

test('the maker disposes of it: whoever waits gets a ConnectionClosedError', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using ready = new ProcessQueue<number>(1);
  const event = new ProcessEvent();
  const waiting = [pool.submit(far.waitEvent, event, ready), event.wait()].map((one) => assert.rejects(one, closed));
  await ready.get();
  event[Symbol.dispose]();
  await Promise.all(waiting);
  await assert.rejects(event.set(), closed);
});

test('queues of queues, to a child of a child, and back to where they were made', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using questions = new ProcessQueue<{ question: number; to: ProcessQueue<number> }>(5);
  using answers = new ProcessQueue<number>(5);
  const answering = pool.submit(far.answerBelow, questions);
  for (const question of [1, 2, 3]) await questions.put({ question, to: answers });
  assert.deepEqual([await answers.get(), await answers.get(), await answers.get()], [2, 4, 6]);
  await questions.put({ question: 0, to: answers });
  const { to } = await questions.get().catch(() => ({ to: answers }));
  await questions.close();
  await answering;
  assert.equal(to.capacity, 5);
});

test('a handle that comes back to its maker is the same object, without a socket', async () => {
  using lock = new ProcessLock();
  using carrier = new ProcessQueue<ProcessLock>(1);
  const guard = await lock.acquire();
  await carrier.put(lock);
  const again = await carrier.get();
  assert.notEqual(again, lock);
  assert.equal(await again.tryAcquire(), undefined);
  guard.release();
  (await again.acquire()).release();
});

test('a condition across processes', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 2 });
  using condition = new ProcessCondition();
  using stock = new ProcessQueue<string>(5);
  using ready = new ProcessQueue<number>(2);
  const buyers = [pool.submit(far.buy, condition, stock, ready), pool.submit(far.buy, condition, stock, ready)];
  await ready.get();
  await ready.get();
  await condition.with(async (guard) => {
    await stock.put('bread');
    await stock.put('milk');
    guard.notifyAll();
  });
  assert.deepEqual((await Promise.all(buyers)).sort(), ['bread', 'milk']);
});

test('a condition: a wait that is cut off holds the lock again before it throws', async () => {
  using condition = new ProcessCondition();
  const guard = await condition.acquire();
  await assert.rejects(guard.wait({ timeout: 1 }), { name: 'TimeoutError' });
  assert.equal(guard.held, true);
  await assert.rejects(
    guard.waitFor(() => false, { timeout: 1 }),
    { name: 'TimeoutError' },
  );
  await run(async () => {
    await withTimeout(5, () => guard.wait()).catch((error: Error) => assert.equal(error.name, 'TimeoutError'));
    assert.equal(guard.held, true, 'also when it is the task that is cut off');
  });
  guard.release();
  await assert.rejects(guard.wait(), { code: 'MEANTIME_NOT_HELD' });
  assert.throws(() => guard.notify(), { code: 'MEANTIME_NOT_HELD' });
});

test('a guard of a condition that is disposed of while it waits takes no notification, and no lock', async () => {
  using condition = new ProcessCondition();
  const guard = await condition.acquire();
  const waiting = guard.wait();
  guard[Symbol.dispose]();
  const other = await condition.acquire();
  other.notify();
  other.release();
  await waiting.catch(() => undefined);
  (await condition.acquire({ timeout: SECOND })).release();
});

test('a task that is cancelled leaves the line, and the lock is not lost', async () => {
  using lock = new ProcessLock();
  await run(async () => {
    const guard = await lock.acquire();
    await assert.rejects(
      withTimeout(5, () => lock.with(() => 'never')),
      { name: 'TimeoutError' },
    );
    guard.release();
    let inside = '';
    await assert.rejects(
      withTimeout(5, () =>
        lock.with(async () => {
          inside = 'in';
          await sleep(10_000);
        }),
      ),
      { name: 'TimeoutError' },
    );
    assert.equal(inside, 'in');
    (await lock.acquire({ timeout: SECOND })).release();
  });
});

test('a re-entrant lock: its holder may take it again, others may not', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using lock = new ProcessReentrantLock();
  using ready = new ProcessQueue<number>(1);
  const outer = await lock.acquire();
  const inner = await lock.acquire();
  const holder = pool.submit(far.holdForEver, lock as unknown as ProcessLock, ready);
  inner.release();
  assert.equal(await ready.tryGet(), undefined);
  outer.release();
  const pid = await ready.get();
  assert.equal(await lock.tryAcquire(), undefined);
  process.kill(pid, 'SIGKILL');
  await assert.rejects(holder, lost);
  assert.equal((await lock.acquire()).abandoned?.name, 'AbandonedError');
});

test('an event across processes', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using event = new ProcessEvent();
  using ready = new ProcessQueue<number>(1);
  const there = pool.submit(far.waitEvent, event, ready);
  await ready.get();
  assert.equal(await event.isSet(), false);
  await event.set();
  assert.equal(await there, 'set');
  await pool.submit(far.waitNoTime, event);
  await event.clear();
  assert.equal(await event.isSet(), false);
  await assert.rejects(pool.submit(far.waitNoTime, event), { code: 'MEANTIME_TIMEOUT' });
  await assert.rejects(event.wait({ timeout: 0 }), { code: 'MEANTIME_TIMEOUT' });
});

test('wrong use is said by name', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  const option = { code: 'MEANTIME_OPTION' };
  for (const capacity of [0, -1, 1.5, Number.NaN, '3', undefined]) assert.throws(() => new ProcessQueue(capacity as number), option);
  for (const n of [0, -1, 1.5, Number.POSITIVE_INFINITY]) {
    assert.throws(() => new ProcessSemaphore(n), option);
    assert.throws(() => new ProcessBarrier(n), option);
  }
  using lock = new ProcessLock();
  using semaphore = new ProcessSemaphore(2);
  using queue = new ProcessQueue<unknown>(2);
  for (const n of [0, 3, 1.5]) {
    await assert.rejects(semaphore.acquire(n), option);
    await assert.rejects(semaphore.tryAcquire(n), option);
  }
  await assert.rejects(queue.getMany(0), option);
  assert.throws(() => queue.items({ prefetch: 0 }), option);
  await assert.rejects(lock.acquire({ timeOut: 1 } as never), { ...option, message: /timeout/ });
  assert.throws(() => lock.with(5 as never), { code: 'MEANTIME_NOT_CALLABLE' });
  assert.equal(await pool.submit(far.releaseTwice, lock), 'MEANTIME_NOT_HELD');
  const guard = await lock.acquire();
  await assert.rejects(pool.submit(far.releaseTwice, guard as never), { code: 'MEANTIME_NOT_CLONEABLE', message: /pass the lock/ });
  guard.release();
  assert.throws(() => guard.release(), { code: 'MEANTIME_NOT_HELD' });
  await assert.rejects(
    lock.with(() => lock.with(() => 1)),
    { code: 'MEANTIME_SELF_WAIT' },
  );
  await assert.rejects(
    lock.with(() => lock.acquire()),
    { code: 'MEANTIME_SELF_WAIT' },
  );
  await assert.rejects(queue.taskDone(), { code: 'MEANTIME_NOT_HELD' });
  await assert.rejects(
    queue.put(() => 1),
    { code: 'MEANTIME_NOT_CLONEABLE' },
  );
  await assert.rejects(queue.put(new SharedLock()), { code: 'MEANTIME_NOT_CLONEABLE', message: /ProcessLock/ });
  await assert.rejects(queue.put({ deep: [new Lock()] }), { code: 'MEANTIME_NOT_CLONEABLE', message: /ProcessLock/ });
  await assert.rejects(queue.put(new SharedArrayBuffer(8)), { code: 'MEANTIME_NOT_CLONEABLE' });
  await assert.rejects(queue.put(new Uint8Array(2 ** 28 + 1)), { code: 'MEANTIME_TOO_LARGE' });
  await queue.close();
  await assert.rejects(queue.put(1), { code: 'MEANTIME_QUEUE_CLOSED' });
  await assert.rejects(queue.get(), { code: 'MEANTIME_QUEUE_CLOSED' });
});

test('every way to wait ends with its time, its signal and its future', async () => {
  using lock = new ProcessLock();
  using semaphore = new ProcessSemaphore(1);
  using event = new ProcessEvent();
  using barrier = new ProcessBarrier(2);
  using condition = new ProcessCondition();
  using empty = new ProcessQueue<number>(1);
  using full = new ProcessQueue<number>(1);
  await full.put(1);
  const held = [await lock.acquire(), await semaphore.acquire(), await condition.acquire()];
  const waits = [
    (o?: object) => lock.acquire(o),
    (o?: object) => lock.with(() => 1, o),
    (o?: object) => semaphore.acquire(1, o),
    (o?: object) => event.wait(o),
    (o?: object) => barrier.wait(o),
    (o?: object) => condition.acquire(o),
    (o?: object) => empty.get(o),
    (o?: object) => empty.getMany(5, o),
    (o?: object) => full.put(2, o),
    (o?: object) => full.putMany([2, 3], o),
    (o?: object) => full.join(o),
  ];
  for (const wait of waits) {
    await assert.rejects(wait({ timeout: 1 }), { code: 'MEANTIME_TIMEOUT' });
    const controller = new AbortController();
    const waiting = wait({ signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, { code: 'ABORT_ERR' });
    await assert.rejects(wait({ signal: controller.signal }), { code: 'ABORT_ERR' });
    const cancelled = wait();
    cancelled.cancel();
    await assert.rejects(cancelled, { code: 'ABORT_ERR' });
  }
  assert.equal(await full.size(), 1);
  assert.equal(await barrier.waiting(), 0);
  for (const guard of held) guard.release();
  for (const guard of await Promise.all([lock.acquire(), semaphore.acquire(), condition.acquire()])) guard.release();
});
