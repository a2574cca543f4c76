import assert from 'node:assert/strict';
import type { Executor, Future } from '../../futures/index.js';
import { add, cannotPrepare, exit, hold, linesOf, note, pause, prepare, prepareLater, whatIsPrepared, whereAmI } from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';

interface Broadcaster extends Executor {
  broadcast<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Future<R[]>;
}

export const workersLives: readonly ExecutorPromise[] = [
  promise(
    'the initializer runs once in every worker, before its first call',
    async (rig) => {
      for (const fn of [prepare, prepareLater]) {
        const file = rig.file();
        const executor = rig.make({ initializer: [fn, file, { ready: true }] });
        const [held, gate] = [rig.file(), rig.file()];
        const both = [executor.submit(hold, held, gate), executor.submit(hold, held, gate)];
        await rig.lines(held, 2);
        rig.open(gate);
        await Promise.all(both);
        for (let i = 0; i < 10; i++) assert.deepEqual(await executor.submit(whatIsPrepared), { ready: true });
        const lines = linesOf(file);
        assert.equal(lines.length, 2);
        assert.equal(new Set(lines).size, 2, 'in two workers');
      }
    },
    'workers',
  ),

  promise(
    'an initializer that throws fails the calls with its error, and restarts back off',
    async (rig) => {
      const file = rig.file();
      const executor = rig.make({ initializer: [cannotPrepare, file] });
      for (let i = 0; i < 3; i++) {
        await assert.rejects(
          async () => await executor.submit(add, 1, 2),
          (error: Error) => {
            assert.ok(error instanceof RangeError, `${error}`);
            assert.match(error.message, /the initializer gives up/);
            return true;
          },
        );
      }
      const { length } = linesOf(file);
      const calls = Array.from({ length: 20 }, () => executor.submit(add, 1, 2));
      await Promise.race([Promise.allSettled(calls), pause(1000)]);
      await Promise.allSettled(calls);
      assert.ok(linesOf(file).length - length <= 8, `${linesOf(file).length - length} starts`);
      assert.ok(calls.every((call) => call.state === 'rejected'));
    },
    'workers',
  ),

  promise(
    'a worker is replaced after its number of calls, and no call is lost by that',
    async (rig) => {
      const executor = rig.make({ workers: 1, maxCallsPerWorker: 2 });
      const where = await Promise.all(Array.from({ length: 7 }, () => executor.submit(whereAmI)));
      const each = new Map<string, number>();
      for (const worker of where) each.set(worker, (each.get(worker) ?? 0) + 1);
      assert.deepEqual([...each.values()], [2, 2, 2, 1]);
      assert.equal(new Set(await executor.map(whereAmI, [1, 2, 3, 4])).size >= 2, true);
      assert.equal(executor.stats().lost, 0, 'letting one go is no loss');
    },
    'workers',
  ),

  promise(
    'a worker that is idle for long enough ends, and the next call gets another',
    async (rig) => {
      const executor = rig.make({ workers: 1, idleTimeout: 30 });
      const before = await executor.submit(whereAmI);
      await rig.until('the worker is gone', () => executor.stats().workers === 0);
      assert.notEqual(await executor.submit(whereAmI), before);
    },
    'workers',
  ),

  promise(
    'workers start when there is work for them, and no more than were asked for',
    async (rig) => {
      const executor = rig.make({ workers: 2 });
      assert.equal(executor.stats().workers, 0);
      await executor.submit(add, 1, 2);
      assert.equal(executor.stats().workers, 1);
      const where = await Promise.all(Array.from({ length: 300 }, () => executor.submit(whereAmI)));
      assert.ok(new Set(where).size <= 2);
      assert.ok(executor.stats().workers <= 2);
    },
    'workers',
  ),

  promise(
    'a broadcast runs on every worker, and on those that come later',
    async (rig) => {
      const executor = rig.make() as Broadcaster;
      const file = rig.file();
      const there = await executor.broadcast(whereAmI);
      assert.equal(new Set(there).size, 2);
      await executor.broadcast(prepare, file, 'first');
      assert.equal(linesOf(file).length, 2);
      assert.equal(await executor.submit(whatIsPrepared), 'first');
      await executor.broadcast(prepare, file, 'second');
      await assert.rejects(async () => await executor.submit(exit, rig.file(), 1));
      await assert.rejects(async () => await executor.submit(exit, rig.file(), 1));
      const [held, gate] = [rig.file(), rig.file()];
      const both = [executor.submit(hold, held, gate), executor.submit(hold, held, gate)];
      await rig.lines(held, 2);
      rig.open(gate);
      await Promise.all(both);
      for (let i = 0; i < 6; i++) assert.equal(await executor.submit(whatIsPrepared), 'second');
    },
    'workers',
    'broadcast',
  ),

  promise(
    'a broadcast that fails somewhere rejects with that error, and the pool goes on',
    async (rig) => {
      const executor = rig.make() as Broadcaster;
      await assert.rejects(async () => await executor.broadcast(cannotPrepare, rig.file()), RangeError);
      assert.equal(await executor.submit(add, 1, 2), 3);
      assert.equal((await executor.broadcast(note, rig.file(), 1)).length, 2);
    },
    'workers',
    'broadcast',
  ),
];
