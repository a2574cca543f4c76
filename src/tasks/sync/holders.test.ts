import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { debug } from '../debug.js';
import { formatTasks } from '../format-tasks.js';
import { withTaskGroup } from '../group.js';
import type { TaskScope } from '../task.js';
import { Condition } from './condition.js';
import { heldBy } from './holders.js';
import { Lock } from './lock.js';
import { RwLock } from './rw-lock.js';
import { Semaphore } from './semaphore.js';
import { inVirtualTime, quiet } from './trial.js';

before(() => {
  debug.on = true;
});
after(() => {
  debug.on = false;
});

test('in debug mode it is known who holds what, and where that was taken', () =>
  inVirtualTime(async () => {
    const [lock, semaphore, rwLock] = [new Lock(), new Semaphore(2), new RwLock()];
    await withTaskGroup(async (group) => {
      const task = group.spawn(async function holder() {
        const guards = [await lock.acquire(), await semaphore.acquire(2), await rwLock.read()];
        await quiet();
        for (const guard of guards) guard.release();
        await quiet();
      }) as unknown as TaskScope;
      await quiet();
      assert.equal(heldBy(task).size, 3);
      for (const place of heldBy(task).values()) assert.match(place, /holder .*holders\.test/);
      await quiet();
      assert.equal(heldBy(task).size, 0);
    });
  }));

test('what was handed over was taken where it was asked for', () =>
  inVirtualTime(async () => {
    const [lock, semaphore, rwLock] = [new Lock(), new Semaphore(1), new RwLock()];
    const guards = [await lock.acquire(), await semaphore.acquire(), await rwLock.write()];
    await withTaskGroup(async (group) => {
      const tasks = [lock.acquire, semaphore.acquire, rwLock.write].map((take, i) =>
        group.spawn(async function asker() {
          const guard = await take.call([lock, semaphore, rwLock][i] as never);
          await quiet();
          guard.release();
        }),
      ) as unknown as TaskScope[];
      await quiet();
      for (const guard of guards) guard.release();
      for (const task of tasks) assert.match([...heldBy(task).values()].join('\n'), /asker .*holders\.test/);
    });
    for (const guard of guards) assert.equal(guard.held, false);
  }));

test('a guard that waits for a notification is not held, and held again afterwards', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    await withTaskGroup(async (group) => {
      const task = group.spawn(async function waiter() {
        using guard = await condition.acquire();
        await guard.wait();
        await quiet();
      }) as unknown as TaskScope;
      await quiet();
      assert.equal(heldBy(task).size, 0);
      await condition.with((guard) => guard.notify());
      assert.match([...heldBy(task).values()].join('\n'), /waiter .*holders\.test/);
    });
  }));

test('a task that ends with a lock in its hands is warned of, with the place where it took it', async () => {
  const lock = new Lock();
  const warned = once(process, 'warning');
  await withTaskGroup(async (group) => {
    group.spawn(async function forgetful() {
      await lock.acquire();
    });
  });
  const [warning] = (await warned) as [Error & { code: string; detail?: string }];
  assert.equal(warning.code, 'MEANTIME_LOCK_HELD');
  assert.match(`${warning.message} ${warning.detail}`, /forgetful .*holders\.test/s);
  assert.equal(lock.locked, true);
});

test('the tree says who holds what is waited for', () =>
  inVirtualTime(async () => {
    const [lock, semaphore] = [new Lock(), new Semaphore(2)];
    await withTaskGroup(async (group) => {
      for (const name of ['first', 'second']) {
        group.spawn(async () => {
          using _lock = await lock.acquire();
          using _permit = await semaphore.acquire();
          await quiet();
        }).name = name;
      }
      group.spawn(async () => {
        using _permits = await semaphore.acquire(2);
        await quiet();
      }).name = 'third';
      while (!/second .* waits for lock/.test(formatTasks())) await quiet();
      assert.match(formatTasks(), /second #\d+: waits for lock \(held by first #\d+\) for \d+ ms/);
      while (lock.locked) await quiet();
      assert.doesNotMatch(formatTasks(), /held by/);
    });
  }));
