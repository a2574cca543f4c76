import assert from 'node:assert/strict';
import { now, sleep, withCancelScope, withTaskGroup, withTimeout } from '../../tasks/index.js';
import { type QueuePromise, queuePromise } from '../queue-rig.js';

/** What a cancellation takes away, and what it does not: no item is lost, none is there twice. */
export const cancelling: readonly QueuePromise[] = [
  queuePromise(
    'one who waits to get and is cancelled takes nothing: the item is the next one’s',
    async (rig) => {
      const queue = rig.make(1);
      await withTaskGroup(async (group) => {
        const a = group.spawn(() => rig.note(queue, 'a'));
        group.spawn(() => rig.note(queue, 'b'));
        await rig.quiet();
        a.cancel();
        await queue.put(1);
      });
      assert.deepEqual(rig.log, ['a: AbortError', 'b got 1']);
      assert.ok(await rig.isEmpty(queue));
    },
    'cancelling',
  ),

  queuePromise(
    'all who wait to get are cancelled together: the item stays in the queue',
    async (rig) => {
      const queue = rig.make(1);
      await withTaskGroup(async (group) => {
        const waiting = group.spawn(() =>
          withTaskGroup((inner) => {
            for (const name of ['a', 'b']) inner.spawn(() => rig.note(queue, name));
          }),
        );
        await rig.quiet();
        waiting.cancel();
        await queue.put(1);
      });
      assert.deepEqual(rig.log, ['a: AbortError', 'b: AbortError']);
      assert.equal(await queue.get(), 1);
      assert.ok(await rig.isEmpty(queue));
    },
    'cancelling',
  ),

  queuePromise(
    'one who waits to put and is cancelled has put nothing: the room is the next one’s',
    async (rig) => {
      const queue = await rig.full(1);
      await withTaskGroup(async (group) => {
        const two = group.spawn(() => rig.notePut(queue, 2));
        group.spawn(() => rig.notePut(queue, 3));
        await rig.quiet();
        two.cancel();
        assert.deepEqual(await rig.take(queue, 2), [1, 3]);
      });
      assert.deepEqual(rig.log, ['2: AbortError', 'put 3']);
      assert.ok(await rig.isEmpty(queue));
    },
    'cancelling',
  ),

  queuePromise(
    'who was handed an item and is cancelled in the same turn has it',
    async (rig) => {
      const queue = rig.make(1);
      await withTaskGroup(async (group) => {
        const a = group.spawn(() => rig.note(queue, 'a'));
        await rig.quiet();
        queue.tryPut?.(1);
        a.cancel();
      });
      assert.deepEqual(rig.log, ['a got 1', 'a: AbortError']);
      assert.ok(await rig.isEmpty(queue));
    },
    'cancelling',
    'trying',
  ),

  queuePromise(
    'who was let in with an item and is cancelled in the same turn has put it, once',
    async (rig) => {
      const queue = await rig.full(1);
      await withTaskGroup(async (group) => {
        const two = group.spawn(() => rig.notePut(queue, 2));
        await rig.quiet();
        assert.equal(queue.tryGet?.(), 1);
        two.cancel();
      });
      assert.deepEqual(rig.log, ['put 2', '2: AbortError']);
      assert.equal(await queue.get(), 2);
      assert.ok(await rig.isEmpty(queue));
    },
    'cancelling',
    'trying',
  ),

  queuePromise(
    'a time limit that ends in the instant of the put: the item is with the one who asked, or still there',
    async (rig) => {
      for (const putFirst of [true, false]) {
        const queue = rig.make(1);
        const at = now() + 10;
        await withTaskGroup(async (group) => {
          const put = async (): Promise<void> => {
            await sleep(at - now());
            await queue.put(1);
          };
          if (putFirst) group.spawn(put);
          const outcome = group.spawn(() => withTimeout(at - now(), async () => await queue.get()).catch((error: Error) => error.name));
          if (!putFirst) group.spawn(put);
          const value = await outcome;
          await rig.quiet();
          assert.equal(value === 'TimeoutError' ? await queue.get() : value, 1);
        });
        assert.ok(await rig.isEmpty(queue));
      }
    },
    'cancelling',
  ),

  queuePromise(
    'in a cancelled scope nothing is put and nothing is taken, though it were possible at once',
    async (rig) => {
      const queue = rig.make(2);
      await queue.put(1);
      await withCancelScope(async (scope) => {
        scope.cancel();
        for (let i = 0; i < 2; i++) {
          await assert.rejects(async () => await queue.put(2), { name: 'AbortError' });
          await assert.rejects(async () => await queue.get(), { name: 'AbortError' });
        }
      });
      assert.equal(await queue.get(), 1);
      assert.ok(await rig.isEmpty(queue));
    },
    'cancelling',
  ),
];
