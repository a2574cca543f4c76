import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTasks } from '../format-tasks.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { withCancelScope } from '../with-cancel-scope.js';
import { withShield } from '../with-shield.js';
import { withTimeout } from '../with-timeout.js';
import { Lock } from './lock.js';
import { Semaphore } from './semaphore.js';
import { inVirtualTime, quiet } from './trial.js';

test('a free lock is had without a turn, in both forms', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    const seen: string[] = [];
    await withTaskGroup(async (group) => {
      group.spawn(function* () {
        for (let i = 0; i < 3; i++) {
          const guard = yield* lock.acquire();
          seen.push(`first ${i}`);
          guard.release();
        }
      });
      group.spawn(function* () {
        seen.push('second');
        yield* sleep(0);
      });
    });
    assert.deepEqual(seen, ['first 0', 'first 1', 'first 2', 'second']);
  }));

test('locks work outside of any task or scope', async () => {
  const lock = new Lock();
  const guard = await lock.acquire();
  const next = lock.acquire();
  assert.deepEqual([lock.locked, lock.waiting], [true, 1]);
  guard.release();
  (await next).release();
  assert.deepEqual([lock.locked, lock.waiting], [false, 0]);
  assert.equal(await lock.with(async () => lock.locked), true);
});

test('who holds it and asks again waits for itself', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    using _ = await lock.acquire();
    await assert.rejects(async () => await withTimeout(5, () => lock.acquire()), { name: 'TimeoutError' });
    assert.equal(lock.waiting, 0);
  }));

test('the tree of tasks says who waits for which kind of lock', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    using _ = await lock.acquire();
    await withCancelScope(async (scope) => {
      const waiting = lock.with(() => undefined);
      await quiet();
      const tree = formatTasks();
      scope.cancel();
      await assert.rejects(async () => await waiting, { name: 'AbortError' });
      assert.match(tree, /lock\.with.*waits for lock/);
    });
  }));

test('with() holds it until all that was begun in it has ended, awaited or not', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    const seen: string[] = [];
    await lock.with(() => {
      withTimeout(100, async () => {
        await sleep(10);
        seen.push(lock.locked ? 'locked' : 'free');
      });
      return 'returned';
    });
    assert.deepEqual(seen, ['locked']);
    assert.equal(lock.locked, false);
  }));

test('the future of with() can be cancelled, and then it is cancelled', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    for (const waits of [true, false]) {
      const guard = waits ? await lock.acquire() : undefined;
      const seen: string[] = [];
      const future = lock.with(async () => {
        seen.push('in');
        await sleep(1000);
        seen.push('never');
      });
      await quiet();
      assert.equal(future.cancel('enough'), true);
      await assert.rejects(async () => await future, { name: 'AbortError', reason: 'enough' });
      assert.equal(future.state, 'cancelled');
      assert.deepEqual(seen, waits ? [] : ['in']);
      guard?.release();
      assert.equal(lock.locked, false);
    }
  }));

test('with() in a generator task is cancelled with it, and its generator cleans up in a shield', () =>
  inVirtualTime(async () => {
    const semaphore = new Semaphore(1);
    const seen: string[] = [];
    await withTaskGroup(async (group) => {
      const task = group.spawn(function* () {
        yield* semaphore.with(function* () {
          try {
            yield* sleep(1000);
          } finally {
            yield* withShield(() => sleep(5));
            seen.push(`held: ${semaphore.permits - semaphore.available}`);
          }
        });
      });
      await quiet();
      task.cancel();
    });
    assert.deepEqual(seen, ['held: 1']);
    assert.equal(semaphore.available, 1);
  }));

test('a body that swallows the cancellation and returns gives its value', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    const value = await withTimeout(5, () =>
      lock.with(async () => {
        await sleep(100).catch(() => undefined);
        return 'late';
      }),
    );
    assert.equal(value, 'late');
    assert.equal(lock.locked, false);
  }));

test('100,000 waiters come, half of them are cancelled from the middle, and the rest go through', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    let through = 0;
    const guard = await lock.acquire();
    await withTaskGroup(async (group) => {
      const tasks = Array.from({ length: 100_000 }, () =>
        group.spawn(function* () {
          const mine = yield* lock.acquire();
          through++;
          mine.release();
        }),
      );
      await quiet();
      assert.equal(lock.waiting, 100_000);
      for (const [i, task] of tasks.entries()) if (i % 2 === 0) task.cancel();
      assert.equal(lock.waiting, 50_000);
      guard.release();
    });
    assert.equal(through, 50_000);
    assert.equal(lock.locked, false);
  }));
