// After CPython 3.13.0, Lib/test/test_asyncio/test_taskgroups.py (PSF-2.0; there adapted, with permission, from the EdgeDB project): what a group waits for, and its tasks. The
// cases about failures are in groups-failing.test.ts, those about cancelling in groups-cancelled.test.ts.
// Left out: test_taskgroup_already_entered, test_taskgroup_double_enter and test_taskgroup_not_entered: a group is the inside of one call, it cannot be entered again or too early.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { type Coroutine, useClock, VirtualClock } from '../../../core/index.js';
import { GroupClosedError, sleep, type Task, type TaskGroup, withTaskGroup } from '../../index.js';
import { bothForms, failure, stopwatch } from '../harness.js';

function* after<T>(ms: number, value: T): Coroutine<T> {
  yield* sleep(ms);
  return value;
}

bothForms('test_taskgroup_01: a group ends with its slowest task, and the tasks keep their values', function* (form) {
  const passed = stopwatch();
  const tasks: Task<number>[] = [];
  yield* withTaskGroup((group) => {
    tasks.push(group.spawn(form(after<number>), 100, 42), group.spawn(form(after<number>), 200, 11));
  });
  assert.deepEqual([tasks[0].result(), tasks[1].result(), passed()], [42, 11, 200]);
});

bothForms('test_taskgroup_02: the body may wait between two spawns', function* (form) {
  const passed = stopwatch();
  const tasks: Task<number>[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      tasks.push(group.spawn(form(after<number>), 100, 42));
      yield* sleep(150);
      tasks.push(group.spawn(form(after<number>), 200, 11));
    }),
  );
  assert.deepEqual([tasks[0].result(), tasks[1].result(), passed()], [42, 11, 350]);
});

bothForms('test_taskgroup_03: one task cancelled by hand disturbs nobody else', function* (form) {
  const tasks: Task<number>[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      tasks.push(group.spawn(form(after<number>), 1000, 42));
      yield* sleep(150);
      assert.equal(tasks[0].cancel(), true);
      tasks.push(group.spawn(form(after<number>), 200, 11));
    }),
  );
  assert.equal(tasks[0].state, 'cancelled');
  assert.equal(tasks[1].result(), 11);
});

bothForms('test_taskgroup_23: tasks that have ended are not kept', function* (form) {
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (let count = 0; count < 10; count++) {
        yield* sleep(100);
        group.spawn(form(after), 300, undefined);
        if (count === 5) assert.ok(group.tasks.length < 5, `${group.tasks.length} tasks are kept`);
      }
      yield* sleep(1350);
      assert.deepEqual(group.tasks, []);
    }),
  );
});

bothForms('test_taskgroup_24: a task may spawn others after the body has ended', function* (form) {
  const passed = stopwatch();
  const root = form(function* (group: TaskGroup) {
    yield* sleep(100);
    group.spawn(form(after), 100, undefined);
    group.spawn(form(after), 200, undefined);
  });
  yield* withTaskGroup((group) => {
    group.spawn(root, group);
  });
  assert.equal(passed(), 300);
});

bothForms('test_taskgroup_25: a failure ends also those that multiply', function* (form) {
  let heads = 0;
  const hydra = form(function* (group: TaskGroup): Coroutine<void> {
    heads++;
    yield* sleep(10);
    group.spawn(hydra, group);
    group.spawn(hydra, group);
  });
  const hercules = form(function* () {
    while (heads < 10) yield* sleep(15);
    throw new RangeError('slain');
  });
  const error = yield* failure(
    withTaskGroup((group) => {
      group.spawn(hydra, group);
      group.spawn(hercules);
    }),
  );
  assert.equal(error.message, 'slain');
  assert.ok(heads >= 10);
});

bothForms('test_taskgroup_task_name: a task can be given a name', function* (form) {
  yield* withTaskGroup((group) => {
    const task = group.spawn(form(after), 0, undefined);
    assert.equal(task.name, 'after'); // asyncio numbers them; here the function's name is the first name
    task.name = 'yolo';
    assert.equal(task.name, 'yolo');
  });
});

bothForms('test_taskgroup_task_context: a task keeps the context in which it was spawned', function* (form) {
  // There the caller hands over a context; here it is the one around `spawn`.
  const variable = new AsyncLocalStorage<number>();
  const seen: (number | undefined)[] = [];
  const look = form(function* () {
    seen.push(variable.getStore());
    yield* sleep(10);
    seen.push(variable.getStore());
  });
  yield* withTaskGroup((group) => {
    group.spawn(look);
    variable.run(1, () => group.spawn(look));
    variable.run(2, () => group.spawn(look));
  });
  assert.deepEqual(seen, [undefined, 1, 2, undefined, 1, 2]);
});

bothForms(
  'test_taskgroup_no_create_task_after_failure: what is spawned in a failed group starts, and is cancelled at its first wait',
  function* (form) {
    // asyncio refuses to spawn there; here a group is closed when it has ended, and every task sees its first steps.
    const seen: string[] = [];
    const late = form(function* () {
      seen.push('late began');
      yield* sleep(1);
      seen.push('late went on');
    });
    const crash = form(function* () {
      yield* sleep(1);
      throw new RangeError('first');
    });
    const spawner = form(function* (group: TaskGroup) {
      try {
        yield* sleep(1000);
      } finally {
        group.spawn(late);
      }
    });
    const error = yield* failure(
      withTaskGroup((group) => {
        group.spawn(crash);
        group.spawn(spawner, group);
      }),
    );
    assert.equal(error.message, 'first');
    assert.deepEqual(seen, ['late began']);
  },
);

bothForms('test_taskgroup_finished: a group that has ended refuses', function* (form) {
  let ended: TaskGroup | undefined;
  yield* withTaskGroup((group) => {
    ended = group;
  });
  assert.throws(() => ended?.spawn(form(after), 0, undefined), GroupClosedError);
});

bothForms('test_coro_closed_when_tg_closed: what is refused is not called', function* (form) {
  let ended: TaskGroup | undefined;
  let calls = 0;
  yield* withTaskGroup((group) => {
    ended = group;
  });
  const work = form(function* () {
    calls++;
    yield* sleep(0);
  });
  assert.throws(() => ended?.spawn(work), GroupClosedError);
  yield* sleep(10);
  assert.equal(calls, 0);
});

test('test_taskgroup_without_parent_task: a group needs no task around it', async () => {
  // asyncio refuses; here the group is then a root of its own.
  const restore = useClock(new VirtualClock());
  try {
    const values: number[] = [];
    await withTaskGroup((group) => {
      group.spawn(function* () {
        yield* sleep(5);
        values.push(1);
      });
    });
    assert.deepEqual(values, [1]);
  } finally {
    restore();
  }
});
