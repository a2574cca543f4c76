import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CancelledError,
  NotCloneableError,
  NotHeldError,
  OptionError,
  QueueClosedError,
  TimeoutError,
  TooLargeError,
  WouldBlockError,
} from 'meantime';
import { ProcessPoolExecutor } from 'meantime/processes';
import { withCancelScope, withTaskGroup, withTimeout } from 'meantime/tasks';
import { AtomicInt32, SharedLock, SharedQueue, ThreadPoolExecutor } from 'meantime/threads';
import * as calls from './queue-calls.js';

let pool: ThreadPoolExecutor;
before(() => {
  pool = new ThreadPoolExecutor({ workers: 4, grace: 20 });
});
after(() => pool.shutdown());

/** Something that another thread does, and that nobody is told of. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

test('two threads put, two get, one way and the other: every item comes once, those of one producer in order', async () => {
  const queue = new SharedQueue<calls.Job>(10);
  const count = 3000;
  const consumers = [pool.submit(calls.consume, queue, true), pool.submit(calls.consume, queue, false)];
  const producers = [0, count].map((from) => pool.submit(calls.produce, { queue, from, count }));
  await Promise.all(producers);
  queue.close();
  const got = await Promise.all(consumers);
  assert.deepEqual(
    got.flat().sort((a, b) => a - b),
    Array.from({ length: 2 * count }, (_, i) => i),
  );
  for (const ids of got)
    for (const mine of [ids.filter((id) => id < count), ids.filter((id) => id >= count)])
      assert.deepEqual(
        mine,
        [...mine].sort((a, b) => a - b),
      );
});

test('it comes back as itself', async () => {
  const queue = new SharedQueue<string>(2);
  const { queue: back, name } = await pool.submit(calls.giveBack<string>, queue);
  assert.equal(name, 'SharedQueue');
  await back.put('there');
  assert.equal(queue.tryGet(), 'there');
});

test('who waits is served in turn, and nobody gets in between', async () => {
  const queue = new SharedQueue<number>(2);
  const gets = [queue.get(), queue.get()];
  assert.equal(queue.getting, 2);
  for (const n of [1, 2]) await queue.put(n);
  assert.equal(queue.tryGet(), undefined, 'both are for those who wait');
  assert.deepEqual(await Promise.all(gets), [1, 2]);
  for (const n of [3, 4]) await queue.put(n);
  const puts = [queue.put(5), queue.put(6)];
  assert.equal(queue.putting, 2);
  assert.equal(await queue.get(), 3);
  assert.equal(queue.tryPut(7), false, 'the room is for those who wait');
  const last = queue.put(7);
  const left: number[] = [];
  for (let i = 0; i < 4; i++) left.push(await queue.get());
  assert.deepEqual(left, [4, 5, 6, 7]);
  await Promise.all([...puts, last]);
  assert.deepEqual([queue.putting, queue.getting, queue.size], [0, 0, 0]);
});

test('those who block and those who await stand in one line', async () => {
  const queue = new SharedQueue<string>(5);
  const blocked = pool.submit(calls.getOne<string>, queue);
  await until(() => queue.getting === 1);
  const awaited = queue.get();
  const another = pool.submit(calls.getOne<string>, queue);
  await until(() => queue.getting === 3);
  for (const item of ['a', 'b', 'c']) {
    await queue.put(item);
    await until(() => queue.size === 0);
  }
  assert.deepEqual(await Promise.all([blocked, awaited, another]), ['a', 'b', 'c']);
});

test('an item is a copy of what it was when it was put', async () => {
  const queue = new SharedQueue<{ n: number; list: number[] }>(1);
  const item = { n: 1, list: [1] };
  await queue.put(item);
  const late = queue.put(item);
  item.n = 2;
  item.list.push(2);
  for (let i = 0; i < 2; i++) assert.deepEqual(await queue.get(), { n: 1, list: [1] });
  await late;
});

test('any value that can be copied, small and large', async () => {
  const queue = new SharedQueue<unknown>(2);
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const error = Object.assign(new TimeoutError('late', { cause: new RangeError('why') }), { extra: 5 });
  const values = [undefined, null, -0, 2n ** 70n, 'ü'.repeat(5000), { a: [1, { b: new Map([[1, new Set([2])]]) }] }, new Date(5), /x/g];
  for (const value of [...values, new Float64Array(100_000).fill(0.5), cyclic]) {
    await queue.put(value);
    assert.deepEqual(await queue.get(), value);
  }
  await queue.put({ error });
  const { error: came } = (await queue.get()) as { error: typeof error };
  assert.ok(came instanceof TimeoutError && came.cause instanceof RangeError);
  assert.equal(came.extra, 5);
});

test('large items wait for memory as others wait for room; one over the cap is refused', async () => {
  const queue = new SharedQueue<Uint8Array>(10, { maxBytes: 64 * 1024 });
  const large = (n: number) => new Uint8Array(30_000).fill(n);
  await queue.put(large(1));
  await queue.put(large(2));
  assert.equal(queue.tryPut(large(3)), false);
  const puts = [queue.put(large(3)), queue.put(new Uint8Array(1)), queue.put(large(4))];
  assert.equal(queue.putting, 3, 'the small one stands behind');
  for (let n = 1; n <= 2; n++) assert.deepEqual(await queue.get(), large(n));
  assert.deepEqual(await queue.get(), large(3));
  assert.equal((await queue.get()).length, 1);
  assert.deepEqual(await queue.get(), large(4));
  await Promise.all(puts);
  await assert.rejects(
    async () => await queue.put(new Uint8Array(70_000)),
    (error: Error) => error instanceof TooLargeError && /holds 65536 bytes/.test(error.message) && /maxBytes/.test(error.message),
  );
  assert.throws(() => queue.tryPut(new Uint8Array(70_000)), TooLargeError);
  assert.equal(queue.size, 0);
});

test('a wait that is cut off has done nothing: by its time limit, a signal, a cancellation', async () => {
  const queue = new SharedQueue<number>(1);
  const aborted = new AbortController();
  const gets = [queue.get({ timeout: 5 }), queue.get({ signal: aborted.signal }), queue.get(), queue.get()];
  aborted.abort();
  gets[2].cancel('enough');
  const wanted = [TimeoutError, CancelledError, CancelledError];
  for (const [i, Wanted] of wanted.entries()) await assert.rejects(async () => await gets[i], Wanted);
  assert.equal(queue.getting, 1);
  await queue.put(1);
  assert.equal(await gets[3], 1);
  await queue.put(2);
  const puts = [queue.put(3, { timeout: 5 }), queue.put(4, { signal: AbortSignal.abort() }), queue.put(5)];
  for (const [i, Wanted] of wanted.slice(0, 2).entries()) await assert.rejects(async () => await puts[i], Wanted);
  assert.deepEqual([await queue.get(), await queue.get()], [2, 5]);
  await puts[2];
  assert.equal(await pool.submit(calls.getWithin, queue, 5), 'TimeoutError');
  assert.throws(() => queue.getSync({ timeout: 1, blockMain: true }), TimeoutError);
  assert.deepEqual([queue.size, queue.getting, queue.putting], [0, 0, 0]);
});

test('who was called and is cancelled in that instant passes it on', async () => {
  const queue = new SharedQueue<number>(2);
  const [first, second] = [queue.get(), queue.get()];
  assert.ok(queue.tryPut(1));
  first.cancel(); // it has been called, and does not know yet
  assert.equal(await second, 1);
  await assert.rejects(first, CancelledError);
  assert.ok(queue.tryPut(2) && queue.tryPut(3));
  const [one, two] = [queue.put(4), queue.put(5)];
  assert.equal(queue.tryGet(), 2);
  one.cancel();
  await two;
  assert.deepEqual([queue.tryGet(), queue.tryGet()], [3, 5]);
});

test('in a task that is cancelled nothing is taken and nothing put', async () => {
  const queue = new SharedQueue<number>(2);
  await queue.put(1);
  const seen: unknown[] = [];
  await withCancelScope(async (scope) => {
    scope.cancel();
    for (const ask of [() => queue.get(), () => queue.put(2), () => queue[Symbol.asyncIterator]().next()])
      await ask().then(
        () => seen.push('done'),
        (error) => seen.push(error.name),
      );
  });
  assert.deepEqual(seen.splice(0), ['AbortError', 'AbortError', 'AbortError']);
  assert.equal(queue.size, 1);
  assert.equal(queue.tryGet(), 1);
  await assert.rejects(
    async () => await withTimeout(5, async () => await queue.get()),
    (error: Error) => error instanceof TimeoutError,
  );
  assert.equal(queue.getting, 0);
  await withTaskGroup(async (group) => {
    group.spawn(function* () {
      seen.push(yield* queue.get());
    });
    await queue.put(3);
  });
  assert.equal(seen.at(-1), 3);
});

test('closing: puts are refused, gets are given what is left and then refused', async () => {
  const queue = new SharedQueue<number>(2);
  for (const n of [1, 2]) await queue.put(n);
  const waiting = queue.put(3);
  const blocked = pool.submit(calls.putOne, queue, 4);
  await until(() => queue.putting === 2);
  assert.equal(queue.closed, false);
  assert.deepEqual(queue.close(), []);
  assert.equal(queue.closed, true);
  await Promise.all([waiting, blocked, queue.put(5)].map((refused) => assert.rejects(async () => await refused, QueueClosedError)));
  assert.throws(() => queue.tryPut(6), /put an item into.*closed/);
  assert.deepEqual([await queue.get(), queue.tryGet()], [1, 2]);
  assert.throws(() => queue.tryGet(), /closed and empty/);
  await assert.rejects(async () => await queue.get(), QueueClosedError);
  assert.deepEqual(queue.close(), [], 'closing it again is nothing');
  const empty = new SharedQueue<number>(2);
  const gets = [empty.get(), pool.submit(calls.getOne<number>, empty)];
  const steps = empty[Symbol.asyncIterator]().next();
  await until(() => empty.getting === 3);
  empty.close();
  await Promise.all(gets.map((get) => assert.rejects(async () => await get, QueueClosedError)));
  assert.deepEqual(await steps, { done: true, value: undefined });
});

test('closing and discarding gives what was in it', async () => {
  const queue = new SharedQueue<{ n: number }>(5);
  for (let n = 0; n < 5; n++) await queue.put({ n });
  assert.deepEqual(
    queue.close({ discard: true }).map(({ n }) => n),
    [0, 1, 2, 3, 4],
  );
  await queue.join();
  assert.throws(() => queue.taskDone(), NotHeldError);
  for await (const _ of queue) assert.fail('there is something in it');
});

test('join waits until everything is done, in all threads', async () => {
  const queue = new SharedQueue<number>(5);
  await queue.join();
  for (let n = 0; n < 5; n++) await queue.put(n);
  const told = new AtomicInt32();
  const joins = [queue.join(), pool.submit(calls.joinAndTell, queue, told)];
  await assert.rejects(async () => await queue.join({ timeout: 1 }), TimeoutError);
  await pool.submit(calls.takeAndDo, queue, 4);
  assert.equal(joins[0].settled, false);
  await queue.get();
  assert.equal(told.load(), 0);
  queue.taskDone();
  await Promise.all(joins);
  assert.equal(told.load(), 1);
  assert.throws(
    () => queue.taskDone(),
    (error: Error) => error instanceof NotHeldError && /more often than items were put/.test(error.message),
  );
});

test('a thread that is ended while it waits does not stand in the way of those behind it', async () => {
  const queue = new SharedQueue<number>(1);
  const doomed = pool.submit(calls.getOne<number>, queue);
  await until(() => queue.getting === 1);
  const next = queue.get();
  doomed.cancel();
  await assert.rejects(async () => await doomed);
  await until(() => queue.getting === 1); // until then it is alive, and would be served
  await queue.put(1);
  assert.equal(await next, 1);
  await queue.put(2);
  const stuck = pool.submit(calls.putOne, queue, 3);
  await until(() => queue.putting === 1);
  const behind = queue.put(4);
  stuck.cancel();
  await assert.rejects(async () => await stuck);
  await until(() => queue.putting === 1);
  assert.deepEqual([await queue.get(), await queue.get()], [2, 4]);
  await behind;
});

test('a thread that ends after it has taken an item has taken it', async () => {
  const queue = new SharedQueue<number>(3);
  for (const n of [1, 2]) await queue.put(n);
  await assert.rejects(async () => await pool.submit(calls.takeAndExit, queue as SharedQueue<unknown>), { code: 'MEANTIME_WORKER_LOST' });
  assert.equal(await queue.get(), 2);
});

test('more may wait than there are places in the line', async () => {
  const queue = new SharedQueue<number>(1);
  const gets = Array.from({ length: 300 }, () => queue.get());
  for (let n = 0; n < 300; n++) await queue.put(n);
  assert.deepEqual(
    (await Promise.all(gets)).sort((a, b) => a - b),
    Array.from({ length: 300 }, (_, n) => n),
  );
});

test('an iterator can be asked by hand, several times at once', async () => {
  const queue = new SharedQueue<number>(5);
  const iterator = queue[Symbol.asyncIterator]();
  const steps = [iterator.next(), iterator.next(), iterator.next()];
  for (const n of [1, 2]) await queue.put(n);
  queue.close();
  assert.deepEqual(await Promise.all(steps), [
    { done: false, value: 1 },
    { done: false, value: 2 },
    { done: true, value: undefined },
  ]);
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test('bad input: capacities, options, values, the main thread', async () => {
  const refused = (fn: () => unknown, message: RegExp) =>
    assert.throws(fn, (error: Error) => error instanceof OptionError && message.test(error.message), String(fn));
  for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 20 + 1, '5', null, undefined, {}])
    refused(() => new SharedQueue(capacity as number), /SharedQueue expects a whole number from 1 to 1048576/);
  assert.equal(new SharedQueue(1).capacity, 1);
  for (const maxBytes of [0, 1000, 2 ** 30, '5']) refused(() => new SharedQueue(1, { maxBytes: maxBytes as number }), /maxBytes/);
  refused(() => new SharedQueue(1, { maxByte: 5 } as never), /did you mean "maxBytes"/);
  const queue = new SharedQueue<unknown>(1);
  refused(() => queue.close({ discrad: true } as never), /did you mean "discard"/);
  assert.equal(queue.closed, false);
  refused(() => queue.getSync({ timout: 1 } as never), /did you mean "timeout"/);
  await assert.rejects(async () => await queue.get({ timeout: -1 }), OptionError);
  await assert.rejects(async () => await queue.put(1, { timout: 1 } as never), OptionError);
  await assert.rejects(async () => await queue.put(() => 1), NotCloneableError);
  await assert.rejects(
    async () => await queue.put({ lock: new SharedLock() }),
    (error: Error) =>
      error instanceof NotCloneableError && /it\.lock is a SharedLock.*Pass it to the thread as an argument/.test(error.message),
  );
  await assert.rejects(async () => await queue.put([queue]), /SharedQueue.*argument/);
  await assert.rejects(async () => await queue.put(new SharedArrayBuffer(1)), NotCloneableError);
  assert.equal(queue.size, 0, 'nothing of it was put');
  for (const fn of [() => queue.getSync(), () => queue.putSync(1), () => queue.joinSync(), () => [...queue]])
    assert.throws(fn, WouldBlockError);
  queue.putSync('on the main thread', { blockMain: true });
  assert.equal(queue.getSync({ blockMain: true }), 'on the main thread');
});

test('a process cannot have it, and is told what to use', async () => {
  await using processes = new ProcessPoolExecutor({ workers: 1 });
  await assert.rejects(
    async () => await processes.submit((value: unknown) => value, { deep: new SharedQueue(1) }),
    (error: Error) => error instanceof NotCloneableError && /between processes use ProcessQueue/.test(error.message),
  );
});
