// After CPython 3.13.0, Lib/test/test_asyncio/test_taskgroups.py (PSF-2.0; there adapted, with permission, from the EdgeDB project): groups that are cancelled from outside, with and
// without failures. There a cancellation reaches the body first and the tasks when the body has ended; here it reaches all of them at once, and stays.
// Left out: none of these cases.
import assert from 'node:assert/strict';
import type { Coroutine } from '../../../core/index.js';
import { CancelledError } from '../../../core/index.js';
import { Event, failuresOf, sleep, type Task, type TaskGroup, withShield, withTaskGroup } from '../../index.js';
import { bothForms, type Form, failure, isCancelled, stopwatch } from '../harness.js';

/** Spawns `main`, cancels it after 100 ms and gives it back once it has ended, however that was. */
function* cancelledAfter100(form: Form, main: () => Coroutine<void>, reason?: unknown): Coroutine<Task<void>> {
  const kept: Task<void>[] = [];
  const body = form(function* (group: TaskGroup) {
    const task = group.spawn(form(main));
    kept.push(task);
    yield* sleep(100);
    assert.equal(task.settled, false);
    assert.equal(task.cancel(reason), true);
  });
  try {
    yield* withTaskGroup(body);
  } catch (error) {
    assert.equal(error, outcome(kept[0])); // a failure; a task that was only cancelled fails no group
  }
  return kept[0];
}

const outcome = (task: Task<void>): unknown => {
  try {
    return task.result();
  } catch (error) {
    return error;
  }
};

bothForms('test_cancellation: cancelling a task cancels every task of its group, with the reason', function* (form) {
  let cut = 0;
  const patient = form(function* () {
    try {
      yield* sleep(5000);
    } finally {
      cut++;
    }
  });
  const task = yield* cancelledAfter100(
    form,
    function* () {
      yield* withTaskGroup((group) => {
        for (let i = 0; i < 5; i++) group.spawn(patient);
      });
    },
    'test',
  );
  const error = outcome(task);
  assert.ok(error instanceof CancelledError);
  assert.deepEqual([task.state, error.reason, cut], ['cancelled', 'test', 5]);
});

bothForms('test_taskgroup_07: and its body', function* (form) {
  let cut = 0;
  const patient = form(function* () {
    try {
      yield* sleep(5000);
    } finally {
      cut++;
    }
  });
  const task = yield* cancelledAfter100(form, function* () {
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        for (let i = 0; i < 5; i++) group.spawn(patient);
        try {
          yield* sleep(10_000);
        } finally {
          cut += 10;
        }
      }),
    );
  });
  assert.deepEqual([task.state, cut], ['cancelled', 15]);
});

function* crashesInCleanUp(): Coroutine<void> {
  try {
    yield* sleep(10_000);
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: an error of the clean-up takes the place of the cancellation, which is the point
    throw new RangeError('clean-up');
  }
}

bothForms('test_taskgroup_08: tasks that fail in their clean-up turn a cancellation into a failure', function* (form) {
  const task = yield* cancelledAfter100(form, function* () {
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        for (let i = 0; i < 5; i++) group.spawn(form(crashesInCleanUp));
        yield* sleep(10_000);
      }),
    );
  });
  assert.equal(task.state, 'rejected');
  assert.deepEqual(failuresOf(outcome(task)).map(String), Array(5).fill('RangeError: clean-up'));
});

for (const [name, beside] of [
  ['test_taskgroup_11: the same in a group within a group', 0],
  ['test_taskgroup_12: the same, with another task in the outer group', 1],
] as const) {
  bothForms(name, function* (form) {
    const task = yield* cancelledAfter100(form, function* () {
      yield* withTaskGroup(
        form(function* (outer: TaskGroup) {
          for (let i = 0; i < beside; i++) outer.spawn(sleep, 10_000);
          yield* withTaskGroup(
            form(function* (inner: TaskGroup) {
              for (let i = 0; i < 5; i++) inner.spawn(form(crashesInCleanUp));
              yield* sleep(10_000);
            }),
          );
        }),
      );
    });
    assert.equal(task.state, 'rejected');
    assert.equal(failuresOf(outcome(task)).length, 5); // one list, where the original nests two groups
  });
}

for (const [name, depth] of [
  ['test_taskgroup_15: a failure while the body cleans up wins over the cancellation', 0],
  ['test_taskgroup_16: the same in a task that the cancelled one waits for', 1],
] as const) {
  bothForms(name, function* (form) {
    // What takes time after a cancellation is shielded here, on both sides: the cancellation is at every wait.
    const soon = form(function* () {
      yield* withShield(
        form(function* () {
          yield* sleep(300);
          throw new RangeError('soon');
        }),
      );
    });
    const body = form(function* (group: TaskGroup) {
      group.spawn(soon);
      try {
        yield* sleep(10_000);
      } finally {
        yield* withShield(() => sleep(500));
      }
    });
    const passed = stopwatch();
    const task = yield* cancelledAfter100(form, function* () {
      if (depth === 0) yield* withTaskGroup(body);
      else yield* withTaskGroup((group) => void group.spawn(() => withTaskGroup(body)));
    });
    assert.equal(task.state, 'rejected');
    assert.deepEqual(failuresOf(outcome(task)).map(String), ['RangeError: soon']);
    assert.equal(passed(), 600);
  });
}

bothForms('test_taskgroup_17: a group without tasks passes the cancellation of its body on', function* (form) {
  let cut = 0;
  const task = yield* cancelledAfter100(form, function* () {
    yield* withTaskGroup(
      form(function* () {
        try {
          yield* sleep(10_000);
        } finally {
          cut += 10;
        }
      }),
    );
  });
  assert.deepEqual([task.state, cut], ['cancelled', 10]);
});

bothForms('test_taskgroup_18: a body that throws something else instead of its cancellation', function* (form) {
  const task = yield* cancelledAfter100(form, function* () {
    yield* withTaskGroup(form(crashesInCleanUp));
  });
  assert.equal(task.state, 'rejected');
  assert.equal(String(outcome(task)), 'RangeError: clean-up');
});

bothForms('test_taskgroup_22: cancelled while the group waits for its tasks', function* (form) {
  const passed = stopwatch();
  const task = yield* cancelledAfter100(form, function* () {
    yield* withTaskGroup((group) => {
      group.spawn(sleep, 1000);
      group.spawn(sleep, 2000);
    });
  });
  assert.deepEqual([task.state, passed()], ['cancelled', 100]);
});

bothForms('test_nested_groups_both_cancelled: two groups that fail in one turn throw each its own failure', function* (form) {
  const raises = form(function* (error: Error) {
    yield* sleep(0);
    throw error;
  });
  let inside: Error | undefined;
  let wentOn = false;
  const error = yield* failure(
    withTaskGroup(
      form(function* (outer: TaskGroup) {
        inside = yield* failure(
          withTaskGroup((inner) => {
            inner.spawn(raises, new RangeError('inner'));
            outer.spawn(raises, new TypeError('outer'));
          }),
        );
        yield* sleep(0); // the outer group is cancelled, and says so here
        wentOn = true;
      }),
    ),
  );
  assert.deepEqual([inside?.message, error.message, wentOn], ['inner', 'outer', false]);
});

bothForms(
  'test_error_and_cancel: a failure and a cancellation in one turn: the group throws the failure, the next wait the cancellation',
  function* (form) {
    const event = new Event();
    const seen: string[] = [];
    const raises = form(function* () {
      event.set();
      yield* sleep(0);
      throw new RangeError('task');
    });
    const inner = form(function* () {
      const error = yield* failure(
        withTaskGroup(
          form(function* (group: TaskGroup) {
            group.spawn(raises);
            yield* sleep(1);
            seen.push('the body went on');
          }),
        ),
      );
      seen.push(String(error));
      yield* sleep(1);
      seen.push('the task went on');
    });
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const task = group.spawn(inner);
        yield* event.wait();
        task.cancel();
        const error = yield* failure(task);
        assert.ok(isCancelled(error));
        assert.equal(task.state, 'cancelled');
      }),
    );
    assert.deepEqual(seen, ['RangeError: task']);
  },
);
