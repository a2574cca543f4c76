// After CPython 3.13.0, Lib/test/test_asyncio/test_locks.py (PSF-2.0): LockTests and EventTests. A guard stands here for what is held; there the lock itself is released.
// Left out: LockTests.test_repr and EventTests.test_repr: no text of their own; test_lock and test_lock_by_with_statement: that a lock object cannot itself be awaited, or entered without
// waiting, is syntax; test_lock_doesnt_accept_loop_parameter: there are no loops to hand over.
import assert from 'node:assert/strict';
import { FutureSource } from '../../../futures/index.js';
import { Event, type Guard, Lock, NotHeldError, type Task, type TaskGroup, withTaskGroup } from '../../index.js';
import { bothForms, failure, isCancelled, quiet } from '../harness.js';

bothForms('LockTests.test_acquire: first come, first served', function* (form) {
  const lock = new Lock();
  const seen: number[] = [];
  const first = yield* lock.acquire();
  const take = form(function* (n: number) {
    const guard = yield* lock.acquire();
    seen.push(n);
    return guard;
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const tasks = [group.spawn(take, 1), group.spawn(take, 2)];
      yield* quiet();
      assert.deepEqual([seen, lock.waiting], [[], 2]);
      first.release();
      yield* quiet();
      assert.deepEqual(seen, [1]);
      tasks.push(group.spawn(take, 3));
      for (const [i, expected] of [
        [1, 2],
        [1, 2, 3],
      ].entries()) {
        tasks[i].result().release();
        yield* quiet();
        assert.deepEqual(seen, expected);
      }
      tasks[2].result().release();
    }),
  );
  assert.equal(lock.locked, false);
});

bothForms('LockTests.test_acquire_cancel: who is cancelled no longer waits', function* (form) {
  const lock = new Lock();
  using _held = yield* lock.acquire();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(() => lock.acquire());
      yield* quiet();
      assert.equal(lock.waiting, 1);
      task.cancel();
      assert.ok(isCancelled(yield* failure(task)));
      assert.equal(lock.waiting, 0);
    }),
  );
});

bothForms('LockTests.test_cancel_race: released in the turn in which the first waiter is cancelled', function* (form) {
  const lock = new Lock();
  const blocker = new FutureSource<void>();
  const lockIt = form(function* (wait: FutureSource<void> | undefined) {
    using _guard = yield* lock.acquire();
    if (wait !== undefined) yield* wait.future;
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const a = group.spawn(lockIt, blocker);
      yield* quiet();
      assert.equal(lock.locked, true);
      const [b, c] = [group.spawn(lockIt, undefined), group.spawn(lockIt, undefined)];
      yield* quiet();
      assert.equal(lock.waiting, 2);
      blocker.fulfil();
      b.cancel();
      assert.equal(lock.waiting, 1); // at once: not a cancelled waiter that is still in the list
      yield* quiet();
      assert.deepEqual([lock.locked, a.state, b.state, c.state], [false, 'fulfilled', 'cancelled', 'fulfilled']);
    }),
  );
});

bothForms('LockTests.test_cancel_release_race: exactly one of the others gets it', function* (form) {
  const lock = new Lock();
  let [calls, locks] = [0, 0];
  const lockIt = form(function* () {
    calls++;
    yield* lock.acquire();
    locks++;
  });
  const held = yield* lock.acquire();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const [t1, t2, t3] = [group.spawn(lockIt), group.spawn(lockIt), group.spawn(lockIt)];
      yield* quiet();
      t1.cancel();
      held.release();
      assert.ok(isCancelled(yield* failure(t1)));
      yield* quiet();
      assert.deepEqual([locks, calls, t2.settled, t3.settled], [1, 3, true, false]);
      t3.cancel();
      yield* quiet();
      assert.equal(t3.state, 'cancelled');
    }),
  );
});

for (const [name, order] of [
  ['LockTests.test_finished_waiter_cancelled: cancelled, then released: the next one has it', 'cancel first'],
  ['LockTests.test_finished_waiter_cancelled, the other way round: who was handed the lock keeps it', 'release first'],
] as const) {
  bothForms(name, function* (form) {
    const lock = new Lock();
    const held = yield* lock.acquire();
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const [b, c] = [group.spawn(() => lock.acquire()), group.spawn(() => lock.acquire())];
        yield* quiet();
        if (order === 'cancel first') b.cancel();
        held.release();
        if (order === 'release first') b.cancel(); // asyncio takes it away again here
        yield* quiet();
        assert.equal(lock.locked, true);
        const [winner, loser]: Task<Guard>[] = order === 'cancel first' ? [c, b] : [b, c];
        assert.deepEqual([winner.state, loser.state], ['fulfilled', order === 'cancel first' ? 'cancelled' : 'running']);
        winner.result().release();
        if (order === 'release first') (yield* loser).release();
      }),
    );
    assert.equal(lock.locked, false);
  });
}

bothForms('LockTests.test_release_not_acquired: what is not held cannot be released', function* () {
  const lock = new Lock();
  const guard = yield* lock.acquire();
  guard.release();
  assert.throws(() => guard.release(), NotHeldError);
  assert.equal(lock.locked, false);
});

bothForms('LockTests.test_release_no_waiters: and is free', function* () {
  const lock = new Lock();
  const guard = yield* lock.acquire();
  assert.equal(lock.locked, true);
  guard.release();
  assert.equal(lock.locked, false);
});

bothForms('LockTests.test_context_manager: held for a block', function* (form) {
  const lock = new Lock();
  const look = form(function* () {
    yield* quiet();
    assert.equal(lock.locked, true);
  });
  yield* lock.with(look);
  assert.equal(lock.locked, false);
  {
    using _guard = yield* lock.acquire();
    assert.equal(lock.locked, true);
  }
  assert.equal(lock.locked, false);
});

bothForms('EventTests.test_wait: all that wait go on, and who comes after it is set does not wait', function* (form) {
  const event = new Event();
  const seen: number[] = [];
  const wait = form(function* (n: number) {
    yield* event.wait();
    seen.push(n);
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const tasks = [group.spawn(wait, 1), group.spawn(wait, 2)];
      yield* quiet();
      assert.deepEqual([seen, event.isSet], [[], false]);
      tasks.push(group.spawn(wait, 3));
      event.set();
      yield* quiet();
      assert.deepEqual(seen, [3, 1, 2]);
      assert.ok(tasks.every((task) => task.state === 'fulfilled'));
    }),
  );
});

bothForms('EventTests.test_wait_on_set: what is set is not waited for', function* () {
  const event = new Event();
  event.set();
  yield* event.wait();
  assert.equal(event.waiting, 0);
});

bothForms('EventTests.test_wait_cancel: who is cancelled no longer waits', function* (form) {
  const event = new Event();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(() => event.wait());
      yield* quiet();
      task.cancel();
      assert.ok(isCancelled(yield* failure(task)));
      assert.equal(event.waiting, 0);
    }),
  );
});

bothForms('EventTests.test_clear: set and cleared', function* () {
  const event = new Event();
  assert.equal(event.isSet, false);
  event.set();
  assert.equal(event.isSet, true);
  event.clear();
  assert.equal(event.isSet, false);
  yield* quiet();
});

bothForms('EventTests.test_clear_with_waiters: who waited goes on although it is cleared at once', function* (form) {
  const event = new Event();
  const seen: number[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          yield* event.wait();
          seen.push(1);
          return true;
        }),
      );
      yield* quiet();
      assert.deepEqual(seen, []);
      event.set();
      event.clear();
      assert.equal(event.isSet, false);
      event.set();
      event.set();
      assert.equal(event.waiting, 0); // handed over at once; asyncio's waiter is in the list for one more turn
      yield* quiet();
      assert.deepEqual([seen, task.result()], [[1], true]);
    }),
  );
});
