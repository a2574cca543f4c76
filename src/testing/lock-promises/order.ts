import assert from 'node:assert/strict';
import { sleep, withTaskGroup } from '../../tasks/index.js';
import { type LockPromise, lockPromise } from '../lock-rig.js';

/** First in, first out, and nobody in between. */
export const order: readonly LockPromise[] = [
  lockPromise('first come, first served', async (rig) => {
    const held = await rig.takeAll();
    const names = Array.from({ length: 20 }, (_, i) => `${i}`);
    await withTaskGroup(async (group) => {
      for (const name of names) group.spawn(() => rig.visit(name));
      await rig.quiet();
      for (const each of held) each.release();
    });
    assert.deepEqual(rig.log, names);
  }),

  lockPromise('who releases and asks again in the same turn waits behind those who wait', async (rig) => {
    const held = await rig.takeAll();
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b']) group.spawn(() => rig.visit(name));
      await rig.quiet();
      for (const each of held) each.release();
      // `a` and `b` have been served by now or are the next to be, however many may hold it.
      for (let i = 0; i < rig.permits; i++) group.spawn(() => rig.visit('again'));
      const mine = rig.lock.acquire();
      group.spawn(async () => {
        const again = await mine;
        rig.log.push('mine');
        again.release();
      });
    });
    assert.deepEqual(rig.log.slice(0, 2), ['a', 'b']);
  }),

  lockPromise(
    'trying does not get in between a release and the one who waits',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        for (let i = 0; i < rig.permits; i++) group.spawn(() => rig.visit(`${i}`));
        await rig.quiet();
        for (const each of held) each.release();
        assert.equal(rig.lock.tryAcquire?.(), undefined);
        await rig.quiet();
        assert.equal(rig.log.length, rig.permits);
      });
      assert.ok(await rig.isFree());
    },
    'trying',
  ),

  lockPromise('those who come in every turn do not keep out the one who waits', async (rig) => {
    const held = await rig.takeAll();
    await withTaskGroup(async (group) => {
      const patient = group.spawn(() => rig.visit('patient'));
      await rig.quiet();
      for (let i = 0; i < 50; i++) group.spawn(() => rig.visit('busy'));
      for (const each of held) each.release();
      await patient;
      const before = rig.log.indexOf('patient');
      assert.ok(before < rig.permits, `${before} were let in before the one that had waited longest`);
    });
  }),

  lockPromise(
    'generators and async functions wait in one line',
    async (rig) => {
      const held = await rig.takeAll();
      const names = Array.from({ length: 12 }, (_, i) => `${i}`);
      await withTaskGroup(async (group) => {
        for (const [i, name] of names.entries()) {
          if (i % 3 === 0) group.spawn(() => rig.visit(name));
          else
            group.spawn(function* () {
              const mine = yield* rig.acquire();
              rig.log.push(name);
              yield* sleep(1);
              mine.release();
            });
        }
        await rig.quiet();
        for (const each of held) each.release();
      });
      // Of two that were let in together, who resumes first depends on how each waits.
      if (rig.permits === 1) assert.deepEqual(rig.log, names);
      assert.deepEqual([...rig.log].sort(), [...names].sort());
      assert.ok(await rig.isFree());
    },
    'generators',
  ),
];
