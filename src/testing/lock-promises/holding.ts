import assert from 'node:assert/strict';
import { NotHeldError, withTaskGroup } from '../../tasks/index.js';
import { type LockPromise, lockPromise } from '../lock-rig.js';

/** Who holds it, how many do, and how it is given back. */
export const holding: readonly LockPromise[] = [
  lockPromise('who asks for a free one has it', async (rig) => {
    const held = await rig.takeAll();
    assert.equal(held.length, rig.permits);
    for (const each of held) each.release();
    assert.ok(await rig.isFree());
  }),

  lockPromise('as many hold it as may, and no more', async (rig) => {
    let [inside, most] = [0, 0];
    await withTaskGroup(async (group) => {
      for (let i = 0; i < 5 * rig.permits; i++) {
        group.spawn(async () => {
          const held = await rig.lock.acquire();
          most = Math.max(most, ++inside);
          await rig.quiet();
          inside--;
          held.release();
        });
      }
    });
    assert.equal(most, rig.permits);
    assert.ok(await rig.isFree());
  }),

  lockPromise('a release lets in one', async (rig) => {
    const held = await rig.takeAll();
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b', 'c'])
        group.spawn(async () => {
          const mine = await rig.lock.acquire();
          rig.log.push(name);
          await rig.quiet();
          await rig.quiet();
          mine.release();
        });
      await rig.quiet();
      assert.deepEqual(rig.log, [], 'all of it is taken');
      held.pop()?.release();
      await rig.quiet();
      assert.deepEqual(rig.log, ['a']);
      for (const each of held) each.release();
    });
    assert.deepEqual([...rig.log].sort(), ['a', 'b', 'c']);
  }),

  lockPromise('another task may give it back', async (rig) => {
    const held = await rig.takeAll();
    await withTaskGroup(async (group) => {
      group.spawn(async () => {
        for (const each of held) each.release();
      });
      await rig.lock.acquire().then((mine) => mine.release());
    });
    assert.ok(await rig.isFree());
  }),

  lockPromise(
    'released twice, it complains, and nobody else is let in',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        for (const name of ['a', 'b'])
          group.spawn(async () => {
            const mine = await rig.lock.acquire();
            rig.log.push(name);
            await rig.quiet();
            await rig.quiet();
            mine.release();
          });
        await rig.quiet();
        const first = held.pop();
        first?.release();
        assert.throws(() => first?.release(), NotHeldError);
        await rig.quiet();
        assert.deepEqual(rig.log, ['a']);
        for (const each of held) each.release();
      });
      assert.ok(await rig.isFree());
    },
    'guards',
  ),

  lockPromise(
    'disposing of a guard gives it back, once; after a release it does nothing',
    async (rig) => {
      const [first, ...others] = await rig.takeAll();
      first[Symbol.dispose]?.();
      const again = await rig.lock.acquire();
      first[Symbol.dispose]?.();
      let more = false;
      await withTaskGroup(async (group) => {
        group.spawn(async () => {
          const mine = await rig.lock.acquire();
          more = true;
          mine.release();
        });
        await rig.quiet();
        assert.equal(more, false, 'the second disposal let somebody in');
        again.release();
        again[Symbol.dispose]?.();
      });
      for (const each of others) each.release();
      assert.ok(await rig.isFree());
    },
    'guards',
  ),

  lockPromise(
    'trying takes a free one, and does not wait for one that is taken',
    async (rig) => {
      const held = await rig.takeAll();
      assert.equal(rig.lock.tryAcquire?.(), undefined);
      held.pop()?.release();
      const tried = rig.lock.tryAcquire?.();
      assert.ok(tried);
      assert.equal(rig.lock.tryAcquire?.(), undefined);
      tried.release();
      for (const each of held) each.release();
      assert.ok(await rig.isFree());
    },
    'trying',
  ),
];
