import assert from 'node:assert/strict';
import { sleep, withTaskGroup } from '../../tasks/index.js';
import { type QueuePromise, queuePromise } from '../queue-bench.js';

/** What goes in and comes out, in which order, and how much is inside. */
export const items: readonly QueuePromise[] = [
  queuePromise('what is put leaves in its order', async (bench) => {
    const put = [3, 1, 4, 1, 5, 9, 2, 6];
    const queue = await bench.full(...put);
    assert.deepEqual(await bench.take(queue, put.length), bench.leaving(put));
    assert.ok(await bench.isEmpty(queue));
  }),

  queuePromise('a full one makes the next wait until there is room', async (bench) => {
    const queue = await bench.full(1, 2);
    await withTaskGroup(async (group) => {
      group.spawn(() => bench.notePut(queue, 3));
      await bench.quiet();
      assert.deepEqual(bench.log, []);
      await queue.get();
      await bench.quiet();
      assert.deepEqual(bench.log, ['put 3']);
      assert.equal((await bench.take(queue, 2)).length, 2);
    });
    assert.ok(await bench.isEmpty(queue));
  }),

  queuePromise('an empty one makes who gets wait until something comes', async (bench) => {
    const queue = bench.make(1);
    await withTaskGroup(async (group) => {
      group.spawn(() => bench.note(queue, 'a'));
      await bench.quiet();
      assert.deepEqual(bench.log, []);
      await queue.put(7);
      await bench.quiet();
      assert.deepEqual(bench.log, ['a got 7']);
    });
    assert.ok(await bench.isEmpty(queue));
  }),

  queuePromise('producers and consumers: every item once', async (bench) => {
    for (const capacity of [1, 3, Number.POSITIVE_INFINITY]) {
      const queue = bench.make(capacity);
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
      assert.ok(await bench.isEmpty(queue));
    }
  }),

  queuePromise('those who get are served first come, first served', async (bench) => {
    const queue = bench.make(5);
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b', 'c']) group.spawn(() => bench.note(queue, name));
      await bench.quiet();
      for (const item of [1, 2, 3]) await queue.put(item);
    });
    assert.deepEqual(bench.log, ['a got 1', 'b got 2', 'c got 3']);
  }),

  queuePromise('those who put are let in first come, first served', async (bench) => {
    const queue = await bench.full(0);
    await withTaskGroup(async (group) => {
      for (const item of [5, 4, 6]) group.spawn(() => bench.notePut(queue, item));
      await bench.quiet();
      assert.deepEqual(await bench.take(queue, 4), [0, 5, 4, 6]);
    });
    assert.deepEqual(bench.log, ['put 5', 'put 4', 'put 6']);
  }),

  queuePromise('who puts and gets in one turn takes nothing from the one who waits', async (bench) => {
    const queue = bench.make(2);
    await withTaskGroup(async (group) => {
      group.spawn(() => bench.note(queue, 'a'));
      await bench.quiet();
      const put = queue.put(1);
      group.spawn(() => bench.note(queue, 'b'));
      const mine = queue.get();
      await put;
      await queue.put(2);
      await queue.put(3);
      await mine;
    });
    assert.equal(bench.log[0], 'a got 1');
  }),

  queuePromise(
    'trying puts where there is room and gets what there is, and does not wait',
    async (bench) => {
      const queue = bench.make(2);
      assert.equal(queue.tryGet?.(), undefined);
      assert.deepEqual([queue.tryPut?.(1), queue.tryPut?.(2), queue.tryPut?.(3)], [true, true, false]);
      assert.deepEqual([queue.tryGet?.(), queue.tryGet?.(), queue.tryGet?.()], [...bench.leaving([1, 2]), undefined]);
      assert.ok(await bench.isEmpty(queue));
    },
    'trying',
  ),

  queuePromise(
    'trying does not get in between',
    async (bench) => {
      const empty = bench.make(1);
      await withTaskGroup(async (group) => {
        group.spawn(() => bench.note(empty, 'a'));
        await bench.quiet();
        assert.equal(empty.tryPut?.(1), true);
        assert.equal(empty.tryGet?.(), undefined, 'that is of the one who waits');
      });
      assert.deepEqual(bench.log.splice(0), ['a got 1']);
      const full = await bench.full(1);
      await withTaskGroup(async (group) => {
        group.spawn(() => bench.notePut(full, 2));
        await bench.quiet();
        assert.equal(full.tryGet?.(), 1);
        assert.equal(full.tryPut?.(3), false, 'the room is of the one who waits');
        assert.equal(full.tryGet?.(), 2);
      });
      assert.ok(await bench.isEmpty(full));
    },
    'trying',
  ),

  queuePromise(
    'generators and async functions wait in one line',
    async (bench) => {
      const queue = bench.make(1);
      const got: number[] = [];
      await withTaskGroup(async (group) => {
        for (let i = 0; i < 6; i += 2) {
          group.spawn(async () => {
            got[i] = await queue.get();
          });
          group.spawn(function* () {
            got[i + 1] = yield* bench.get(queue);
          });
        }
        group.spawn(function* () {
          for (let i = 0; i < 3; i++) yield* bench.put(queue, i);
        });
        group.spawn(async () => {
          await bench.quiet();
          for (let i = 3; i < 6; i++) await queue.put(i);
        });
      });
      assert.deepEqual(got, [0, 1, 2, 3, 4, 5]);
      assert.ok(await bench.isEmpty(queue));
    },
    'generators',
  ),
];
