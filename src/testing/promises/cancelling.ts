import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { CancelledError, clock } from '../../core/index.js';
import { add, burn, hold, linesOf, noteAndReturn, untilAborted, whereAmI } from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';

const isCancelled = (error: unknown): boolean => {
  assert.ok(error instanceof CancelledError, `expected a CancelledError, got ${error}`);
  assert.deepEqual([error.name, error.code], ['AbortError', 'ABORT_ERR']);
  return true;
};

export const cancelling: readonly ExecutorPromise[] = [
  promise('a call that is cancelled before it starts never runs', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const [file, gate, ran] = [rig.file(), rig.file(), rig.file()];
    const blocker = executor.submit(hold, file, gate);
    const queued = executor.submit(noteAndReturn, ran, 'cancelled one');
    const early = executor.submit(noteAndReturn, ran, 'cancelled at once');
    const other = executor.submit(noteAndReturn, ran, 'the other one');
    assert.equal(early.cancel(), true);
    await rig.lines(file, 1);
    assert.equal(queued.cancel('not needed'), true);
    assert.equal(queued.state, 'cancelled', 'it settles within cancel()');
    assert.equal(queued.cancel(), false, 'it had settled');
    await assert.rejects(
      async () => await queued,
      (error) => isCancelled(error) && (error as CancelledError).reason === 'not needed',
    );
    rig.open(gate);
    await Promise.all([blocker, other]);
    assert.deepEqual(linesOf(ran), ['the other one']);
  }),

  promise('a cancelled running call sees its signal abort and settles at once', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const file = rig.file();
    const before = await executor.submit(whereAmI);
    const future = executor.submit(untilAborted, file);
    await rig.lines(file, 1);
    future.cancel('changed my mind');
    assert.equal(future.state, 'cancelled');
    await assert.rejects(async () => await future, isCancelled);
    const [, aborted] = await rig.lines(file, 2);
    assert.match(aborted, /^aborted: AbortError: .*changed my mind/);
    assert.equal(await executor.submit(whereAmI), before, 'a call that lets go keeps its worker');
    assert.equal(future.cancel(), false);
  }),

  promise(
    'a cancelled loop that never yields stops burning within its grace',
    async (rig) => {
      const executor = rig.make({ workers: 2, grace: 100 });
      const file = rig.file();
      const before = executor.submit(burn, file);
      await rig.lines(file, 3);
      const began = clock.now();
      before.cancel();
      await assert.rejects(async () => await before, isCancelled);
      assert.ok(clock.now() - began < 80, 'the caller does not wait for the grace');
      const went = await rig.quiet(file, 150);
      assert.ok(went < 1100, `it went on for ${went} ms, with a grace of 100`);
      assert.equal(await executor.submit(add, 1, 2), 3);
    },
    'workers',
  ),

  promise(
    'a call that neither listens nor ends loses its worker after the grace, and no other call does',
    async (rig) => {
      const executor = rig.make({ workers: 1, grace: 50 });
      const file = rig.file();
      const before = await executor.submit(whereAmI);
      const stuck = executor.submit(hold, file, rig.file());
      await rig.lines(file, 1);
      const next = executor.submit(whereAmI);
      stuck.cancel();
      assert.notEqual(await next, before);
    },
    'workers',
  ),

  promise('a signal that has already aborted: the call never runs', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    const view = executor.with({ signal: AbortSignal.abort('too late') });
    const future = view.submit(noteAndReturn, file, 1);
    await assert.rejects(
      async () => await future,
      (error) => isCancelled(error) && (error as CancelledError).reason === 'too late',
    );
    await assert.rejects(async () => await view.map(add.bind(null, 1), [1]), isCancelled);
    assert.equal(await executor.submit(add, 1, 2), 3);
    assert.deepEqual(linesOf(file), []);
  }),

  promise('a signal that aborts later cancels what runs and what waits', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const controller = new AbortController();
    const view = executor.with({ signal: controller.signal });
    const [file, ran] = [rig.file(), rig.file()];
    const running = view.submit(untilAborted, file);
    const waiting = view.submit(noteAndReturn, ran, 1);
    const unrelated = executor.submit(noteAndReturn, ran, 'unrelated');
    await rig.lines(file, 1);
    controller.abort();
    await assert.rejects(async () => await running, { name: 'AbortError' });
    await assert.rejects(async () => await waiting, { name: 'AbortError' });
    assert.deepEqual([running.state, waiting.state], ['cancelled', 'cancelled']);
    assert.equal(await unrelated, 'unrelated');
    assert.match((await rig.lines(file, 2))[1], /^aborted: AbortError/);
    assert.deepEqual(linesOf(ran), ['unrelated']);
  }),

  promise('a timed-out signal gives its TimeoutError', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const future = executor.with({ signal: AbortSignal.timeout(30) }).submit(untilAborted, rig.file());
    await assert.rejects(async () => await future, { name: 'TimeoutError' });
  }),

  promise('a signal has no listener left when its calls have ended', async (rig) => {
    const executor = rig.make();
    const { signal } = new AbortController();
    const view = executor.with({ signal });
    await Promise.all(Array.from({ length: 50 }, (_, i) => view.submit(add, i, 1)));
    await view.map(whereAmI, [1, 2, 3]);
    for await (const _ of view.map(whereAmI, [1, 2, 3])) break;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  }),

  promise('cancelling one call touches no other beside it', async (rig) => {
    const executor = rig.make({ workers: 1, concurrency: 3 });
    const [file, held, gate] = [rig.file(), rig.file(), rig.file()];
    const cancelled = executor.submit(untilAborted, file);
    const others = [executor.submit(hold, held, gate), executor.submit(hold, held, gate)];
    await rig.lines(file, 1);
    await rig.lines(held, 2);
    cancelled.cancel();
    await rig.lines(file, 2);
    rig.open(gate);
    assert.deepEqual(await Promise.all(others), ['released', 'released']);
  }),

  promise('of a thousand queued calls every second is cancelled and the others are all done', async (rig) => {
    const executor = rig.make();
    const futures = Array.from({ length: 1000 }, (_, i) => executor.submit(add, i, 0));
    for (const [i, future] of futures.entries()) if (i % 2 === 1) future.cancel();
    const ends = await Promise.allSettled(futures);
    assert.ok(ends.every((end, i) => (i % 2 === 0 ? end.status === 'fulfilled' && end.value === i : end.status === 'rejected')));
    const { running, queued, done, failed } = executor.stats();
    assert.deepEqual([running, queued, done, failed], [0, 0, 500, 500]);
  }),
];
