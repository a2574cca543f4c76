// After CPython 3.13.0, Lib/test/test_asyncio/test_taskgroups.py (PSF-2.0; there adapted, with permission, from the EdgeDB project): what a group throws. There it is an ExceptionGroup,
// nested as the groups are; here the first failure itself, and `failuresOf` has all of them in one list.
// Left out: test_taskgroup_20 and _test_taskgroup_21: no KeyboardInterrupt travels through JavaScript code (Ctrl-C cancels a `run`, which has its own tests).
import assert from 'node:assert/strict';
import type { Coroutine } from '../../../core/index.js';
import { checkpoint, failuresOf, onLateError, sleep, type Task, type TaskGroup, withTaskGroup } from '../../index.js';
import { bothForms, failure, stopwatch } from '../harness.js';

function* crash(ms: number, error: unknown = new RangeError(`after ${ms}`)): Coroutine<never> {
  yield* sleep(ms);
  throw error;
}

function* endsBadly(ms: number, error: unknown): Coroutine<void> {
  try {
    yield* sleep(ms);
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: an error of the clean-up takes the place of the cancellation, which is the point
    throw error;
  }
}

const messages = (error: unknown) => failuresOf(error).map((each) => (each instanceof Error ? each.message : each));

bothForms('test_taskgroup_04: a failing task cancels the others, and what follows the group does not run', function* (form) {
  const seen: string[] = [];
  let sibling: Task<void> | undefined;
  const patient = form(function* () {
    try {
      yield* sleep(1000);
    } finally {
      seen.push('cut off');
    }
    seen.push('finished');
  });
  const error = yield* failure(
    (function* () {
      yield* withTaskGroup((group) => {
        group.spawn(form(crash), 100);
        sibling = group.spawn(patient);
      });
      seen.push('after the group');
    })(),
  );
  assert.ok(error instanceof RangeError);
  assert.deepEqual([seen, sibling?.state], [['cut off'], 'cancelled']);
});

bothForms('test_cancel_children_on_child_error: a failing task cancels the body too, and no failure is lost', function* (form) {
  const seen: string[] = [];
  const patient = (name: string) =>
    function* () {
      try {
        yield* sleep(5000);
      } finally {
        seen.push(name);
      }
      seen.push(`${name} finished`);
    };
  const passed = stopwatch();
  const error = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        for (let i = 0; i < 3; i++) group.spawn(form(crash), 100, new RangeError(`crash ${i}`));
        group.spawn(form(patient('sibling')));
        yield* patient('body')();
      }),
    ),
  );
  // All three sleeps had ended before the first failure cancelled the group, so all three crash.
  assert.deepEqual(messages(error), ['crash 0', 'crash 1', 'crash 2']);
  assert.deepEqual([seen, passed()], [['body', 'sibling'], 100]);
});

bothForms('test_taskgroup_09: a failing body cancels the tasks', function* (form) {
  const tasks: Task<void>[] = [];
  const error = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        tasks.push(group.spawn(sleep, 1000), group.spawn(sleep, 2000));
        yield* crash(100);
      }),
    ),
  );
  assert.equal(error.message, 'after 100');
  assert.deepEqual(
    tasks.map((task) => task.state),
    ['cancelled', 'cancelled'],
  );
});

bothForms('test_taskgroup_10: a body that fails before the tasks have begun', function* (form) {
  const seen: string[] = [];
  const work = form(function* () {
    seen.push('began'); // asyncio never calls it; here every task sees its first steps
    yield* sleep(1000);
    seen.push('went on');
  });
  const tasks: Task<void>[] = [];
  const error = yield* failure(
    withTaskGroup((group) => {
      tasks.push(group.spawn(work), group.spawn(work));
      throw new RangeError('at once');
    }),
  );
  assert.equal(error.message, 'at once');
  assert.deepEqual(
    [seen, tasks.map((task) => task.state)],
    [
      ['began', 'began'],
      ['cancelled', 'cancelled'],
    ],
  );
});

bothForms('test_taskgroup_13: a failure outside ends the group inside', function* (form) {
  const passed = stopwatch();
  const error = yield* failure(
    withTaskGroup(
      form(function* (outer: TaskGroup) {
        outer.spawn(form(crash), 100);
        yield* withTaskGroup((inner) => {
          inner.spawn(form(crash), 10_000);
        });
      }),
    ),
  );
  assert.deepEqual([messages(error), passed()], [['after 100'], 100]);
});

bothForms('test_taskgroup_14: a failure inside ends the group outside', function* (form) {
  const passed = stopwatch();
  const error = yield* failure(
    withTaskGroup(
      form(function* (outer: TaskGroup) {
        outer.spawn(form(crash), 10_000);
        yield* withTaskGroup((inner) => {
          inner.spawn(form(crash), 100);
        });
      }),
    ),
  );
  assert.deepEqual([messages(error), passed()], [['after 100'], 100]);
});

bothForms('test_taskgroup_19: what the body throws in its clean-up is listed after the failure that caused it', function* (form) {
  const error = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(form(crash), 100);
        yield* endsBadly(10_000, new TypeError('clean-up'));
      }),
    ),
  );
  assert.deepEqual(messages(error), ['after 100', 'clean-up']);
});

bothForms('test_taskgroup_20a: also if what the body throws is no Error', function* (form) {
  // The original throws a BaseException; JavaScript's odd one is a value that is no error.
  const error = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(form(crash), 100);
        yield* endsBadly(10_000, 'a string');
      }),
    ),
  );
  assert.deepEqual(messages(error), ['after 100', 'a string']);
});

bothForms('test_taskgroup_21a: a thrown string is thrown as it is, and what it cannot carry is told as late', function* (form) {
  const late: unknown[] = [];
  const restore = onLateError((error) => late.push(error));
  const clean = new TypeError('clean-up');
  const error = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(form(crash), 100, 'a string');
        yield* endsBadly(10_000, clean);
      }),
    ),
  );
  restore();
  assert.deepEqual([error, late], ['a string', [clean]]);
});

bothForms('test_taskgroup_context_manager_exit_raises: a failure in the clean-up of what the body has open', function* (form) {
  const raises = () => {
    throw new RangeError('task');
  };
  const error = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(raises);
        yield* endsBadly(1000, new RangeError('database'));
      }),
    ),
  );
  assert.deepEqual(messages(error), ['task', 'database']);
  yield* checkpoint(); // nothing of it is left in the task around
});

bothForms('test_cancelling_level_preserved: a group that failed leaves the task around it uncancelled', function* (form) {
  const error = yield* failure(
    withTaskGroup((group) => {
      group.spawn(form(crash), 0);
    }),
  );
  assert.ok(error instanceof RangeError);
  yield* checkpoint();
  yield* sleep(1);
});
