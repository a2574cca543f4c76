// After CPython 3.13.0, Lib/test/test_asyncio/test_locks.py (PSF-2.0): SemaphoreTests. A semaphore begins with at least one permit here, so what the original does with `Semaphore(0)` is done with one
// whose permits are all held; and only what is held can be released.
// Left out: test_repr: no text of its own; test_semaphore: that it cannot itself be awaited is syntax.
import assert from 'node:assert/strict';
import { OptionError } from '../../../core/index.js';
import { type Guard, NotHeldError, Semaphore, sleep, type Task, type TaskGroup, withTaskGroup, withTimeout } from '../../index.js';
import { bothForms, failure, isCancelled, quiet } from '../harness.js';

/** A semaphore with all its permits held, and what to give back one with. */
function allHeld(permits: number): { semaphore: Semaphore; release: () => void } {
  const semaphore = new Semaphore(permits);
  const guards: Guard[] = [];
  for (let guard = semaphore.tryAcquire(); guard !== undefined; guard = semaphore.tryAcquire()) guards.push(guard);
  return { semaphore, release: () => guards.pop()?.release() };
}

bothForms('test_initial_value_zero: none at all is a mistake', function* () {
  assert.throws(() => new Semaphore(0), OptionError); // asyncio's is locked from the beginning
  assert.equal(allHeld(1).semaphore.available, 0);
  yield* quiet();
});

bothForms('test_semaphore_value: nor less', function* () {
  assert.throws(() => new Semaphore(-1), OptionError);
  yield* quiet();
});

bothForms('test_acquire: as many as there are permits', function* (form) {
  const semaphore = new Semaphore(3);
  const held = [yield* semaphore.acquire(), yield* semaphore.acquire()];
  assert.equal(semaphore.available, 1);
  const seen: number[] = [];
  const take = form(function* (n: number) {
    const guard = yield* semaphore.acquire();
    seen.push(n);
    return guard;
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const tasks = [1, 2, 3].map((n) => group.spawn(take, n));
      yield* quiet();
      assert.deepEqual([seen, semaphore.waiting, semaphore.available], [[1], 2, 0]);
      tasks.push(group.spawn(take, 4));
      for (const guard of held) guard.release();
      assert.equal(semaphore.available, 0); // handed over, and not put back
      yield* quiet();
      assert.deepEqual([seen, semaphore.waiting, semaphore.available], [[1, 2, 3], 1, 0]);
      tasks[0].result().release();
      yield* quiet();
      assert.deepEqual(seen, [1, 2, 3, 4]);
    }),
  );
});

bothForms('test_acquire_cancel: who is cancelled no longer waits', function* (form) {
  const { semaphore } = allHeld(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(() => semaphore.acquire());
      yield* quiet();
      task.cancel();
      assert.ok(isCancelled(yield* failure(task)));
      assert.equal(semaphore.waiting, 0);
    }),
  );
});

bothForms('test_acquire_cancel_before_awoken: the cancelled ones are passed over', function* (form) {
  const { semaphore, release } = allHeld(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const tasks = [1, 2, 3, 4].map(() => group.spawn(() => semaphore.acquire()));
      yield* quiet();
      tasks[0].cancel();
      tasks[1].cancel();
      release();
      yield* quiet();
      assert.deepEqual(
        tasks.map((task) => task.state),
        ['cancelled', 'cancelled', 'fulfilled', 'running'],
      );
      tasks[3].cancel();
    }),
  );
});

bothForms('test_acquire_hang: no permit is lost on the way', function* (form) {
  const { semaphore, release } = allHeld(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const [t1, t2] = [group.spawn(() => semaphore.acquire()), group.spawn(() => semaphore.acquire())];
      yield* quiet();
      t1.cancel();
      release();
      yield* quiet();
      assert.deepEqual([semaphore.available, t1.state, t2.state], [0, 'cancelled', 'fulfilled']);
    }),
  );
});

bothForms('test_acquire_no_hang: a task that is cancelled when its turn would have come', function* (form) {
  const semaphore = new Semaphore(1);
  const seen: string[] = [];
  let second: Task<void> | undefined;
  yield* withTaskGroup((group) => {
    group.spawn(
      form(function* () {
        {
          using _permit = yield* semaphore.acquire();
          yield* sleep(0);
          second?.cancel(); // before the release here: afterwards the permit would be the second task's, and it would go on
        }
        seen.push('first is done');
      }),
    );
    second = group.spawn(
      form(function* () {
        using _permit = yield* semaphore.acquire();
        seen.push('second');
      }),
    );
  });
  assert.deepEqual([seen, second?.state], [['first is done'], 'cancelled']);
  yield* withTimeout(1000, () => semaphore.acquire());
});

bothForms('test_release_not_acquired: what is not held cannot be released', function* () {
  const semaphore = new Semaphore(1);
  const guard = yield* semaphore.acquire();
  guard.release();
  assert.throws(() => guard.release(), NotHeldError);
  assert.equal(semaphore.available, 1);
});

bothForms('test_release_no_waiters: a permit that nobody waits for is free', function* () {
  const semaphore = new Semaphore(1);
  const guard = yield* semaphore.acquire();
  assert.equal(semaphore.available, 0);
  guard.release();
  assert.equal(semaphore.available, 1);
});

bothForms('test_acquire_fifo_order: who releases and asks again goes to the end', function* (form) {
  const semaphore = new Semaphore(1);
  const seen: string[] = [];
  const twice = form(function* (name: string) {
    for (const n of [1, 2]) {
      using _permit = yield* semaphore.acquire();
      seen.push(`${name}_${n}`);
      yield* sleep(10);
    }
  });
  yield* withTaskGroup((group) => {
    for (const name of ['c1', 'c2', 'c3']) group.spawn(twice, name);
  });
  assert.deepEqual(seen, ['c1_1', 'c2_1', 'c3_1', 'c1_2', 'c2_2', 'c3_2']);
});

bothForms('test_acquire_fifo_order_2: also if it asks at once', function* (form) {
  const semaphore = new Semaphore(1);
  const seen: number[] = [];
  function* take(n: number) {
    const guard = yield* semaphore.acquire();
    seen.push(n);
    return guard;
  }
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const first = group.spawn(form(take), 1);
      const second = group.spawn(
        form(function* () {
          (yield* take(2)).release();
          return yield* take(4);
        }),
      );
      const third = group.spawn(form(take), 3);
      yield* quiet();
      first.result().release();
      (yield* third).release();
      (yield* second).release();
    }),
  );
  assert.deepEqual(seen, [1, 2, 3, 4]);
});

bothForms('test_acquire_fifo_order_3: the order of those that are left', function* (form) {
  const { semaphore, release } = allHeld(2);
  const seen: number[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const [t1] = [1, 2, 3].map((n) =>
        group.spawn(
          form(function* () {
            yield* semaphore.acquire();
            seen.push(n);
          }),
        ),
      );
      yield* quiet();
      t1.cancel();
      yield* quiet();
      release();
      release();
    }),
  );
  assert.deepEqual(seen, [2, 3]);
});

bothForms('test_acquire_fifo_order_4: permits that come together go to those who wait, in order', function* (form) {
  const { semaphore, release } = allHeld(3);
  const seen: number[] = [];
  yield* withTaskGroup((group) => {
    const take = form(function* (n: number) {
      if (n === 2) {
        for (let i = 0; i < 3; i++) release();
        assert.equal(semaphore.available, 2); // the first is task 1's already
      }
      yield* semaphore.acquire();
      seen.push(n);
      if (n === 1) {
        assert.equal(semaphore.available, 0);
        group.spawn(() => seen.push(4));
      }
    });
    for (const n of [1, 2, 3]) group.spawn(take, n);
  });
  // asyncio lets task 1 run first, so that nobody overtakes it; here it has its permit from the moment of the release, and what is free is taken without a switch.
  assert.deepEqual(seen, [2, 3, 1, 4]);
});
