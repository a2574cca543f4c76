import assert from 'node:assert/strict';
import { clock, TimeoutError } from '../../core/index.js';
import { add, burn, failTimes, hold, linesOf, noteAndReturn, pause, untilAborted } from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';

export const limits: readonly ExecutorPromise[] = [
  promise('the timeout counts from the start of a call, not from its submission', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const [file, gate] = [rig.file(), rig.file()];
    const blocker = executor.submit(hold, file, gate);
    const waiting = executor.with({ timeout: 150 }).submit(add, 1, 2);
    await rig.lines(file, 1);
    await pause(250); // longer than the timeout: what is tested is that this does not count
    assert.equal(waiting.settled, false);
    rig.open(gate);
    assert.equal(await waiting, 3);
    await blocker;
  }),

  promise('a call that runs longer than its timeout sees its signal abort and fails with a TimeoutError', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const file = rig.file();
    const future = executor.with({ timeout: 50, name: 'the slow one' }).submit(untilAborted, file);
    await assert.rejects(
      async () => await future,
      (error: Error) => {
        assert.ok(error instanceof TimeoutError);
        assert.equal(error.name, 'TimeoutError');
        assert.match(error.message, /the slow one.*50 ms/);
        return true;
      },
    );
    assert.equal(future.state, 'rejected');
    assert.match((await rig.lines(file, 2))[1], /^aborted: TimeoutError/);
  }),

  promise(
    'a timeout ends a loop that never yields',
    async (rig) => {
      const executor = rig.make({ workers: 1, grace: 50 });
      const file = rig.file();
      await assert.rejects(async () => await executor.with({ timeout: 50 }).submit(burn, file), TimeoutError);
      assert.ok((await rig.quiet(file, 150)) < 1100);
      assert.equal(await executor.submit(add, 1, 2), 3);
    },
    'workers',
  ),

  promise('the deadline counts from the submission', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const [file, gate, ran] = [rig.file(), rig.file(), rig.file()];
    const blocker = executor.submit(hold, file, gate);
    await rig.lines(file, 1);
    const began = clock.now();
    await assert.rejects(async () => await executor.with({ deadline: 50 }).submit(noteAndReturn, ran, 1), TimeoutError);
    assert.ok(clock.now() - began >= 45);
    rig.open(gate);
    await blocker;
    const running = executor.with({ deadline: 50 }).submit(untilAborted, file);
    await assert.rejects(async () => await running, TimeoutError);
    await executor.submit(add, 1, 2);
    assert.deepEqual(linesOf(ran), [], 'what had waited too long never ran');
  }),

  promise('limits that are kept change nothing and leave no timer', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    await executor.submit(add, 1, 2);
    const before = timers();
    const view = executor.with({ timeout: 60_000, deadline: 60_000 });
    assert.deepEqual(await Promise.all([view.submit(add, 1, 1), view.submit(add, 2, 2)]), [2, 4]);
    assert.ok(timers() <= before, 'a timer is left');
    const never = executor.with({ timeout: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY });
    assert.equal(await never.submit(add, 3, 3), 6);
  }),

  promise('the higher priority goes first, equal ones in order of submission', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const [file, gate, order] = [rig.file(), rig.file(), rig.file()];
    const blocker = executor.submit(hold, file, gate);
    await rig.lines(file, 1);
    const futures = [0, 5, -3, 0, 5, 2, -3, 1e9].map((priority, i) =>
      executor.with({ priority }).submit(noteAndReturn, order, `${priority}/${i}`),
    );
    rig.open(gate);
    await Promise.all([blocker, ...futures]);
    assert.deepEqual(linesOf(order), ['1000000000/7', '5/1', '5/4', '2/5', '0/0', '0/3', '-3/2', '-3/6']);
  }),

  promise('equal calls start in the order of their submission', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const order = rig.file();
    await Promise.all(Array.from({ length: 100 }, (_, i) => executor.submit(noteAndReturn, order, i)));
    assert.deepEqual(
      linesOf(order).map(Number),
      Array.from({ length: 100 }, (_, i) => i),
    );
  }),

  promise('a call that fails runs once, unless retries says otherwise', async (rig) => {
    const executor = rig.make();
    const [once, thrice, short] = [rig.file(), rig.file(), rig.file()];
    await assert.rejects(async () => await executor.submit(failTimes, once, 2), /try 1 fails/);
    assert.equal(linesOf(once).length, 1);
    assert.equal(await executor.with({ retries: 2 }).submit(failTimes, thrice, 2), 3);
    await assert.rejects(async () => await executor.with({ retries: 1 }).submit(failTimes, short, 2), /try 2 fails/);
    assert.equal(linesOf(short).length, 2);
  }),

  promise('a call that times out runs again if it may', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const file = rig.file();
    await assert.rejects(async () => await executor.with({ timeout: 40, retries: 1 }).submit(untilAborted, file), TimeoutError);
    const lines = await rig.lines(file, 4);
    assert.deepEqual(
      lines.map((line) => line.slice(0, 7)),
      ['runs', 'aborted', 'runs', 'aborted'],
    );
  }),

  promise('a cancelled call is not tried again', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const file = rig.file();
    const future = executor.with({ retries: 5 }).submit(untilAborted, file);
    await rig.lines(file, 1);
    future.cancel();
    await rig.lines(file, 2);
    await executor.submit(add, 1, 2);
    assert.equal(linesOf(file).length, 2);
  }),
];
