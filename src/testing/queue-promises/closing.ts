import assert from 'node:assert/strict';
import { NotHeldError, QueueClosedError, withTaskGroup } from '../../tasks/index.js';
import { type QueueBench, type QueuePromise, type QueueUnderTest, queuePromise } from '../queue-bench.js';

async function iterate(bench: QueueBench, queue: QueueUnderTest, name: string): Promise<void> {
  for await (const item of queue as AsyncIterable<number>) bench.log.push(`${name} got ${item}`);
  bench.log.push(`${name} is done`);
}

/** The end of a queue, and the end of the work that went through it. */
export const closing: readonly QueuePromise[] = [
  queuePromise(
    'closed, it refuses what is put and gives what it holds, and then refuses those who get',
    async (bench) => {
      const queue = await bench.full(1, 2);
      assert.deepEqual(queue.close?.(), []);
      await assert.rejects(async () => await queue.put(3), QueueClosedError);
      assert.deepEqual(await bench.take(queue, 2), bench.leaving([1, 2]));
      for (let i = 0; i < 2; i++) await assert.rejects(async () => await queue.get(), QueueClosedError);
    },
    'closing',
  ),

  queuePromise(
    'closing refuses all who wait, and what was not let in is not in it',
    async (bench) => {
      const empty = bench.make(1);
      const full = await bench.full(1);
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b']) group.spawn(() => bench.note(empty, name).catch(ifNotClosed));
        for (const item of [2, 3]) group.spawn(() => bench.notePut(full, item).catch(ifNotClosed));
        await bench.quiet();
        empty.close?.();
        full.close?.();
      });
      assert.deepEqual(bench.log, ['a: QueueClosedError', 'b: QueueClosedError', '2: QueueClosedError', '3: QueueClosedError']);
      assert.equal(await full.get(), 1);
      await assert.rejects(async () => await full.get(), QueueClosedError);
    },
    'closing',
  ),

  queuePromise(
    'closing with what is inside discarded gives that back',
    async (bench) => {
      const queue = await bench.full(3, 1, 2);
      assert.deepEqual(queue.close?.({ discard: true }), bench.leaving([3, 1, 2]));
      await assert.rejects(async () => await queue.get(), QueueClosedError);
      assert.deepEqual(queue.close?.({ discard: true }), [], 'a second time there is nothing');
    },
    'closing',
  ),

  queuePromise(
    'one that is closed already may have what is inside discarded',
    async (bench) => {
      const queue = await bench.full(1);
      assert.deepEqual(queue.close?.(), []);
      assert.deepEqual(queue.close?.({ discard: true }), [1]);
      await assert.rejects(async () => await queue.get(), QueueClosedError);
    },
    'closing',
  ),

  queuePromise(
    'trying with a closed one is refused, and gives what is still in it',
    async (bench) => {
      const queue = await bench.full(1);
      queue.close?.();
      assert.throws(() => queue.tryPut?.(2), QueueClosedError);
      assert.equal(queue.tryGet?.(), 1);
      assert.throws(() => queue.tryGet?.(), QueueClosedError);
    },
    'closing',
    'trying',
  ),

  queuePromise(
    'for await ends quietly when it is closed and empty, for all who iterate, and each item comes once',
    async (bench) => {
      const queue = bench.make(2);
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b']) group.spawn(iterate, bench, queue, name);
        await bench.quiet();
        for (const item of [1, 2, 3, 4]) await queue.put(item);
        queue.close?.();
      });
      const got = bench.log.filter((line) => line.includes('got')).map((line) => line.split(' got ')[1]);
      assert.deepEqual(got.sort(), ['1', '2', '3', '4']);
      assert.deepEqual(bench.log.filter((line) => line.includes('done')).sort(), ['a is done', 'b is done']);
      const late: number[] = [];
      for await (const item of queue as AsyncIterable<number>) late.push(item);
      assert.deepEqual(late, []);
    },
    'closing',
    'iterating',
  ),

  queuePromise(
    'who leaves a for await early takes nothing more',
    async (bench) => {
      const queue = await bench.full(1, 2);
      for await (const item of queue as AsyncIterable<number>) {
        assert.equal(item, bench.leaving([1, 2])[0]);
        break;
      }
      assert.equal(await queue.get(), bench.leaving([1, 2])[1]);
      assert.ok(await bench.isEmpty(queue));
    },
    'iterating',
  ),

  queuePromise(
    'a for await that waits and is cancelled takes nothing',
    async (bench) => {
      const queue = bench.make(1);
      await withTaskGroup(async (group) => {
        const task = group.spawn(iterate, bench, queue, 'a');
        await bench.quiet();
        task.cancel();
        await queue.put(1);
        await assert.rejects(task, { name: 'AbortError' });
      });
      assert.deepEqual(bench.log, []);
      assert.equal(await queue.get(), 1);
    },
    'iterating',
    'cancelling',
  ),

  queuePromise(
    'joining waits until all that was put has been dealt with',
    async (bench) => {
      const queue = bench.make(5);
      await queue.join?.();
      for (const item of [1, 2]) await queue.put(item);
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b'])
          group.spawn(async () => {
            await queue.join?.();
            bench.log.push(name);
          });
        await bench.take(queue, 2);
        await bench.quiet();
        queue.taskDone?.();
        await bench.quiet();
        assert.deepEqual(bench.log, []);
        queue.taskDone?.();
      });
      assert.deepEqual(bench.log, ['a', 'b']);
    },
    'joining',
  ),

  queuePromise(
    'joining counts what goes from hand to hand, and what waited to be let in',
    async (bench) => {
      const queue = bench.make(1);
      await withTaskGroup(async (group) => {
        group.spawn(() => bench.note(queue, 'a'));
        await bench.quiet();
        for (const item of [1, 2]) await queue.put(item);
        group.spawn(() => bench.notePut(queue, 3));
        await bench.quiet();
        const joined = group.spawn(async () => {
          await queue.join?.();
          bench.log.push('joined');
        });
        await bench.take(queue, 2);
        for (let i = 0; i < 3; i++) {
          await bench.quiet();
          assert.ok(!bench.log.includes('joined'));
          queue.taskDone?.();
        }
        await joined;
      });
    },
    'joining',
  ),

  queuePromise(
    'more done than was put is a mistake, and is told',
    async (bench) => {
      const queue = await bench.full(1);
      await queue.get();
      queue.taskDone?.();
      assert.throws(() => queue.taskDone?.(), NotHeldError);
    },
    'joining',
  ),

  queuePromise(
    'what is discarded is dealt with; what was taken before is not',
    async (bench) => {
      const queue = await bench.full(1, 2, 3);
      await withTaskGroup(async (group) => {
        const joined = group.spawn(async () => {
          await queue.join?.();
          bench.log.push('joined');
        });
        await queue.get();
        queue.close?.({ discard: true });
        await bench.quiet();
        assert.deepEqual(bench.log, []);
        queue.taskDone?.();
        await joined;
      });
    },
    'joining',
    'closing',
  ),
];

function ifNotClosed(error: unknown): void {
  if (!(error instanceof QueueClosedError)) throw error;
}
