import assert from 'node:assert/strict';
import { sleep, withTaskGroup } from '../../tasks/index.js';
import { type QueuePromise, queuePromise } from '../queue-rig.js';

/** What goes in and comes out, in which order, and how much is inside. */
export const items: readonly QueuePromise[] = [
  queuePromise('what is put leaves in its order', async (rig) => {
    const put = [3, 1, 4, 1, 5, 9, 2, 6];
    const queue = await rig.full(...put);
    assert.deepEqual(await rig.take(queue, put.length), rig.leaving(put));
    assert.ok(await rig.isEmpty(queue));
  }),

  queuePromise('a full one makes the next wait until there is room', async (rig) => {
    const queue = await rig.full(1, 2);
    await withTaskGroup(async (group) => {
      group.spawn(() => rig.notePut(queue, 3));
      await rig.quiet();
      assert.deepEqual(rig.log, []);
      await queue.get();
      await rig.quiet();
      assert.deepEqual(rig.log, ['put 3']);
      assert.equal((await rig.take(queue, 2)).length, 2);
    });
    assert.ok(await rig.isEmpty(queue));
  }),

  queuePromise('an empty one makes who gets wait until something comes', async (rig) => {
    const queue = rig.make(1);
    await withTaskGroup(async (group) => {
      group.spawn(() => rig.note(queue, 'a'));
      await rig.quiet();
      assert.deepEqual(rig.log, []);
      await queue.put(7);
      await rig.quiet();
      assert.deepEqual(rig.log, ['a got 7']);
    });
    assert.ok(await rig.isEmpty(queue));
  }),

  queuePromise('producers and consumers: every item once', async (rig) => {
    for (const capacity of [1, 3, Number.POSITIVE_INFINITY]) {
      const queue = rig.make(capacity);
      const got: number[] = [];
      await withTaskGroup(async (group) => {
        for (let producer = 0; producer < 4; producer++)
          group.spawn(async () => {
            for (let i = 0; i < 25; i++) {
              await queue.put(25 * producer + i);
              if (i % 5 === producer) await sleep(1);
            }
          });
        for (let consumer = 0; consumer < 5; consumer++)
          group.spawn(async () => {
            for (let i = 0; i < 20; i++) {
              got.push(await queue.get());
              if (i % 3 === 0) await sleep(consumer);
            }
          });
      });
      assert.deepEqual(
        got.sort((a, b) => a - b),
        Array.from({ length: 100 }, (_, i) => i),
      );
      assert.ok(await rig.isEmpty(queue));
    }
  }),

  queuePromise('those who get are served first come, first served', async (rig) => {
    const queue = rig.make(5);
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b', 'c']) group.spawn(() => rig.note(queue, name));
      await rig.quiet();
      for (const item of [1, 2, 3]) await queue.put(item);
    });
    assert.deepEqual(rig.log, ['a got 1', 'b got 2', 'c got 3']);
  }),

  queuePromise('those who put are let in first come, first served', async (rig) => {
    const queue = await rig.full(0);
    await withTaskGroup(async (group) => {
      for (const item of [5, 4, 6]) group.spawn(() => rig.notePut(queue, item));
      await rig.quiet();
      assert.deepEqual(await rig.take(queue, 4), [0, 5, 4, 6]);
    });
    assert.deepEqual(rig.log, ['put 5', 'put 4', 'put 6']);
  }),

  queuePromise('who puts and gets in one turn takes nothing from the one who waits', async (rig) => {
    const queue = rig.make(2);
    await withTaskGroup(async (group) => {
      group.spawn(() => rig.note(queue, 'a'));
      await rig.quiet();
      const put = queue.put(1);
      group.spawn(() => rig.note(queue, 'b'));
      const mine = queue.get();
      await put;
      await queue.put(2);
      await queue.put(3);
      await mine;
    });
    assert.equal(rig.log[0], 'a got 1');
  }),

  queuePromise(
    'trying puts where there is room and gets what there is, and does not wait',
    async (rig) => {
      const queue = rig.make(2);
      assert.equal(queue.tryGet?.(), undefined);
      assert.deepEqual([queue.tryPut?.(1), queue.tryPut?.(2), queue.tryPut?.(3)], [true, true, false]);
      assert.deepEqual([queue.tryGet?.(), queue.tryGet?.(), queue.tryGet?.()], [...rig.leaving([1, 2]), undefined]);
      assert.ok(await rig.isEmpty(queue));
    },
    'trying',
  ),

  queuePromise(
    'trying does not get in between',
    async (rig) => {
      const empty = rig.make(1);
      await withTaskGroup(async (group) => {
        group.spawn(() => rig.note(empty, 'a'));
        await rig.quiet();
        assert.equal(empty.tryPut?.(1), true);
        assert.equal(empty.tryGet?.(), undefined, 'that is of the one who waits');
      });
      assert.deepEqual(rig.log.splice(0), ['a got 1']);
      const full = await rig.full(1);
      await withTaskGroup(async (group) => {
        group.spawn(() => rig.notePut(full, 2));
        await rig.quiet();
        assert.equal(full.tryGet?.(), 1);
        assert.equal(full.tryPut?.(3), false, 'the room is of the one who waits');
        assert.equal(full.tryGet?.(), 2);
      });
      assert.ok(await rig.isEmpty(full));
    },
    'trying',
  ),

  queuePromise(
    'generators and async functions wait in one line',
    async (rig) => {
      const queue = rig.make(1);
      const got: number[] = [];
      await withTaskGroup(async (group) => {
        for (let i = 0; i < 6; i += 2) {
          group.spawn(async () => {
            got[i] = await queue.get();
          });
          group.spawn(function* () {
            got[i + 1] = yield* rig.get(queue);
          });
        }
        group.spawn(function* () {
          for (let i = 0; i < 3; i++) yield* rig.put(queue, i);
        });
        group.spawn(async () => {
          await rig.quiet();
          for (let i = 3; i < 6; i++) await queue.put(i);
        });
      });
      assert.deepEqual(got, [0, 1, 2, 3, 4, 5]);
      assert.ok(await rig.isEmpty(queue));
    },
    'generators',
  ),
];
