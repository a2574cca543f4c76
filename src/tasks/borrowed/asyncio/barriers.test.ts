// After CPython 3.13.0, Lib/test/test_asyncio/test_locks.py (PSF-2.0): BarrierTests. All who have come leave at once here, so there is no draining, and a barrier can be waited at again in the same turn; a
// reset or an abort breaks those who wait, never those who have been let go.
// Left out: test_barrier: that it cannot itself be awaited is syntax; test_repr: no text of its own.
import assert from 'node:assert/strict';
import { type Coroutine, OptionError } from '../../../core/index.js';
import { Barrier, BrokenBarrierError, type Task, type TaskGroup, withTaskGroup } from '../../index.js';
import { bothForms, type Form, quiet } from '../harness.js';

const N = 5;

/** Runs `n` tasks of it to their ends. */
function* together<T>(form: Form, n: number, body: () => Coroutine<T>): Coroutine<T[]> {
  const tasks: Task<T>[] = [];
  yield* withTaskGroup((group) => {
    for (let i = 0; i < n; i++) tasks.push(group.spawn(form(body)) as Task<T>);
  });
  return tasks.map((task) => task.result());
}

/** Whether a wait was broken. */
function* broken(barrier: Barrier): Coroutine<boolean> {
  try {
    yield* barrier.wait();
    return false;
  } catch (error) {
    assert.ok(error instanceof BrokenBarrierError, String(error));
    return true;
  }
}

const isAsNew = (barrier: Barrier) => assert.deepEqual([barrier.waiting, barrier.broken], [0, false]);

bothForms('test_barrier_parties: it takes at least one', function* () {
  assert.throws(() => new Barrier(0), OptionError);
  assert.throws(() => new Barrier(-4), OptionError);
  assert.equal(new Barrier(N).parties, N);
  yield* quiet();
});

bothForms('test_context_manager: each has another place', function* (form) {
  const barrier = new Barrier(3);
  const places = yield* together(form, 3, function* () {
    return yield* barrier.wait();
  });
  assert.deepEqual(places.sort(), [0, 1, 2]);
  isAsNew(barrier);
});

bothForms('test_filling_one_task: a barrier for one holds nobody up', function* () {
  const barrier = new Barrier(1);
  assert.equal(yield* barrier.wait(), 0);
  isAsNew(barrier);
});

bothForms('test_filling_one_task_twice: time and again', function* (form) {
  const barrier = new Barrier(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const t1 = group.spawn(() => barrier.wait());
      yield* quiet();
      assert.equal(barrier.waiting, 0);
      const t2 = group.spawn(() => barrier.wait());
      yield* quiet();
      assert.deepEqual([t1.result(), t2.result()], [0, 0]);
    }),
  );
  isAsNew(barrier);
});

bothForms('test_filling_task_by_task: it counts who has come', function* (form) {
  const barrier = new Barrier(3);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (const expected of [1, 2, 0]) {
        group.spawn(() => barrier.wait());
        yield* quiet();
        assert.equal(barrier.waiting, expected);
      }
    }),
  );
  isAsNew(barrier);
});

bothForms('test_filling_tasks_wait_twice: nobody comes a second time before all have come once', function* (form) {
  const barrier = new Barrier(N);
  const seen: number[] = [];
  yield* together(form, N, function* () {
    yield* barrier.wait();
    seen.push(1);
    yield* barrier.wait();
    seen.push(2);
  });
  assert.deepEqual(seen, [...Array(N).fill(1), ...Array(N).fill(2)]);
  isAsNew(barrier);
});

bothForms('test_filling_tasks_check_return_value: the places of the second time', function* (form) {
  const barrier = new Barrier(N);
  const places = yield* together(form, N, function* () {
    yield* barrier.wait();
    return yield* barrier.wait();
  });
  assert.deepEqual(places.sort(), [0, 1, 2, 3, 4]);
  isAsNew(barrier);
});

bothForms('test_draining_state: when the first goes on all have left', function* (form) {
  const barrier = new Barrier(N);
  const waiting = yield* together(form, N, function* () {
    yield* barrier.wait();
    return barrier.waiting;
  });
  assert.deepEqual(waiting, Array(N).fill(0)); // asyncio counts down
});

bothForms('test_blocking_tasks_while_draining: some wait again before the others', function* (form) {
  const again = 2;
  const barrier = new Barrier(N);
  const others = new Barrier(N - again);
  let [left, passed] = [again, 0];
  yield* together(form, N, function* () {
    yield* barrier.wait();
    if (left-- > 0) yield* barrier.wait();
    else {
      yield* others.wait();
      yield* barrier.wait();
    }
    passed++;
  });
  assert.equal(passed, N);
});

bothForms('test_filling_tasks_cancel_one: who is cancelled has not come', function* (form) {
  const barrier = new Barrier(3);
  const places: number[] = [];
  const come = form(function* () {
    places.push(yield* barrier.wait());
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const [t1] = [group.spawn(come), group.spawn(come)];
      yield* quiet();
      assert.equal(barrier.waiting, 2);
      t1.cancel();
      assert.equal(barrier.waiting, 1);
      yield* quiet();
      assert.equal(t1.state, 'cancelled');
      group.spawn(come);
      yield* quiet();
      assert.equal(barrier.waiting, 2);
      group.spawn(come);
    }),
  );
  assert.deepEqual(places.sort(), [0, 1, 2]); // asyncio gives one place twice
  isAsNew(barrier);
});

bothForms('test_reset_barrier: with nobody there', function* () {
  const barrier = new Barrier(1);
  barrier.reset();
  yield* quiet();
  isAsNew(barrier);
});

bothForms('test_reset_barrier_while_tasks_waiting: a reset breaks it for those who wait', function* (form) {
  const barrier = new Barrier(N);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const tasks = Array.from({ length: N - 1 }, () => group.spawn(form(broken), barrier));
      yield* quiet();
      barrier.reset();
      for (const task of tasks) assert.equal(yield* task, true);
    }),
  );
  isAsNew(barrier);
});

bothForms('test_reset_barrier_when_tasks_half_draining: not for those who were let go', function* (form) {
  const barrier = new Barrier(N);
  let gone = 0;
  const results = yield* together(form, N, function* () {
    const wasBroken = yield* broken(barrier);
    if (++gone === 3) barrier.reset(); // asyncio's breaks the two that have not left yet
    return wasBroken;
  });
  assert.deepEqual(results, Array(N).fill(false));
  isAsNew(barrier);
});

bothForms('test_reset_barrier_when_tasks_half_draining_half_blocking: but for those of them who wait again', function* (form) {
  const barrier = new Barrier(N);
  let gone = 0;
  const results = yield* together(form, N, function* () {
    yield* barrier.wait();
    if (++gone === 3) barrier.reset();
    const wasBroken = yield* broken(barrier);
    if (wasBroken) yield* barrier.wait();
    return wasBroken;
  });
  assert.deepEqual(results.filter(Boolean).length, 2); // in asyncio those who had left and came again are spared, and the others are broken
  isAsNew(barrier);
});

bothForms('test_reset_barrier_while_tasks_waiting_and_waiting_again: after a reset it can be used', function* (form) {
  const barrier = new Barrier(N);
  let [broke, passed] = [0, 0];
  const come = form(function* () {
    if (yield* broken(barrier)) {
      broke++;
      yield* barrier.wait();
    }
    passed++;
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (let i = 0; i < N - 1; i++) group.spawn(come);
      yield* quiet();
      barrier.reset();
      yield* quiet();
      group.spawn(come);
    }),
  );
  assert.deepEqual([broke, passed], [N - 1, N]);
  isAsNew(barrier);
});

bothForms('test_reset_barrier_while_tasks_draining: the last to leave resets it', function* (form) {
  const barrier = new Barrier(N);
  let [gone, broke, passed] = [0, 0, 0];
  yield* together(form, N, function* () {
    yield* barrier.wait();
    if (++gone === N) {
      barrier.reset(); // the four others wait for the second time; asyncio holds them at the entrance, and does not break them
      yield* barrier.wait();
    } else if (yield* broken(barrier)) {
      broke++;
      yield* barrier.wait();
    }
    yield* barrier.wait();
    passed++;
  });
  assert.deepEqual([broke, passed], [N - 1, N]);
  isAsNew(barrier);
});

bothForms('test_abort_barrier: an aborted one stays broken', function* () {
  const barrier = new Barrier(1);
  barrier.abort();
  assert.deepEqual([barrier.waiting, barrier.broken], [0, true]);
  assert.equal(yield* broken(barrier), true);
});

bothForms('test_abort_barrier_when_tasks_half_draining_half_blocking: also for those who come later', function* (form) {
  const barrier = new Barrier(N);
  let gone = 0;
  const results = yield* together(form, N, function* () {
    yield* barrier.wait();
    if (++gone === 3) barrier.abort();
    return yield* broken(barrier);
  });
  assert.deepEqual(results, Array(N).fill(true));
  assert.deepEqual([barrier.waiting, barrier.broken], [0, true]);
});

/** The part that two of the originals share: the task with the middle place fails, and aborts. */
function* failInTheMiddle(barrier: Barrier): Coroutine<'failed' | 'broken' | 'passed'> {
  const place = yield* barrier.wait();
  if (place === Math.floor(N / 2)) {
    barrier.abort();
    return 'failed';
  }
  return (yield* broken(barrier)) ? 'broken' : 'passed';
}

bothForms('test_abort_barrier_when_exception: one that fails aborts it for all', function* (form) {
  const barrier = new Barrier(N);
  const results = yield* together(form, N, () => failInTheMiddle(barrier));
  assert.deepEqual(results.sort(), [...Array(N - 1).fill('broken'), 'failed']);
  assert.deepEqual([barrier.waiting, barrier.broken], [0, true]);
});

bothForms('test_abort_barrier_when_exception_then_resetting: and a reset mends it', function* (form) {
  const [barrier, other] = [new Barrier(N), new Barrier(N)];
  const results = yield* together(form, N, function* () {
    const result = yield* failInTheMiddle(barrier);
    // Once so that everyone has left when it is reset, and once more so that nobody comes before it is.
    if ((yield* other.wait()) === Math.floor(N / 2)) barrier.reset();
    yield* other.wait();
    yield* barrier.wait();
    return result;
  });
  assert.deepEqual(results.sort(), [...Array(N - 1).fill('broken'), 'failed']);
  isAsNew(barrier);
});
