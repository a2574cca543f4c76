import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { CancelledError, TimeoutError } from 'meantime';
import { add, holdUntil, linesOf } from '../fixtures/calls/calls.js';
import { endsItsWorkerOnce, throwsWhile } from '../fixtures/calls/comes-back.js';
import { computes } from '../fixtures/calls/life.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';

/*
 * The states of a call's life: what is asked of a pool reaches it in each.
 */

const BOUND = 20_000;

/** A function that was never sent, so that its reference has to be found out: a new text each time. */
let nth = 0;
const unknown = (): (() => never) => new Function(`return () => { for (;;) /* ${nth++} */; }`)() as () => never;

for (const { name, make } of kinds) {
  test(`${name}: a call whose function is still being located is reached by cancel, deadline, signal and every shutdown`, async () => {
    const asks: Record<string, (pool: ReturnType<typeof make>) => Promise<unknown>> = {
      cancel: async (pool) => {
        const future = pool.submit(unknown());
        future.cancel();
        await assert.rejects(async () => await future, CancelledError);
        await pool.shutdown();
      },
      deadline: async (pool) => {
        await assert.rejects(async () => await pool.with({ deadline: 0 }).submit(unknown()), TimeoutError);
        await pool.shutdown({ grace: 0 });
      },
      timeout: async (pool) => {
        await assert.rejects(async () => await pool.with({ timeout: 50 }).submit(unknown()), TimeoutError);
        await pool.shutdown();
      },
      signal: async (pool) => {
        const controller = new AbortController();
        const future = pool.with({ signal: controller.signal }).submit(unknown());
        controller.abort();
        await assert.rejects(async () => await future, CancelledError);
        await pool.shutdown();
      },
      ...Object.fromEntries(
        [0, 100].map((grace) => [
          `shutdown at once, grace ${grace}`,
          async (pool) => {
            const calls = [pool.submit(unknown()), pool.submit(unknown()), pool.broadcast(unknown())];
            const ends = Promise.allSettled(calls);
            const down = pool.shutdown({ cancelPending: true, grace });
            for (const end of await ends) assert.ok(end.status === 'rejected' && end.reason instanceof CancelledError);
            await down;
          },
        ]),
      ),
      'shutdown without an end to what waits': async (pool) => {
        const future = pool.submit(new Function(`return () => 'done ${nth++}'`)() as () => string);
        await Promise.all([pool.shutdown({ grace: 0 }), future]);
        assert.match(await future, /^done/);
      },
      'fewer workers': async (pool) => {
        const future = pool.submit(new Function(`return () => 'done ${nth++}'`)() as () => string);
        pool.resize({ workers: 1 });
        assert.match(await future, /^done/);
        await pool.shutdown();
      },
    };
    for (const [what, ask] of Object.entries(asks)) {
      for (const initializer of [undefined, new Function(`return () => ${nth++}`)() as () => number]) {
        const pool = make({ workers: 2, grace: 50, initializer });
        let isOver = false;
        const end = ask(pool).finally(() => {
          isOver = true;
        });
        await until(`${what} is over`, () => isOver, BOUND);
        await end;
        assert.deepEqual([pool.stats().workers, pool.stats().queued, pool.stats().running], [0, 0, 0], what);
      }
    }
  });

  test(`${name}: a call that comes back from a dying worker, while the pool is shut down and no worker can be started at once, runs`, async () => {
    const [hold, gate, note, end] = [file(), file(), file(), file()];
    const pool = make({ workers: 3, maxCallsPerWorker: 10, initializer: [throwsWhile, gate] });
    // Two workers: the first is given nine calls, and then the tenth, with which it takes no more.
    const held = [pool.submit(holdUntil, file(), hold), pool.submit(holdUntil, file(), hold)];
    await until('both are up', () => pool.stats().workers === 2 && pool.stats().running === 2);
    writeFileSync(hold, '');
    await Promise.all(held);
    for (let i = 0; i < 8; i++) await pool.submit(add, i, 1);
    const last = pool.with({ retries: 1 }).submit(endsItsWorkerOnce, note, end);
    await until('it runs', () => linesOf(note).length === 1, BOUND);
    // The third cannot start; what waits for it is taken by the second, before another start may be tried.
    writeFileSync(gate, '');
    const [mark, release] = [file(), file()];
    const busy = pool.submit(holdUntil, mark, release);
    await until('the second is busy', () => linesOf(mark).length === 1, BOUND);
    const waits = pool.submit(add, 1, 1);
    await until('several starts have failed', () => pool.stats().lost >= 5, BOUND);
    await new Promise(setImmediate);
    writeFileSync(release, '');
    await Promise.all([busy, waits]);
    let isDown = false;
    pool.shutdown().then(() => {
      isDown = true;
    });
    rmSync(gate);
    writeFileSync(end, '');
    await until('the call has come back and the pool is down', () => isDown, BOUND);
    assert.equal(await last, 'again');
  });

  test(`${name}: a long computation with others behind it is let alone, however short the time of a start`, async () => {
    for (const concurrency of [1, 4]) {
      await using strict = make({ workers: 1, concurrency, startTimeout: 2000 });
      await strict.submit(add, 1, 2);
      const long = strict.submit(computes, 6000);
      const behind = [strict.submit(add, 1, 1), strict.with({ timeout: 60_000 }).submit(add, 2, 2), strict.submit(add, 3, 3)];
      assert.equal(await long, 6000);
      assert.deepEqual(await Promise.all(behind), [2, 4, 6]);
      assert.equal(strict.stats().lost, 0);
    }
  });

  test(`${name}: a slow start is not taken for a dead one`, async () => {
    await using pool = make({ workers: 2, startTimeout: 8000, initializer: [computes, 1500] });
    const calls = Array.from({ length: 6 }, (_, i) => pool.submit(add, i, 1));
    const cancelled = pool.submit(add, 0, 0);
    cancelled.cancel();
    assert.deepEqual(await Promise.all(calls), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual([pool.stats().lost, pool.stats().workers], [0, 2]);
    await assert.rejects(async () => await cancelled, CancelledError);
  });
}
