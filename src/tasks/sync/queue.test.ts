import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from '../../core/index.js';
import { NotHeldError, QueueClosedError } from '../errors.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { withCancelScope } from '../with-cancel-scope.js';
import { LifoQueue } from './lifo-queue.js';
import { PriorityQueue } from './priority-queue.js';
import { Queue } from './queue.js';
import { Ask, inVirtualTime, quiet } from './trial.js';

const kinds = { Queue, LifoQueue, PriorityQueue };

for (const [name, Kind] of Object.entries(kinds)) {
  test(`${name}: the capacity has to be said, and be a whole number from 1 or Infinity`, () => {
    for (const capacity of [undefined, 0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, '5', null, {}]) {
      assert.throws(
        () => new Kind(capacity as number),
        (error: Error) => error instanceof OptionError && error.message.startsWith(name) && error.message.includes('Infinity'),
      );
    }
    assert.equal(new Kind(Number.POSITIVE_INFINITY).capacity, Number.POSITIVE_INFINITY);
    assert.throws(() => new Kind(1).close({ discrad: true } as never), /discard/);
    assert.ok(new Kind(1) instanceof Queue);
  });

  test(`${name}: what is undefined, null, a promise or an error is an item like any other`, async () => {
    const queue = new Queue<unknown>(10);
    const values = [undefined, null, new Error('an item'), 0, ''];
    for (const value of values) await queue.put(value);
    for (const value of values) assert.equal(await queue.get(), value);
  });
}

test('two tasks through a queue for one: each item goes from hand to hand', () =>
  inVirtualTime(async () => {
    const queue = new Queue<number>(1);
    const got: number[] = [];
    await withTaskGroup(async (group) => {
      group.spawn(function* () {
        for (let i = 0; i < 1000; i++) yield* queue.put(i);
        queue.close();
      });
      group.spawn(async () => {
        for await (const item of queue) got.push(item);
      });
    });
    assert.deepEqual(got, Array.from(got.keys()));
    assert.equal(got.length, 1000);
  }));

test('a full queue holds back the one who puts: never more made than there is room for', () =>
  inVirtualTime(async () => {
    const queue = new Queue<number>(3);
    let made = 0;
    let most = 0;
    await withTaskGroup(async (group) => {
      group.spawn(async () => {
        for (; made < 20; ) await queue.put(made++);
        queue.close();
      });
      let taken = 0;
      for await (const _ of queue) {
        await sleep(1);
        most = Math.max(most, made - ++taken);
      }
    });
    assert.ok(most <= 3 + 1, `${most} were made ahead, of 3 that the queue holds and one in the hand`);
  }));

test('who waits to put is refused when the queue is closed, and keeps its item', () =>
  inVirtualTime(async () => {
    const queue = new Queue<string>(1);
    await queue.put('inside');
    const ask = new Ask(() => queue.put('outside'));
    await quiet();
    assert.equal(queue.putting, 1);
    queue.close();
    await quiet();
    assert.equal(ask.outcome, 'QueueClosedError');
    assert.deepEqual(queue.close({ discard: true }), ['inside']);
    await assert.rejects(
      async () => await queue.put('late'),
      (error: Error) => error instanceof QueueClosedError && /put an item into.*closed/.test(error.message),
    );
    await assert.rejects(
      async () => await queue.get(),
      (error: Error) => error instanceof QueueClosedError && /closed and empty/.test(error.message),
    );
  }));

test('closed while a getter is cancelled: each hears of what came first', () =>
  inVirtualTime(async () => {
    const queue = new Queue<number>(1);
    const [cancelled, closed, both] = [new Ask(() => queue.get()), new Ask(() => queue.get()), new Ask(() => queue.get())];
    await quiet();
    cancelled.cancel();
    queue.close();
    both.cancel();
    await quiet();
    assert.deepEqual([cancelled.outcome, closed.outcome, both.outcome], ['AbortError', 'QueueClosedError', 'QueueClosedError']);
  }));

test('an iterator can be asked by hand, several times at once, and says done again and again', () =>
  inVirtualTime(async () => {
    const queue = new Queue<number>(5);
    const iterator = queue[Symbol.asyncIterator]();
    const steps = [iterator.next(), iterator.next(), iterator.next()];
    await queue.put(1);
    await queue.put(2);
    queue.close();
    assert.deepEqual(await Promise.all(steps), [
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
    for (let i = 0; i < 2; i++) assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    assert.equal(iterator[Symbol.asyncIterator](), iterator);
  }));

test('a for await in a cancelled scope throws, though there are items', () =>
  inVirtualTime(async () => {
    const queue = new Queue<number>(5);
    await queue.put(1);
    const seen: unknown[] = [];
    await withCancelScope(async (scope) => {
      scope.cancel();
      for await (const item of queue) seen.push(item);
    });
    assert.deepEqual(seen, []);
    assert.equal(queue.size, 1);
  }));

test('a worker pool: put, for await, taskDone, join, and then the workers are cancelled', () =>
  inVirtualTime(async () => {
    const queue = new Queue<number>(2);
    const done: number[] = [];
    await withTaskGroup(async (group) => {
      for (let i = 0; i < 3; i++)
        group.spawn(async () => {
          for (;;) {
            const item = await queue.get();
            await sleep(item);
            done.push(item);
            queue.taskDone();
          }
        });
      for (const item of [5, 4, 3, 2, 1]) await queue.put(item);
      await queue.join();
      assert.deepEqual([...done].sort(), [1, 2, 3, 4, 5]);
      group.cancel();
    });
    assert.throws(
      () => queue.taskDone(),
      (error: Error) => error instanceof NotHeldError && /more often than items were put/.test(error.message),
    );
  }));

test('what was called done before it was taken out, and then discarded, is done once', async () => {
  const queue = new Queue<number>(3);
  for (const item of [1, 2, 3]) await queue.put(item);
  for (let i = 0; i < 2; i++) queue.taskDone();
  assert.deepEqual(queue.close({ discard: true }), [1, 2, 3]);
  await queue.join();
  assert.throws(() => queue.taskDone(), NotHeldError);
});

test('a priority queue: smaller first, equal ones in the order of putting, whatever they carry', async () => {
  const queue = new PriorityQueue<[number, unknown]>(10);
  const [one, other] = [{}, () => undefined];
  for (const item of [
    [2, one],
    [1, 'a'],
    [2, other],
    [1, 'b'],
    [0, null],
  ] as [number, unknown][])
    await queue.put(item);
  const left: unknown[] = [];
  while (queue.size > 0) left.push((await queue.get())[1]);
  assert.deepEqual(left, [null, 'a', 'b', one, other]);
});

test('a priority queue: numbers, bigints and strings are ordered without being told how', async () => {
  const numbers = new PriorityQueue<number | bigint>(10);
  for (const item of [3, 1n, -2.5, 2n, Number.NEGATIVE_INFINITY]) await numbers.put(item);
  assert.deepEqual(numbers.close({ discard: true }), [Number.NEGATIVE_INFINITY, -2.5, 1n, 2n, 3]);
  const words = new PriorityQueue<string>(10);
  for (const word of ['pear', 'apple', 'fig']) await words.put(word);
  assert.deepEqual(words.close({ discard: true }), ['apple', 'fig', 'pear']);
});

test('a priority queue: what a waiting putter has in hand is in the order when it is let in', () =>
  inVirtualTime(async () => {
    const queue = new PriorityQueue<number>(1);
    await queue.put(5);
    const asks = [new Ask(() => queue.put(9)), new Ask(() => queue.put(1))];
    await quiet();
    assert.equal(await queue.get(), 5, '1 was not in it yet');
    assert.equal(await queue.get(), 9, 'it was let in first');
    assert.equal(await queue.get(), 1);
    await quiet();
    assert.ok(asks.every((ask) => typeof ask.outcome === 'object'));
  }));

test('a priority queue: an item that cannot be compared is refused, and the others are as they were', () =>
  inVirtualTime(async () => {
    const queue = new PriorityQueue<unknown>(3);
    for (const wrong of [{}, undefined, Number.NaN, [], [{}], Symbol.iterator, true])
      assert.throws(
        () => queue.tryPut(wrong),
        (error: Error) => error instanceof OptionError && /before/.test(error.message),
      );
    for (const item of [2, 1, 3]) queue.tryPut(item);
    const waits = [new Ask(() => queue.put('a string')), new Ask(() => queue.put(0))];
    await quiet();
    assert.equal(await queue.get(), 1);
    await quiet();
    assert.equal(waits[0].outcome, 'OptionError', 'there was room for it, but no place');
    assert.deepEqual(waits[1].outcome, { value: undefined });
    assert.deepEqual(queue.close({ discard: true }), [0, 2, 3]);
    assert.throws(() => new PriorityQueue(1, { before: 'smaller' as never }), OptionError);
    assert.throws(() => new PriorityQueue(1, { befor: () => true } as never), /before/);
  }));
