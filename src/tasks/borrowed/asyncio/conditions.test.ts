// After CPython 3.13.0, Lib/test/test_asyncio/test_locks.py (PSF-2.0): ConditionTests. Waiting and notifying need the guard here, so that neither can be done without the lock; and who was notified
// goes on, also if it is cancelled in the same turn: it hears of that at its next wait.
// Left out: test_repr: no text of its own; test_ambiguous_loops: there are no loops.
import assert from 'node:assert/strict';
import {
  Condition,
  type ConditionGuard,
  checkpoint,
  Lock,
  NotHeldError,
  type Task,
  type TaskGroup,
  withTaskGroup,
  withTimeout,
} from '../../index.js';
import { bothForms, failure, isCancelled, quiet } from '../harness.js';

bothForms('test_wait: they go on one after another, each with the lock', function* (form) {
  const condition = new Condition();
  const seen: number[] = [];
  const wait = form(function* (n: number) {
    const guard = yield* condition.acquire();
    yield* guard.wait();
    seen.push(n);
    return guard;
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const tasks = [1, 2, 3].map((n) => group.spawn(wait, n));
      yield* quiet();
      assert.deepEqual([seen, condition.waiting], [[], 3]);
      const own = yield* condition.acquire();
      own.notify();
      yield* quiet();
      assert.deepEqual(seen, []);
      own.release();
      yield* quiet();
      assert.deepEqual(seen, [1]);
      tasks[0].result().notify(2);
      yield* quiet();
      assert.deepEqual(seen, [1]);
      tasks[0].result().release();
      yield* quiet();
      assert.deepEqual(seen, [1, 2]);
      tasks[1].result().release();
      yield* quiet();
      assert.deepEqual(seen, [1, 2, 3]);
      assert.equal(condition.tryAcquire(), undefined);
      tasks[2].result().release();
    }),
  );
});

bothForms('test_wait_cancel: cut off while it waits, it holds the lock again', function* (form) {
  const condition = new Condition();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      let held: boolean | undefined;
      const task = group.spawn(
        form(function* () {
          using guard = yield* condition.acquire();
          try {
            yield* guard.wait();
          } finally {
            held = guard.held;
          }
        }),
      );
      yield* quiet();
      task.cancel();
      assert.ok(isCancelled(yield* failure(task)));
      assert.deepEqual([condition.waiting, held], [0, true]);
    }),
  );
});

/** A waiter that was notified, the lock still held by somebody else, and what it did once both have let go. */
for (const [name, cancelWhen] of [
  ['test_wait_cancel_contested: notified, then cancelled while the lock is contended: the notification stays', 'as the lock is released'],
  ['test_wait_cancel_after_notify: cancelled while it waits for the lock again', 'before the lock is released'],
] as const) {
  bothForms(name, function* (form) {
    const condition = new Condition();
    const seen: string[] = [];
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const waiter = group.spawn(
          form(function* () {
            using guard = yield* condition.acquire();
            yield* guard.wait(); // asyncio's is cut off here in the second case
            seen.push(`notified, ${guard.held ? 'with' : 'without'} the lock`);
            yield* checkpoint();
            seen.push('went on');
          }),
        );
        yield* quiet();
        const own = yield* condition.acquire();
        own.notify();
        if (cancelWhen === 'before the lock is released') yield* quiet();
        waiter.cancel();
        own.release();
        assert.ok(isCancelled(yield* failure(waiter)));
      }),
    );
    assert.deepEqual(seen, ['notified, with the lock']);
  });
}

bothForms('test_wait_unacquired: not without the lock', function* () {
  const guard = yield* new Condition().acquire();
  guard.release();
  assert.throws(() => guard.wait(), NotHeldError);
});

bothForms('test_wait_for: until something holds', function* (form) {
  const condition = new Condition();
  let holds = false;
  const seen: number[] = [];
  const knock = form(function* () {
    using guard = yield* condition.acquire();
    guard.notify();
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          using guard = yield* condition.acquire();
          assert.equal(yield* guard.waitFor(() => holds), true);
          seen.push(1);
        }),
      );
      yield* quiet();
      assert.deepEqual(seen, []);
      yield* group.spawn(knock);
      yield* quiet();
      assert.deepEqual(seen, []);
      holds = true;
      yield* group.spawn(knock);
      yield* quiet();
      assert.deepEqual([seen, task.state], [[1], 'fulfilled']);
    }),
  );
});

bothForms('test_wait_for_unacquired: it gives what the predicate gave, and needs the lock in any case', function* () {
  const guard = yield* new Condition().acquire();
  assert.deepEqual(yield* guard.waitFor(() => [1, 2, 3]), [1, 2, 3]);
  guard.release();
  assert.throws(() => guard.waitFor(() => false), NotHeldError);
  assert.throws(() => guard.waitFor(() => true), NotHeldError); // asyncio lets this one pass
});

bothForms('test_notify: one, two, and more than there are', function* (form) {
  const condition = new Condition();
  const seen: number[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const tasks = [1, 2, 3].map((n) =>
        group.spawn(
          form(function* () {
            using guard = yield* condition.acquire();
            yield* guard.wait();
            seen.push(n);
          }),
        ),
      );
      yield* quiet();
      yield* condition.with((guard) => guard.notify(1));
      yield* quiet();
      assert.deepEqual(seen, [1]);
      yield* condition.with((guard) => {
        guard.notify(1);
        guard.notify(2048);
      });
      yield* quiet();
      assert.deepEqual(seen, [1, 2, 3]);
      assert.ok(tasks.every((task) => task.state === 'fulfilled'));
    }),
  );
});

bothForms('test_notify_all: all of them', function* (form) {
  const condition = new Condition();
  const seen: number[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (const n of [1, 2])
        group.spawn(
          form(function* () {
            using guard = yield* condition.acquire();
            yield* guard.wait();
            seen.push(n);
          }),
        );
      yield* quiet();
      yield* condition.with((guard) => guard.notifyAll());
    }),
  );
  assert.deepEqual(seen, [1, 2]);
});

for (const [name, notify] of [
  ['test_notify_unacquired: not without the lock', (guard: ConditionGuard) => guard.notify()],
  ['test_notify_all_unacquired: nor this', (guard: ConditionGuard) => guard.notifyAll()],
] as const) {
  bothForms(name, function* () {
    const guard = yield* new Condition().acquire();
    guard.release();
    assert.throws(() => notify(guard), NotHeldError);
  });
}

bothForms('test_context_manager: held for a block', function* (form) {
  const lock = new Lock();
  const condition = new Condition(lock);
  const look = form(function* () {
    yield* quiet();
    assert.equal(lock.locked, true);
  });
  yield* condition.with(look);
  assert.equal(lock.locked, false);
});

bothForms('test_explicit_lock: a condition is held when its lock is', function* () {
  const lock = new Lock();
  const condition = new Condition(lock);
  {
    using _guard = yield* condition.acquire();
    assert.deepEqual([lock.locked, lock.tryAcquire()], [true, undefined]);
  }
  {
    using _guard = yield* lock.acquire();
    assert.equal(condition.tryAcquire(), undefined);
  }
  assert.equal(lock.locked, false);
});

bothForms('test_timeout_in_block: a limit around a wait', function* () {
  using guard = yield* new Condition().acquire();
  const error = yield* failure(withTimeout(500, () => guard.wait()));
  assert.deepEqual([error.name, guard.held], ['TimeoutError', true]);
});

bothForms('test_cancelled_error_wakeup: the error is the one of the cancellation', function* (form) {
  const condition = new Condition();
  let raised: Error | undefined;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          using guard = yield* condition.acquire();
          raised = yield* failure(guard.waitFor(() => false));
          throw raised;
        }),
      );
      yield* quiet();
      task.cancel('foo');
      const error = yield* failure(task);
      assert.equal(error, raised);
      assert.equal((error as Error & { reason: unknown }).reason, 'foo');
    }),
  );
});

bothForms('test_cancelled_error_re_aquire: cancelled while it waits for the lock again', function* (form) {
  const condition = new Condition();
  let wake = false;
  let value: boolean | undefined;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          using guard = yield* condition.acquire();
          value = yield* guard.waitFor(() => wake); // the notification came first; asyncio's is cut off here
          yield* guard.waitFor(() => false);
        }),
      );
      yield* quiet();
      const own = yield* condition.acquire();
      wake = true;
      own.notify();
      yield* quiet();
      task.cancel('foo');
      own.release();
      const error = yield* failure(task);
      assert.ok(isCancelled(error));
      assert.equal((error as Error & { reason: unknown }).reason, 'foo');
    }),
  );
  assert.equal(value, true);
});

for (const [name, pause] of [
  ['test_cancelled_wakeup: a notification of one who is cancelled in the same turn is not lost', false],
  ['test_cancelled_wakeup_relock: nor if it is waiting for the lock again', true],
] as const) {
  bothForms(name, function* (form) {
    const condition = new Condition();
    let state = 0;
    const consumer = form(function* () {
      using guard = yield* condition.acquire();
      for (;;) {
        yield* guard.waitFor(() => state !== 0);
        if (state < 0) return;
        state--;
      }
    });
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const consumers: Task<void>[] = [group.spawn(consumer), group.spawn(consumer)];
        yield* quiet();
        const guard = yield* condition.acquire();
        state++;
        guard.notify(1);
        if (pause) yield* quiet();
        consumers[0].cancel();
        yield* failure(withTimeout(10, () => guard.waitFor(() => state === 0))); // nobody tells it
        assert.equal(state, 0);
        state = -1;
        guard.notifyAll();
        guard.release();
        yield* consumers[1];
      }),
    );
  });
}
