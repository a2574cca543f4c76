import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { NotCloneableError, OptionError, SelfWaitError, TimeoutError } from 'meantime';
import { ProcessPoolExecutor } from 'meantime/processes';
import { sleep, withTaskGroup } from 'meantime/tasks';
import {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedLock,
  SharedReentrantLock,
  SharedRwLock,
  SharedSemaphore,
  struct,
  Thread,
  ThreadPoolExecutor,
  Timer,
} from 'meantime/threads';
import * as calls from './calls.js';

const locks = { SharedLock, SharedReentrantLock };

/** Runs `fn` in a task that has been cancelled. */
async function inCancelledTask(fn: () => Promise<unknown>): Promise<void> {
  await withTaskGroup(async (group) => {
    const task = group.spawn(async () => {
      try {
        await sleep(60_000);
      } catch {
        await fn();
      }
    });
    await sleep(1);
    task.cancel();
  });
}

test('a task that was cancelled takes nothing: it would not get to see it', async () => {
  for (const Kind of Object.values(locks)) {
    const lock = new Kind();
    await inCancelledTask(() => assert.rejects(async () => await lock.acquire(), { name: 'AbortError' }));
    assert.equal(lock.locked, false, Kind.name);
  }
  const again = new SharedReentrantLock();
  await inCancelledTask(async () => {
    using _ = again.tryAcquire();
    await assert.rejects(async () => await again.acquire(), { name: 'AbortError' });
    assert.equal(again.depth, 1);
  });
  const semaphore = new SharedSemaphore(2);
  await inCancelledTask(() => assert.rejects(async () => await semaphore.acquire(2), { name: 'AbortError' }));
  assert.equal(semaphore.available, 2);
  const rw = new SharedRwLock();
  await inCancelledTask(() => assert.rejects(async () => await rw.read(), { name: 'AbortError' }));
  assert.equal(rw.readers, 0);
});

test('what was started inside of with() may take the lock once it has been released', async () => {
  const lock = new SharedLock();
  let go = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    go = resolve;
  });
  let later: Promise<void> | undefined;
  await lock.with(() => {
    later = released.then(() => lock.with(() => undefined));
  });
  go();
  await later;
  await lock.with(async (guard) => {
    guard.release();
    (await lock.acquire()).release();
  });
});

test('an event that is cleared at once lets all go on, also those that found no slot', async () => {
  const event = new SharedEvent();
  const waits = Array.from({ length: 300 }, () => event.wait({ timeout: 60_000 }));
  event.set();
  event.clear();
  await Promise.all(waits);
  assert.equal(event.waiting, 0);
});

test('a condition that waits gets its lock back, whoever cancels the wait and from wherever', async () => {
  const lock = new SharedLock();
  const condition = new SharedCondition(lock);
  const guard = await condition.acquire();
  const wait = guard.wait();
  const held = await lock.acquire();
  await withTaskGroup(async (group) => {
    const task = group.spawn(async () => {
      wait.cancel();
      await sleep(60_000);
    });
    await sleep(1);
    task.cancel();
  });
  held.release();
  await assert.rejects(wait, { name: 'AbortError' });
  assert.equal(guard.held, true);
  guard.release();

  const second = await condition.acquire();
  const other = second.wait();
  await lock.with(() => other.cancel());
  await assert.rejects(other, { name: 'AbortError' });
  second.release();
  assert.equal(lock.locked, false);
});

test('what is handed over in the instant of a cancellation is given on, whatever the reason', async () => {
  for (const reason of [undefined, new TimeoutError('too late')]) {
    const semaphore = new SharedSemaphore(1);
    const guard = await semaphore.acquire();
    const waits = semaphore.acquire();
    guard.release();
    assert.equal(semaphore.available, 0, 'it is on its way');
    waits.cancel(reason);
    await assert.rejects(waits, { name: reason?.name ?? 'AbortError' });
    assert.equal(semaphore.available, 1);
  }
});

test('inside of the with() of a condition its lock is not waited for, but while it waits', async () => {
  const condition = new SharedCondition();
  await condition.with(async (guard) => {
    await assert.rejects(async () => await condition.acquire(), SelfWaitError);
    const notified = guard.wait();
    await condition.with((other) => other.notify());
    await notified;
    await assert.rejects(async () => await condition.with(() => undefined), SelfWaitError);
  });
  (await condition.acquire()).release();
});

test('waitFor is cancelled also while it waits for the lock', async () => {
  const lock = new SharedLock();
  const condition = new SharedCondition(lock);
  const guard = await condition.acquire();
  const waits = guard.waitFor(() => false);
  const other = await condition.acquire();
  other.notify();
  while (lock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  waits.cancel();
  other.release();
  await assert.rejects(waits, { name: 'AbortError' });
  assert.equal(guard.held, true);
  guard.release();
});

test('a thread that died in line has not come to a barrier, also if nobody was told', async (t) => {
  if (process.platform !== 'linux') return t.skip('only Linux tells whether a thread is there');
  const barrier = new SharedBarrier(2);
  const outcome = await Thread.start(calls.meetTheDead, barrier);
  assert.equal(outcome, 'MEANTIME_TIMEOUT');
});

test('a thread that blocks for a lock that was handed to a task of it is told', async () => {
  const pool = new ThreadPoolExecutor({ workers: 1 });
  const lock = new SharedLock();
  const guard = await lock.acquire();
  const stands = new SharedEvent();
  const call = pool.submit(
    async (lock: SharedLock, stands: SharedEvent) => {
      const first = lock.acquire();
      await new Promise((resolve) => setTimeout(resolve, 50)); // by then the lock is to be handed to it
      stands.set();
      let error: unknown;
      try {
        lock.acquireSync().release();
      } catch (caught) {
        error = caught;
      }
      (await first).release();
      return error;
    },
    lock,
    stands,
  );
  await stands.wait();
  await sleep(30);
  guard.release();
  const error = await call;
  assert.ok(error === undefined || error instanceof SelfWaitError);
  assert.equal(lock.locked, false);
  await pool.shutdown();
});

test('a lock that is held again looks at its options all the same', async () => {
  const lock = new SharedReentrantLock();
  using _ = await lock.acquire();
  await assert.rejects(async () => await lock.acquire({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.throws(() => lock.acquire({ tiemout: 1 } as never), OptionError);
  assert.equal(lock.depth, 1);
});

test('a wait for a value of another kind is refused, and holds nothing', () => {
  const code = `import { AtomicBigInt64, AtomicInt32 } from 'meantime/threads';
    for (const wait of [() => new AtomicBigInt64().wait(0), () => new AtomicInt32().wait(0n)]) {
      try { wait(); } catch (error) { console.log(error.name); }
    }`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 30_000 });
  assert.deepEqual([stdout, status], ['TypeError\nTypeError\n', 0]);
});

test('handles arrive as themselves inside of instances of a class; what cannot travel says so', async () => {
  class Job {
    readonly lock = new SharedLock();
    readonly inner = { left: [new Map([['right', this.lock]])] };
    readonly failed = new RangeError('no');
    readonly day = new Date(0);
  }
  const pool = new ThreadPoolExecutor({ workers: 1 });
  const job = new Job();
  const seen = await pool.submit(async (job: Job) => {
    await job.lock.acquire();
    return [job.inner.left[0].get('right') === job.lock, job.failed.name, job.day.getTime()];
  }, job);
  assert.deepEqual(seen, [true, 'RangeError', 0]);
  assert.equal(job.lock.locked, true);
  const timer = Timer.once(60_000, () => undefined);
  const Record = struct({ hits: 'i32' });
  for (const value of [timer, new Record().atomic]) {
    await assert.rejects(
      pool.submit((value: unknown) => typeof value, value as never),
      NotCloneableError,
    );
  }
  timer.cancel();
  await pool.shutdown();
  const processes = new ProcessPoolExecutor({ workers: 1 });
  // Of an error, a part that cannot travel is described in its place.
  const told = await processes.submit(
    (error: Error) => `${error.message}: ${JSON.stringify(error.cause)}`,
    new Error('x', { cause: { lock: job.lock } }),
  );
  assert.match(told, /^x: .*could not travel/);
  await processes.shutdown();
});
