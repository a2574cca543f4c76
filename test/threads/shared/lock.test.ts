import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { NotCloneableError, NotHeldError, OptionError, SelfWaitError, TimeoutError, WouldBlockError } from 'meantime';
import { ProcessPoolExecutor } from 'meantime/processes';
import { Lock, run, sleep, withTaskGroup } from 'meantime/tasks';
import { SharedEvent, SharedLock, SharedReentrantLock, ThreadPoolExecutor } from 'meantime/threads';
import * as calls from './calls.js';

let pool: ThreadPoolExecutor;
before(() => {
  pool = new ThreadPoolExecutor({ workers: 3, grace: 50 });
});
after(() => pool.shutdown());

for (const Kind of [SharedLock, SharedReentrantLock]) {
  test(`${Kind.name}: threads that block, threads that await and the main thread exclude each other`, async () => {
    const lock = new Kind();
    const memory = new SharedArrayBuffer(8);
    await Promise.all([
      pool.submit(calls.addBlocking, lock, memory, 20_000),
      pool.submit(calls.addBlocking, lock, memory, 20_000),
      pool.submit(calls.addAwaiting, lock, memory, 500),
      // In tasks: outside of them all code of a thread counts as one holder of a re-entrant lock.
      run(() =>
        withTaskGroup((group) => {
          for (let i = 0; i < 3; i++) group.spawn(() => calls.addAwaiting(lock, memory, 300));
        }),
      ),
    ]);
    assert.equal(new Float64Array(memory)[0], 41_400);
    assert.equal(lock.locked, false);
    assert.equal(lock.waiting, 0);
  });

  test(`${Kind.name}: one whose holder exits is had by the next, who is told`, async () => {
    const lock = new Kind();
    await assert.rejects(pool.submit(calls.takeAndExit, lock), { code: 'MEANTIME_WORKER_LOST' });
    assert.equal(lock.locked, true);
    const guard = await lock.acquire();
    assert.equal(guard.abandoned?.code, 'MEANTIME_ABANDONED');
    guard.release();
    const next = await lock.acquire();
    assert.equal(next.abandoned, undefined, 'told once');
    next.release();
  });

  test(`${Kind.name}: one whose holder is ended in an endless loop is had by the next, also by who waited before`, async () => {
    const lock = new Kind();
    const taken = new SharedEvent();
    const call = pool.submit(calls.takeAndSpin, lock, taken);
    await taken.wait();
    const waiting = lock.acquire();
    call.cancel();
    await assert.rejects(call, { name: 'AbortError' });
    const guard = await waiting;
    assert.ok(guard.abandoned);
    guard.release();
  });
}

test('trying threads get in as well', async () => {
  const lock = new SharedLock();
  const memory = new SharedArrayBuffer(8);
  const tried = pool.submit(calls.addTrying, lock, memory, 5000);
  await Promise.all([tried, pool.submit(calls.addBlocking, lock, memory, 20_000), calls.addAwaiting(lock, memory, 200)]);
  assert.equal(new Float64Array(memory)[0], 25_200);
});

test('it arrives as itself: nested, in results, to threads that start later, and made elsewhere', async () => {
  const lock = new SharedLock();
  const { same, lock: back } = await pool.submit(calls.nested, { list: [lock], map: new Map([['k', { lock }]]) });
  assert.ok(same);
  assert.ok(back instanceof SharedLock);
  const guard = lock.tryAcquire();
  assert.equal(back.locked, true);
  assert.equal(back.tryAcquire(), undefined);
  guard?.release();
  assert.equal(back.locked, false);
  await using late = new ThreadPoolExecutor({ workers: 1, initializer: [calls.blocksMain, lock] });
  const made = await late.submit(calls.makeLock);
  assert.ok(made instanceof SharedLock);
  assert.equal((await pool.submit(calls.nested, { list: [made], map: new Map([['k', { lock: made }]]) })).same, true);
  const all = await late.map((each: SharedLock) => each.locked, [lock, made, back]);
  assert.deepEqual(all, [false, false, false]);
});

test('a limit in time ends a wait, and leaves the line in order', async () => {
  const lock = new SharedLock();
  const guard = await lock.acquire();
  const blocked = pool.submit(calls.waitLimit, lock, 30);
  await assert.rejects(lock.acquire({ timeout: 20 }), TimeoutError);
  const { code, ms } = await blocked;
  assert.equal(code, 'MEANTIME_TIMEOUT');
  assert.ok(ms >= 29, `${ms} ms`);
  await assert.rejects(lock.acquire({ timeout: 0 }), TimeoutError);
  assert.equal(lock.waiting, 0);
  guard.release();
  (await lock.acquire({ timeout: 0 })).release();
});

test('a signal, a cancel and the end of a task take a wait back; the next in line gets the lock', async () => {
  const lock = new SharedLock();
  const guard = await lock.acquire();
  const controller = new AbortController();
  const byself = lock.acquire();
  const bySignal = lock.acquire({ signal: controller.signal });
  const last = lock.acquire();
  assert.equal(lock.waiting, 3);
  controller.abort(new Error('enough'));
  byself.cancel('no longer');
  await assert.rejects(bySignal, { name: 'AbortError' });
  await assert.rejects(byself, { name: 'AbortError' });
  assert.equal(lock.waiting, 1);
  await run(() =>
    withTaskGroup(async (group) => {
      group.spawn(() => lock.acquire());
      await sleep(1);
      assert.equal(lock.waiting, 2);
      group.cancel();
    }),
  );
  assert.equal(lock.waiting, 1);
  guard.release();
  (await last).release();
  assert.equal(lock.locked, false);
  await assert.rejects(lock.acquire({ signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('a task that is cancelled takes nothing, also what is free', async () => {
  const lock = new SharedLock();
  await run(() =>
    withTaskGroup((group) => {
      group.spawn(async () => {
        group.cancel();
        await lock.acquire();
      });
    }),
  );
  assert.equal(lock.locked, false);
});

test('what was handed over in the instant of a cancel is given on', async () => {
  for (let i = 0; i < 200; i++) {
    const lock = new SharedLock();
    const guard = await lock.acquire();
    const [one, two] = [lock.acquire(), lock.acquire()];
    guard.release(); // `one` is called, and does not know it yet
    one.cancel();
    await assert.rejects(one, { name: 'AbortError' });
    (await two).release();
    assert.equal(lock.locked, false);
  }
});

test('who waits and who comes later are served in turn, whichever way they wait', async () => {
  const lock = new SharedLock();
  const order: string[] = [];
  const guard = await lock.acquire();
  const note = async (name: string, coming: PromiseLike<unknown>) => {
    await coming;
    order.push(name);
  };
  const all = [
    note(
      'a',
      lock.acquire().then((g) => g.release()),
    ),
  ];
  const [taken, go] = [new SharedEvent(), new SharedEvent()];
  go.set();
  all.push(note('b', pool.submit(calls.holdUntil, lock, taken, go)));
  while (lock.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
  all.push(
    note(
      'c',
      lock.acquire().then((g) => g.release()),
    ),
  );
  guard.release();
  await Promise.all(all);
  assert.equal(order[0], 'a');
  assert.equal(lock.locked, false);
});

test('hundreds wait at once, more than there are slots', async () => {
  const lock = new SharedLock();
  const guard = await lock.acquire();
  let had = 0;
  const all = Array.from({ length: 400 }, async () => {
    const mine = await lock.acquire();
    had++;
    mine.release();
  });
  guard.release();
  await Promise.all(all);
  assert.equal(had, 400);
});

test('blocking the main thread has to be asked for', async () => {
  const lock = new SharedLock();
  assert.throws(() => lock.acquireSync(), WouldBlockError);
  const [taken, go] = [new SharedEvent(), new SharedEvent()];
  const call = pool.submit(calls.holdUntil, lock, taken, go);
  await taken.wait();
  assert.throws(() => lock.acquireSync({ blockMain: true, timeout: 5 }), TimeoutError);
  go.set();
  const guard = lock.acquireSync({ blockMain: true });
  guard.release();
  await call;
});

test('who holds it and asks again is told, and nothing hangs', async () => {
  const lock = new SharedLock();
  assert.equal(await pool.submit(calls.acquireTwice, lock), 'MEANTIME_SELF_WAIT');
  await assert.rejects(
    lock.with(() => lock.acquire()),
    SelfWaitError,
  );
  await assert.rejects(
    lock.with(async () => {
      await null;
      return lock.with(() => 1);
    }),
    SelfWaitError,
  );
  assert.equal(lock.locked, false);
  const again = new SharedReentrantLock();
  assert.deepEqual(await pool.submit(calls.depthOf, again), [2, 1, 0]);
  assert.equal(await again.with(() => again.with(() => again.depth)), 2);
  await run(() => again.with(() => sleep(1).then(() => again.with(() => again.depth))));
  assert.equal(again.locked, false);
});

test('bad input: each a named error', async () => {
  const lock = new SharedLock();
  const guard = await lock.acquire();
  guard.release();
  assert.throws(() => guard.release(), NotHeldError);
  guard[Symbol.dispose]();
  assert.equal(guard.held, false);
  assert.throws(() => lock.acquire({ timeot: 5 } as never), OptionError);
  assert.throws(() => lock.acquire({ timeout: -1 }), OptionError);
  assert.throws(() => lock.acquireSync({ blockMain: true, signal: AbortSignal.abort() } as never), OptionError);
  assert.throws(() => lock.with('x' as never), { code: 'MEANTIME_NOT_CALLABLE' });
  await assert.rejects(
    pool.submit((g: unknown) => g, await lock.acquire()),
    (error: Error) => {
      assert.ok(error instanceof NotCloneableError);
      assert.match(error.message, /argument 1 is a guard, which is held by the thread that took it: pass the lock itself/);
      return true;
    },
  );
});

test('where it cannot go it says what to use instead, and so does a lock of tasks', async () => {
  await using processes = new ProcessPoolExecutor({ workers: 1 });
  const refusal = (of: string, advice: RegExp) => (error: Error) => {
    assert.ok(error instanceof NotCloneableError, String(error));
    assert.match(error.message, new RegExp(of));
    assert.match(error.message, advice);
    return true;
  };
  const id = (value: unknown) => typeof value;
  await assert.rejects(
    processes.submit(id, { a: [new SharedLock()] }),
    refusal('argument 1\\.a\\[0\\] is a SharedLock', /use ProcessLock/),
  );
  await assert.rejects(async () => processes.map(id, [1, new SharedLock()]), refusal('SharedLock', /use ProcessLock/));
  await assert.rejects(pool.submit(id, new Lock()), refusal('argument 1 is a Lock', /use SharedLock/));
  await assert.rejects(pool.submit(id, pool.submit(id, 1)), refusal('argument 1 is a Future', /await it/));
  assert.equal(await processes.submit(id, 1), 'number');
});
