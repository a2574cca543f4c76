import assert from 'node:assert/strict';
import { NotHeldError, QueueClosedError, withTaskGroup } from '../../tasks/index.js';
import { type QueuePromise, type QueueRig, type QueueUnderTest, queuePromise } from '../queue-rig.js';

async function iterate(rig: QueueRig, queue: QueueUnderTest, name: string): Promise<void> {
  for await (const item of queue as AsyncIterable<number>) rig.log.push(`${name} got ${item}`);
  rig.log.push(`${name} is done`);
}

/** The end of a queue, and the end of the work that went through it. */
export const closing: readonly QueuePromise[] = [
  queuePromise(
    'closed, it refuses what is put and gives what it holds, and then refuses those who get',
    async (rig) => {
      const queue = await rig.full(1, 2);
      assert.deepEqual(queue.close?.(), []);
      await assert.rejects(async () => await queue.put(3), QueueClosedError);
      assert.deepEqual(await rig.take(queue, 2), rig.leaving([1, 2]));
      for (let i = 0; i < 2; i++) await assert.rejects(async () => await queue.get(), QueueClosedError);
    },
    'closing',
  ),

  queuePromise(
    'closing refuses all who wait, and what was not let in is not in it',
    async (rig) => {
      const empty = rig.make(1);
      const full = await rig.full(1);
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b']) group.spawn(() => rig.note(empty, name).catch(ifNotClosed));
        for (const item of [2, 3]) group.spawn(() => rig.notePut(full, item).catch(ifNotClosed));
        await rig.quiet();
        empty.close?.();
        full.close?.();
      });
      assert.deepEqual(rig.log, ['a: QueueClosedError', 'b: QueueClosedError', '2: QueueClosedError', '3: QueueClosedError']);
      assert.equal(await full.get(), 1);
      await assert.rejects(async () => await full.get(), QueueClosedError);
    },
    'closing',
  ),

  queuePromise(
    'closing with what is inside discarded gives that back',
    async (rig) => {
      const queue = await rig.full(3, 1, 2);
      assert.deepEqual(queue.close?.({ discard: true }), rig.leaving([3, 1, 2]));
      await assert.rejects(async () => await queue.get(), QueueClosedError);
      assert.deepEqual(queue.close?.({ discard: true }), [], 'a second time there is nothing');
    },
    'closing',
  ),

  queuePromise(
    'one that is closed already may have what is inside discarded',
    async (rig) => {
      const queue = await rig.full(1);
      assert.deepEqual(queue.close?.(), []);
      assert.deepEqual(queue.close?.({ discard: true }), [1]);
      await assert.rejects(async () => await queue.get(), QueueClosedError);
    },
    'closing',
  ),

  queuePromise(
    'trying with a closed one is refused, and gives what is still in it',
    async (rig) => {
      const queue = await rig.full(1);
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
    async (rig) => {
      const queue = rig.make(2);
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b']) group.spawn(iterate, rig, queue, name);
        await rig.quiet();
        for (const item of [1, 2, 3, 4]) await queue.put(item);
        queue.close?.();
      });
      const got = rig.log.filter((line) => line.includes('got')).map((line) => line.split(' got ')[1]);
      assert.deepEqual(got.sort(), ['1', '2', '3', '4']);
      assert.deepEqual(rig.log.filter((line) => line.includes('done')).sort(), ['a is done', 'b is done']);
      const late: number[] = [];
      for await (const item of queue as AsyncIterable<number>) late.push(item);
      assert.deepEqual(late, []);
    },
    'closing',
    'iterating',
  ),

  queuePromise(
    'who leaves a for await early takes nothing more',
    async (rig) => {
      const queue = await rig.full(1, 2);
      for await (const item of queue as AsyncIterable<number>) {
        assert.equal(item, rig.leaving([1, 2])[0]);
        break;
      }
      assert.equal(await queue.get(), rig.leaving([1, 2])[1]);
      assert.ok(await rig.isEmpty(queue));
    },
    'iterating',
  ),

  queuePromise(
    'a for await that waits and is cancelled takes nothing',
    async (rig) => {
      const queue = rig.make(1);
      await withTaskGroup(async (group) => {
        const task = group.spawn(iterate, rig, queue, 'a');
        await rig.quiet();
        task.cancel();
        await queue.put(1);
        await assert.rejects(task, { name: 'AbortError' });
      });
      assert.deepEqual(rig.log, []);
      assert.equal(await queue.get(), 1);
    },
    'iterating',
    'cancelling',
  ),

  queuePromise(
    'joining waits until all that was put has been dealt with',
    async (rig) => {
      const queue = rig.make(5);
      await queue.join?.();
      for (const item of [1, 2]) await queue.put(item);
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b'])
          group.spawn(async () => {
            await queue.join?.();
            rig.log.push(name);
          });
        await rig.take(queue, 2);
        await rig.quiet();
        queue.taskDone?.();
        await rig.quiet();
        assert.deepEqual(rig.log, []);
        queue.taskDone?.();
      });
      assert.deepEqual(rig.log, ['a', 'b']);
    },
    'joining',
  ),

  queuePromise(
    'joining counts what goes from hand to hand, and what waited to be let in',
    async (rig) => {
      const queue = rig.make(1);
      await withTaskGroup(async (group) => {
        group.spawn(() => rig.note(queue, 'a'));
        await rig.quiet();
        for (const item of [1, 2]) await queue.put(item);
        group.spawn(() => rig.notePut(queue, 3));
        await rig.quiet();
        const joined = group.spawn(async () => {
          await queue.join?.();
          rig.log.push('joined');
        });
        await rig.take(queue, 2);
        for (let i = 0; i < 3; i++) {
          await rig.quiet();
          assert.ok(!rig.log.includes('joined'));
          queue.taskDone?.();
        }
        await joined;
      });
    },
    'joining',
  ),

  queuePromise(
    'more done than was put is a mistake, and is told',
    async (rig) => {
      const queue = await rig.full(1);
      await queue.get();
      queue.taskDone?.();
      assert.throws(() => queue.taskDone?.(), NotHeldError);
    },
    'joining',
  ),

  queuePromise(
    'what is discarded is dealt with; what was taken before is not',
    async (rig) => {
      const queue = await rig.full(1, 2, 3);
      await withTaskGroup(async (group) => {
        const joined = group.spawn(async () => {
          await queue.join?.();
          rig.log.push('joined');
        });
        await queue.get();
        queue.close?.({ discard: true });
        await rig.quiet();
        assert.deepEqual(rig.log, []);
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
