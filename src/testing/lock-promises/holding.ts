import assert from 'node:assert/strict';
import { NotHeldError, withTaskGroup } from '../../tasks/index.js';
import { type LockPromise, lockPromise } from '../lock-bench.js';

/** Who holds it, how many do, and how it is given back. */
export const holding: readonly LockPromise[] = [
  lockPromise('who asks for a free one has it', async (bench) => {
    const held = await bench.takeAll();
    assert.equal(held.length, bench.permits);
    for (const each of held) each.release();
    assert.ok(await bench.isFree());
  }),

  lockPromise('as many hold it as may, and no more', async (bench) => {
    let [inside, most] = [0, 0];
    await withTaskGroup(async (group) => {
      for (let i = 0; i < 5 * bench.permits; i++) {
        group.spawn(async () => {
          const held = await bench.lock.acquire();
          most = Math.max(most, ++inside);
          await bench.quiet();
          inside--;
          held.release();
        });
      }
    });
    assert.equal(most, bench.permits);
    assert.ok(await bench.isFree());
  }),

  lockPromise('a release lets in one', async (bench) => {
    const held = await bench.takeAll();
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b', 'c'])
        group.spawn(async () => {
          const mine = await bench.lock.acquire();
          bench.log.push(name);
          await bench.quiet();
          await bench.quiet();
          mine.release();
        });
      await bench.quiet();
      assert.deepEqual(bench.log, [], 'all of it is taken');
      held.pop()?.release();
      await bench.quiet();
      assert.deepEqual(bench.log, ['a']);
      for (const each of held) each.release();
    });
    assert.deepEqual([...bench.log].sort(), ['a', 'b', 'c']);
  }),

  lockPromise('another task may give it back', async (bench) => {
    const held = await bench.takeAll();
    await withTaskGroup(async (group) => {
      group.spawn(async () => {
        for (const each of held) each.release();
      });
      await bench.lock.acquire().then((mine) => mine.release());
    });
    assert.ok(await bench.isFree());
  }),

  lockPromise(
    'released twice, it complains, and nobody else is let in',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b'])
          group.spawn(async () => {
            const mine = await bench.lock.acquire();
            bench.log.push(name);
            await bench.quiet();
            await bench.quiet();
            mine.release();
          });
        await bench.quiet();
        const first = held.pop();
        first?.release();
        assert.throws(() => first?.release(), NotHeldError);
        await bench.quiet();
        assert.deepEqual(bench.log, ['a']);
        for (const each of held) each.release();
      });
      assert.ok(await bench.isFree());
    },
    'guards',
  ),

  lockPromise(
    'disposing of a guard gives it back, once; after a release it does nothing',
    async (bench) => {
      const [first, ...others] = await bench.takeAll();
      first[Symbol.dispose]?.();
      const again = await bench.lock.acquire();
      first[Symbol.dispose]?.();
      let more = false;
      await withTaskGroup(async (group) => {
        group.spawn(async () => {
          const mine = await bench.lock.acquire();
          more = true;
          mine.release();
        });
        await bench.quiet();
        assert.equal(more, false, 'the second disposal let somebody in');
        again.release();
        again[Symbol.dispose]?.();
      });
      for (const each of others) each.release();
      assert.ok(await bench.isFree());
    },
    'guards',
  ),

  lockPromise(
    'trying takes a free one, and does not wait for one that is taken',
    async (bench) => {
      const held = await bench.takeAll();
      assert.equal(bench.lock.tryAcquire?.(), undefined);
      held.pop()?.release();
      const tried = bench.lock.tryAcquire?.();
      assert.ok(tried);
      assert.equal(bench.lock.tryAcquire?.(), undefined);
      tried.release();
      for (const each of held) each.release();
      assert.ok(await bench.isFree());
    },
    'trying',
  ),
];
