import assert from 'node:assert/strict';
import { WorkerLostError } from '../../core/index.js';
import type { Executor } from '../../futures/index.js';
import {
  add,
  eatMemory,
  exit,
  exitAt,
  exitOnce,
  hold,
  killYourself,
  linesOf,
  pid,
  rejectOutside,
  throwOutside,
  whereAmI,
} from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';
import { exitAfterTwo } from '../stream-calls.js';

async function lossOf(call: PromiseLike<unknown>): Promise<WorkerLostError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof WorkerLostError, `expected a WorkerLostError, got ${error}`);
    return error;
  }
  return assert.fail('the call was expected to lose its worker');
}

/** Both workers are there and work. */
async function isWhole(executor: Executor): Promise<void> {
  assert.deepEqual(
    await Promise.all(Array.from({ length: 20 }, (_, i) => executor.submit(add, i, 1))),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
}

export const losing: readonly ExecutorPromise[] = [
  promise(
    'a call that ends its worker fails with a WorkerLostError, once, and the pool is whole afterwards',
    async (rig) => {
      const executor = rig.make();
      const file = rig.file();
      const error = await lossOf(executor.with({ name: 'the last straw' }).submit(exit, file, 3));
      assert.deepEqual([error.exitCode, error.signal], [3, null]);
      assert.match(error.message, /the last straw.*exit code 3/);
      assert.deepEqual(linesOf(file), ['exits'], 'at most once is the default');
      await isWhole(executor);
      assert.equal(executor.stats().lost, 1);
    },
    'workers',
  ),

  promise(
    'a lost worker takes along only what ran there: calls sent behind it, queued ones and those elsewhere are done',
    async (rig) => {
      const executor = rig.make();
      await Promise.all(Array.from({ length: 200 }, (_, i) => executor.submit(add, i, 1))); // now it knows that these are short
      const file = rig.file();
      const before = Array.from({ length: 50 }, (_, i) => executor.submit(add, i, 1));
      const bad = executor.submit(exit, file, 5);
      const after = Array.from({ length: 500 }, (_, i) => executor.submit(add, i, 1));
      assert.equal((await lossOf(bad)).exitCode, 5);
      const ends = await Promise.allSettled([...before, ...after]);
      assert.equal(ends.filter((end) => end.status === 'rejected').length, 0);
      await isWhole(executor);
    },
    'workers',
  ),

  promise(
    'every call in progress in a lost worker fails, and no other',
    async (rig) => {
      const executor = rig.make({ workers: 1, concurrency: 2 });
      const [file, gate] = [rig.file(), rig.file()];
      const beside = executor.submit(hold, file, gate);
      await rig.lines(file, 1);
      const bad = executor.submit(exit, file, 1);
      const queued = Array.from({ length: 5 }, () => executor.submit(hold, file, gate));
      await Promise.all([lossOf(bad), lossOf(beside)]);
      rig.open(gate);
      assert.deepEqual(await Promise.all(queued), new Array(5).fill('released'));
    },
    'workers',
  ),

  promise(
    'an uncaught exception in a worker fails what runs there and says what it was',
    async (rig) => {
      const executor = rig.make();
      const error = await lossOf(executor.submit(throwOutside));
      assert.match(error.message, /thrown outside of any call/);
      await isWhole(executor);
    },
    'workers',
  ),

  promise(
    'an unhandled rejection in a worker fails what runs there and says what it was',
    async (rig) => {
      const executor = rig.make();
      const error = await lossOf(executor.submit(rejectOutside));
      assert.match(error.message, /rejected and never looked at/);
      await isWhole(executor);
    },
    'workers',
  ),

  promise(
    'a call that runs out of memory loses its worker, and the others go on',
    async (rig) => {
      const executor = rig.make({ memoryLimit: 40 * 2 ** 20 });
      const error = await lossOf(executor.submit(eatMemory));
      assert.match(error.message, /memory|SIGABRT|SIGTRAP/i);
      await isWhole(executor);
    },
    'workers',
  ),

  promise(
    'a worker that is killed from outside with SIGKILL fails only what ran there',
    async (rig) => {
      const executor = rig.make();
      const [file, gate] = [rig.file(), rig.file()];
      const victim = await executor.submit(pid);
      const calls = [executor.submit(hold, file, gate), executor.submit(hold, file, gate)];
      const queued = executor.submit(add, 1, 2);
      await rig.lines(file, 2);
      process.kill(victim, 'SIGKILL');
      const lost = await Promise.any(calls.map((call) => lossOf(call)));
      assert.deepEqual([lost.exitCode, lost.signal], [null, 'SIGKILL']);
      assert.equal(await queued, 3);
      rig.open(gate);
      const ends = await Promise.allSettled(calls);
      assert.deepEqual(ends.map((end) => end.status).sort(), ['fulfilled', 'rejected']);
    },
    'processes',
  ),

  promise(
    'a worker that ends by a signal of its own is told by that signal',
    async (rig) => {
      const error = await lossOf(rig.make().submit(killYourself, 'SIGTERM'));
      assert.deepEqual([error.exitCode, error.signal], [null, 'SIGTERM']);
      assert.match(error.message, /signal SIGTERM/);
    },
    'processes',
  ),

  promise(
    'a lost call runs again elsewhere if retries says so',
    async (rig) => {
      const executor = rig.make();
      const [once, never] = [rig.file(), rig.file()];
      assert.equal(await executor.with({ retries: 1 }).submit(exitOnce, once, 2), 'survived');
      assert.equal(linesOf(once).length, 2);
      await lossOf(executor.submit(exitOnce, never, 2));
      assert.equal(linesOf(never).length, 1);
    },
    'workers',
  ),

  promise(
    'in a map, a lost worker fails what it was running, runs nothing twice and the rest is done',
    async (rig) => {
      for (const chunk of [1, 50, 'auto'] as const) {
        const executor = rig.make();
        const file = rig.file();
        const inputs = Array.from({ length: 400 }, (_, n) => ({ file, n, bad: 123 }));
        const ends = await executor.map(exitAt, inputs, { onError: 'settle', chunk });
        const failed = ends.filter((end) => end.status === 'rejected');
        assert.ok(failed.some((end) => end.index === 123));
        for (const end of failed) assert.ok(end.status === 'rejected' && end.reason instanceof WorkerLostError, `${end.index}`);
        assert.equal(failed.length, 1, `chunk ${chunk}: ${failed.map((end) => end.index)}`);
        const ran = linesOf(file);
        assert.equal(new Set(ran).size, ran.length, `chunk ${chunk}: some ran twice`);
        for (const end of ends) if (end.status === 'fulfilled') assert.equal(end.value, end.index);
      }
    },
    'workers',
  ),

  promise(
    'a stream whose worker is lost gives what it had and then the error',
    async (rig) => {
      const executor = rig.make();
      const seen: number[] = [];
      await assert.rejects(async () => {
        for await (const value of executor.stream(exitAfterTwo)) seen.push(value);
      }, WorkerLostError);
      assert.ok(seen.length <= 2 && seen.every((value, i) => value === i + 1));
      await isWhole(executor);
    },
    'workers',
  ),

  promise(
    'a worker is lost while a hundred others come and go, and every call settles',
    async (rig) => {
      const executor = rig.make();
      const file = rig.file();
      const futures = Array.from({ length: 60 }, (_, i) => (i % 6 === 5 ? executor.submit(exit, file, i) : executor.submit(whereAmI)));
      const ends = await Promise.allSettled(futures);
      for (const [i, end] of ends.entries()) {
        assert.equal(end.status, i % 6 === 5 ? 'rejected' : 'fulfilled', `call ${i}`);
      }
      assert.equal(linesOf(file).length, 10);
    },
    'workers',
  ),
];
