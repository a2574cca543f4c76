import assert from 'node:assert/strict';
import { NotSettledError, OptionError } from '../../core/index.js';
import { isFuture } from '../../futures/index.js';
import { add, coroutine, count, echo, hold, later, meet, noteAndReturn } from '../calls.js';
import { failRange } from '../failing-calls.js';
import { type ExecutorPromise, promise } from '../promise.js';

/** Values that must arrive as they were sent, whatever lies between. */
export function manyValues(): unknown[] {
  const cycle: { self?: unknown; list: unknown[] } = { list: [] };
  cycle.self = cycle;
  cycle.list.push(cycle);
  return [
    ...[undefined, null, true, false, 0, -0, Number.NaN, Number.NEGATIVE_INFINITY, 1.5, 2 ** 53, 123n ** 20n, -1n],
    ...['', 'text', '😀 \u0000 \ud800', 'x'.repeat(100_000)],
    ...[[], [1, [2, [3]]], [undefined], {}, { a: { b: [null, undefined] } }, Object.assign([1], { length: 3 })],
    ...[new Date(0), /a\/b/giu, new Map<unknown, unknown>([[{ key: 1 }, new Set([1, 'a'])]]), new Set([new Map()])],
    ...[new Uint8Array([1, 2, 3]), new Float64Array([Number.NaN, -0]), new BigInt64Array([-1n]), new Uint8Array(8).subarray(2, 4)],
    ...[new Uint8Array([9, 8]).buffer, new DataView(new ArrayBuffer(4), 1), cycle],
  ];
}

export const results: readonly ExecutorPromise[] = [
  promise('a call gives what its function returns', async (rig) => {
    const future = rig.make().submit(add, 1, 2);
    assert.ok(isFuture(future));
    assert.ok(future instanceof Object && typeof future.then === 'function');
    assert.equal(await future, 3);
    assert.equal(future.result(), 3);
    assert.equal(await future, 3, 'and gives it again');
  }),

  promise('promises and coroutines are unwrapped', async (rig) => {
    const executor = rig.make();
    assert.equal(await executor.submit(later, 'late'), 'late');
    assert.equal(await executor.submit(coroutine, 1, 2), 3);
    assert.deepEqual(await executor.map(later, [1, 2]), [1, 2]);
  }),

  promise('arguments and results of every kind arrive as they were sent', async (rig) => {
    const executor = rig.make();
    for (const value of manyValues()) assert.deepEqual(await executor.submit(echo, value), value);
    assert.deepEqual(await executor.submit(echo, manyValues()), manyValues());
  }),

  promise('a call has as many arguments as were given', async (rig) => {
    const executor = rig.make();
    assert.equal(await executor.submit(count), 0);
    assert.equal(await executor.submit(count, undefined), 1);
    assert.equal(await executor.submit(count, ...new Array(50).fill(0)), 50);
  }),

  promise('a future goes from pending over running to its end', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const [file, gate] = [rig.file(), rig.file()];
    const first = executor.submit(hold, file, gate);
    const second = executor.submit(hold, file, gate);
    assert.equal(first.state, 'pending');
    assert.throws(() => first.result(), NotSettledError);
    await rig.lines(file, 1);
    assert.equal(first.state, 'running');
    assert.equal(second.state, 'pending', 'the only worker is taken');
    assert.equal(first.settled, false);
    rig.open(gate);
    assert.equal(await first, 'released');
    assert.equal(first.state, 'fulfilled');
    assert.equal(await second, 'released');
    const bad = executor.submit(failRange);
    await assert.rejects(async () => await bad, RangeError);
    assert.equal(bad.state, 'rejected');
    assert.throws(() => bad.result(), RangeError);
    const cancelled = executor.submit(add, 1, 2);
    cancelled.cancel();
    assert.equal(cancelled.state, 'cancelled');
    assert.deepEqual([bad.settled, cancelled.settled], [true, true]);
  }),

  promise('submit never throws: what is no function is a rejected future', async (rig) => {
    const executor = rig.make();
    for (const wrong of [undefined, 'add', {}, null]) {
      await assert.rejects(async () => await executor.submit(wrong as unknown as typeof add, 1, 2), { code: 'MEANTIME_NOT_CALLABLE' });
    }
    assert.equal(await executor.submit(add, 1, 2), 3);
  }),

  promise('five thousand calls at once all end, each with its own result', async (rig) => {
    const executor = rig.make();
    const futures = Array.from({ length: 5000 }, (_, i) => executor.submit(add, i, i));
    const sums = await Promise.all(futures);
    assert.ok(sums.every((sum, i) => sum === 2 * i));
  }),

  promise('calls run at most once each, and all of them', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    await Promise.all(Array.from({ length: 200 }, (_, i) => executor.submit(noteAndReturn, file, i)));
    const lines = await rig.lines(file, 200);
    assert.deepEqual(
      lines.map(Number).sort((a, b) => a - b),
      Array.from({ length: 200 }, (_, i) => i),
    );
  }),

  promise('workers really run at the same time', async (rig) => {
    const file = rig.file();
    const executor = rig.make({ workers: 2 });
    await Promise.all([executor.submit(meet, file, 2), executor.submit(meet, file, 2)]);
  }),

  promise('calls within one worker really overlap, as many as its concurrency', async (rig) => {
    const file = rig.file();
    const executor = rig.make({ workers: 1, concurrency: 4 });
    await Promise.all(Array.from({ length: 4 }, () => executor.submit(meet, file, 4)));
  }),

  promise('no more run at a time than was asked for', async (rig) => {
    const [file, gate] = [rig.file(), rig.file()];
    const executor = rig.make({ workers: 1, concurrency: 2 });
    const futures = Array.from({ length: 5 }, () => executor.submit(hold, file, gate));
    await rig.lines(file, 2);
    assert.equal((await rig.quiet(file, 50)) < 50, true);
    assert.equal((await rig.lines(file, 2)).length, 2);
    rig.open(gate);
    await Promise.all(futures);
  }),

  promise('a view has the same workers and other options', async (rig) => {
    const executor = rig.make();
    const view = executor.with({ name: 'in a hurry', priority: 3 }).with({ retries: 1 });
    assert.equal(await view.submit(add, 1, 2), 3);
    assert.deepEqual(await view.map(later, [1, 2]), [1, 2]);
    assert.equal(view.stats().done, executor.stats().done);
    await view.shutdown();
    await assert.rejects(async () => await executor.submit(add, 1, 2), { code: 'MEANTIME_SHUTDOWN' });
  }),

  promise('an unknown option is refused and the nearest is named', async (rig) => {
    const executor = rig.make();
    assert.throws(
      () => executor.with({ timeoutt: 5 } as object),
      (error: Error) => {
        assert.ok(error instanceof OptionError);
        assert.match(error.message, /"timeoutt".*"timeout"/);
        return true;
      },
    );
    assert.throws(() => executor.map(echo, [1], { orderd: false } as object), /"orderd".*"ordered"/);
    assert.throws(() => executor.with({ timeout: -1 }), /"timeout".*milliseconds.*-1/);
    await assert.rejects(executor.shutdown({ cancelpending: true } as object), /"cancelpending".*"cancelPending"/);
    assert.equal(await executor.submit(add, 1, 2), 3, 'and it still works');
  }),

  promise('stats are a frozen, sane picture', async (rig) => {
    const [file, gate] = [rig.file(), rig.file()];
    const executor = rig.make({ workers: 1 });
    const first = executor.stats();
    assert.ok(Object.isFrozen(first) && Object.isFrozen(first.run) && Object.isFrozen(first.wait));
    assert.deepEqual([first.running, first.queued, first.done, first.failed, first.lost], [0, 0, 0, 0, 0]);
    const futures = [executor.submit(hold, file, gate), executor.submit(hold, file, gate), executor.submit(hold, file, gate)];
    await rig.lines(file, 1);
    const busy = executor.stats();
    assert.deepEqual([busy.workers, busy.running, busy.queued], [1, 1, 2]);
    rig.open(gate);
    await Promise.all(futures);
    await assert.rejects(async () => await executor.submit(failRange), RangeError);
    const end = executor.stats();
    assert.deepEqual([end.running, end.queued, end.done, end.failed], [0, 0, 3, 1]);
    assert.ok(end.run.p50 >= 0 && end.run.p99 >= end.run.p50 && end.wait.p99 >= end.wait.p50);
    assert.equal(first.done, 0, 'an older picture stays as it was');
  }),
];
