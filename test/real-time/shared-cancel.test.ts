import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedCondition, SharedLock, SharedReentrantLock, SharedRwLock, SharedSemaphore, ThreadPoolExecutor } from 'meantime/threads';
import { type Kit, takeInHaste } from './shared-cancel.calls.js';

test('tasks that are cut off at any point leave nothing held, in whichever thread', async () => {
  const kit: Kit = {
    lock: new SharedLock(),
    again: new SharedReentrantLock(),
    semaphore: new SharedSemaphore(3),
    rw: new SharedRwLock(),
    condition: new SharedCondition(),
  };
  const pool = new ThreadPoolExecutor({ workers: 2 });
  const had = await Promise.all([
    pool.submit(takeInHaste, kit, 1, 3000),
    pool.submit(takeInHaste, kit, 2, 3000),
    takeInHaste(kit, 3, 3000),
  ]);
  for (const times of had) assert.ok(times > 0);
  // A condition that was cut off takes its lock once more, and gives it back.
  (await kit.condition.acquire({ timeout: 10_000 })).release();
  const held = [kit.lock.locked, kit.again.locked, kit.semaphore.available, kit.rw.readers, kit.rw.writing, kit.condition.waiting];
  assert.deepEqual(held, [false, false, 3, 0, false, 0]);
  assert.equal(kit.lock.waiting + kit.again.waiting + kit.semaphore.waiting + kit.rw.waiting, 0);
  await pool.shutdown();
});
