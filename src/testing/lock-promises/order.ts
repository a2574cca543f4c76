import assert from 'node:assert/strict';
import { sleep, withTaskGroup } from '../../tasks/index.js';
import { type LockPromise, lockPromise } from '../lock-bench.js';

/** First in, first out, and nobody in between. */
export const order: readonly LockPromise[] = [
  lockPromise('first come, first served', async (bench) => {
    const held = await bench.takeAll();
    const names = Array.from({ length: 20 }, (_, i) => `${i}`);
    await withTaskGroup(async (group) => {
      for (const name of names) group.spawn(() => bench.visit(name));
      await bench.quiet();
      for (const each of held) each.release();
    });
    assert.deepEqual(bench.log, names);
  }),

  lockPromise('who releases and asks again in the same turn waits behind those who wait', async (bench) => {
    const held = await bench.takeAll();
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b']) group.spawn(() => bench.visit(name));
      await bench.quiet();
      for (const each of held) each.release();
      // `a` and `b` have been served by now or are the next to be, however many may hold it.
      for (let i = 0; i < bench.permits; i++) group.spawn(() => bench.visit('again'));
      const mine = bench.lock.acquire();
      group.spawn(async () => {
        const again = await mine;
        bench.log.push('mine');
        again.release();
      });
    });
    assert.deepEqual(bench.log.slice(0, 2), ['a', 'b']);
  }),

  lockPromise(
    'trying does not get in between a release and the one who waits',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        for (let i = 0; i < bench.permits; i++) group.spawn(() => bench.visit(`${i}`));
        await bench.quiet();
        for (const each of held) each.release();
        assert.equal(bench.lock.tryAcquire?.(), undefined);
        await bench.quiet();
        assert.equal(bench.log.length, bench.permits);
      });
      assert.ok(await bench.isFree());
    },
    'trying',
  ),

  lockPromise('those who come in every turn do not keep out the one who waits', async (bench) => {
    const held = await bench.takeAll();
    await withTaskGroup(async (group) => {
      const patient = group.spawn(() => bench.visit('patient'));
      await bench.quiet();
      for (let i = 0; i < 50; i++) group.spawn(() => bench.visit('busy'));
      for (const each of held) each.release();
      await patient;
      const before = bench.log.indexOf('patient');
      assert.ok(before < bench.permits, `${before} were let in before the one that had waited longest`);
    });
  }),

  lockPromise(
    'generators and async functions wait in one line',
    async (bench) => {
      const held = await bench.takeAll();
      const names = Array.from({ length: 12 }, (_, i) => `${i}`);
      await withTaskGroup(async (group) => {
        for (const [i, name] of names.entries()) {
          if (i % 3 === 0) group.spawn(() => bench.visit(name));
          else
            group.spawn(function* () {
              const mine = yield* bench.acquire();
              bench.log.push(name);
              yield* sleep(1);
              mine.release();
            });
        }
        await bench.quiet();
        for (const each of held) each.release();
      });
      // Of two that were let in together, who resumes first depends on how each waits.
      if (bench.permits === 1) assert.deepEqual(bench.log, names);
      assert.deepEqual([...bench.log].sort(), [...names].sort());
      assert.ok(await bench.isFree());
    },
    'generators',
  ),
];
