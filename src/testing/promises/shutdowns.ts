import assert from 'node:assert/strict';
import { clock, ShutdownError } from '../../core/index.js';
import { add, burn, hold, holdAndTell, later, linesOf, noteAndReturn, untilAborted } from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';
import { countTo } from '../stream-calls.js';

export const shutdowns: readonly ExecutorPromise[] = [
  promise('shutdown does everything first that was accepted', async (rig) => {
    for (const n of [1, 2, 5, 40, 300]) {
      const executor = rig.make();
      const futures = Array.from({ length: n }, (_, i) => executor.submit(later, i));
      await executor.shutdown();
      assert.ok(
        futures.every((future, i) => future.state === 'fulfilled' && future.result() === i),
        `of ${n} calls some are lost`,
      );
      const { running, queued, workers } = executor.stats();
      assert.deepEqual([running, queued], [0, 0]);
      if (rig.isFar) assert.equal(workers, 0);
    }
  }),

  promise('what is submitted after shutdown is refused, of whatever kind', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    await executor.submit(add, 1, 2);
    const going = executor.submit(later, 'accepted');
    const end = executor.shutdown();
    const late = executor.submit(noteAndReturn, file, 'late');
    await assert.rejects(
      async () => await late,
      (error: Error) => {
        assert.ok(error instanceof ShutdownError, `${error}`);
        assert.match(error.message, /noteAndReturn/);
        return true;
      },
    );
    await end;
    assert.equal(await going, 'accepted');
    await assert.rejects(async () => await executor.map(later, [1]), ShutdownError);
    await assert.rejects(async () => {
      for await (const _ of executor.stream(countTo, 3)) assert.fail('it gave a value');
    }, ShutdownError);
    await assert.rejects(async () => await executor.with({ priority: 1 }).submit(add, 1, 2), ShutdownError);
    assert.deepEqual(linesOf(file), []);
    assert.equal(executor.stats().workers <= 1, true);
  }),

  promise('shutdown of an executor that was never used, and twice, and at once', async (rig) => {
    const unused = rig.make();
    await unused.shutdown();
    await unused.shutdown();
    const executor = rig.make();
    const future = executor.submit(later, 7);
    await Promise.all([executor.shutdown(), executor.shutdown(), executor.shutdown()]);
    assert.equal(future.result(), 7);
    await executor.shutdown({ cancelPending: true, grace: 0 });
  }),

  promise('await using shuts down at the end of the block', async (rig) => {
    const executor = rig.make();
    let future: ReturnType<typeof executor.submit> | undefined;
    {
      await using scoped = executor;
      future = scoped.submit(later, 'done');
    }
    assert.equal(future.state, 'fulfilled');
    assert.equal(future.result(), 'done');
    await assert.rejects(async () => await executor.submit(add, 1, 2), ShutdownError);
  }),

  promise('cancelPending cancels what is queued and finishes what runs', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const [file, gate] = [rig.file(), rig.file()];
    const running = executor.submit(hold, file, gate);
    const queued = Array.from({ length: 5 }, () => executor.submit(hold, file, gate));
    await rig.lines(file, 1);
    const end = executor.shutdown({ cancelPending: true });
    await assert.rejects(async () => await queued[0], { name: 'AbortError' });
    assert.ok(queued.every((future) => future.state === 'cancelled'));
    assert.equal(running.state, 'running');
    rig.open(gate);
    await end;
    assert.equal(running.result(), 'released');
    assert.equal(linesOf(file).length, 1);
  }),

  promise('with a grace what runs is cancelled: its signal aborts', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const file = rig.file();
    const running = executor.submit(untilAborted, file);
    await rig.lines(file, 1);
    const end = executor.shutdown({ grace: 5000 });
    await assert.rejects(async () => await running, { name: 'AbortError' });
    await end;
    assert.match((await rig.lines(file, 2))[1], /^aborted: AbortError/);
  }),

  promise('a call that does not let go cannot hold up a shutdown beyond its grace', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const [file, gate] = [rig.file(), rig.file()];
    const stuck = executor.submit(holdAndTell, file, gate);
    const seen = assert.rejects(async () => await stuck, { name: 'AbortError' });
    await rig.lines(file, 1);
    const began = clock.now();
    await executor.shutdown({ grace: 50, cancelPending: true });
    assert.ok(clock.now() - began < 2000);
    await seen;
    rig.open(gate); // on this thread it is still waiting
    if (!rig.isFar) await rig.lines(file, 2);
  }),

  promise(
    'a loop that never yields cannot either, and burns no more afterwards',
    async (rig) => {
      const executor = rig.make();
      const file = rig.file();
      const stuck = executor.submit(burn, file);
      const seen = assert.rejects(async () => await stuck, { name: 'AbortError' });
      await rig.lines(file, 2);
      await executor.shutdown({ grace: 50 });
      await seen;
      assert.ok((await rig.quiet(file, 60)) < 30);
    },
    'workers',
  ),

  promise('every future settles, whatever the way down', async (rig) => {
    for (const options of [{}, { cancelPending: true }, { cancelPending: true, grace: 0 }, { grace: 20 }]) {
      const executor = rig.make();
      const futures = Array.from({ length: 100 }, (_, i) => executor.submit(later, i));
      const mapped = executor.map(later, [1, 2, 3]);
      const map = Promise.allSettled([mapped]);
      await executor.shutdown(options);
      assert.ok(
        futures.every((future) => future.settled),
        JSON.stringify(options),
      );
      await Promise.allSettled(futures);
      await map;
    }
  }),

  promise('shutdown lets a map and a stream that have begun come to their end', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    const results = executor.map(
      later,
      Array.from({ length: 50 }, (_, i) => i),
      { buffer: 1000 },
    );
    const all = Promise.resolve(results);
    const one = executor.submit(noteAndReturn, file, 1);
    await one;
    const [ends] = await Promise.all([Promise.allSettled([all]), executor.shutdown()]);
    const [map] = ends;
    // What the map had not yet handed over is new work, and new work is refused: but never silence.
    if (map.status === 'rejected') assert.ok(map.reason instanceof ShutdownError, `${map.reason}`);
    else assert.equal(map.value.length, 50);
  }),

  promise('a map that a shutdown cuts off has an end for every input, or fails: no result is missing in silence', async (rig) => {
    for (const options of [{ cancelPending: true }, { cancelPending: true, grace: 0 }]) {
      for (const chunk of [1, 4, 16]) {
        const executor = rig.make({ workers: 1 });
        const file = rig.file();
        const inputs = new Array(16).fill(file);
        const settled = Promise.resolve(executor.map(untilAborted, inputs, { chunk, onError: 'settle' }));
        await rig.lines(file, 1);
        const thrown = Promise.allSettled([executor.map(later, inputs, { chunk })]);
        const waiting = executor.shutdown(options);
        if (!('grace' in options)) await executor.shutdown({ grace: 20 }); // what runs would go on for ever
        await waiting;
        const ends = await settled;
        assert.deepEqual(
          Array.from(ends, (end) => end?.status),
          new Array(16).fill('rejected'),
          `chunk ${chunk}, ${JSON.stringify(options)}`,
        );
        assert.equal((await thrown)[0].status, 'rejected', `chunk ${chunk}, ${JSON.stringify(options)}`);
      }
    }
  }),
];
