// After trio 0.22.2, trio/_core/_tests/test_run.py and trio/_tests/test_timeouts.py (MIT or Apache-2.0): what becomes of errors in a nursery, which is a task group here, and of bad times. trio
// gathers errors into one; here the first is thrown and `failuresOf` has them all.
// Left out, of test_run.py beside what cancel-scopes.test.ts has and names: test_nursery_warn_use_async_with, the *_init, *_subclass and *_str tests: no classes to be misused;
// test_run_strict_exception_groups*, test_nursery_strict_exception_groups: there is one way; test_nursery_stop_iteration, test_nursery_stop_async_iteration: no StopIteration;
// test_nice_error_on_bad_calls_to_run_or_spawn and test_calling_asyncio_function_*: other mistakes are made here, see test/tasks/bad-input.test.ts; test_contextvar_*: see
// ../asyncio/groups.test.ts. Machinery without a counterpart: test_reschedule, test_TrioToken_*, test_*system_task*, test_error_in_run_loop, test_exc_info*, the *_chaining_* and
// *traceback* tests, test_root_task, test_out_of_context, test_current_clock, test_current_time_with_mock_clock, test_current_statistics, test_task_nursery_stack, test_sniffio_integration,
// test_Task_custom_sleep_data, the detached coroutine tests, test_async_function_implemented_in_C, test_locals_destroyed_promptly_on_cancel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Coroutine, OptionError, TimeoutError } from '../../../core/index.js';
import {
  checkpoint,
  currentTask,
  failuresOf,
  GroupClosedError,
  NestedRunError,
  now,
  run,
  sleep,
  type Task,
  type TaskGroup,
  withCancelScope,
  withDeadline,
  withTaskGroup,
  withTimeout,
} from '../../index.js';
import { bothForms, failure, quiet, stopwatch, virtually } from '../harness.js';

const forever = () => sleep(Number.POSITIVE_INFINITY);
const crash = (error: Error) => {
  throw error;
};

test('test_basic and test_initial_task_error: the value of the main task, and its error', () =>
  virtually(() => 8).then(async () => {
    assert.equal(await run(() => 8), 8);
    assert.equal(
      await run(function* () {
        yield* checkpoint();
        return 1;
      }),
      1,
    );
    await assert.rejects(
      run(() => crash(new RangeError('17'))),
      { message: '17' },
    );
  }));

test('test_run_nesting: a run inside of a run', async () => {
  await assert.rejects(
    run(() => run(() => 'inner')),
    NestedRunError,
  );
});

bothForms('test_nursery_main_block_error_basic and test_nursery_explicit_exception: an error of the body', function* () {
  const own = new RangeError('whoops');
  assert.equal(yield* failure(withTaskGroup(() => crash(own))), own);
});

bothForms('test_child_crash_basic: an error of a task', function* () {
  const own = new RangeError('uh oh');
  assert.equal(yield* failure(withTaskGroup((group) => void group.spawn(crash, own))), own);
});

bothForms('test_basic_interleave: tasks take turns', function* (form) {
  const seen: string[] = [];
  const loop = form(function* (name: string) {
    for (let n = 0; n < 3; n++) {
      seen.push(`${name}${n}`);
      yield* checkpoint();
    }
  });
  yield* withTaskGroup((group) => {
    group.spawn(loop, 'a');
    group.spawn(loop, 'b');
  });
  assert.deepEqual(seen, ['a0', 'b0', 'a1', 'b1', 'a2', 'b2']); // always in this order; trio shuffles
});

bothForms('test_task_crash_propagation: a crash ends one that goes on and on', function* (form) {
  const seen: string[] = [];
  const looper = form(function* () {
    try {
      for (;;) yield* checkpoint();
    } finally {
      seen.push('cancelled');
    }
  });
  const error = yield* failure(
    withTaskGroup((group) => {
      group.spawn(looper);
      group.spawn(crash, new RangeError('argh'));
    }),
  );
  assert.deepEqual([error.message, seen], ['argh', ['cancelled']]);
});

bothForms('test_main_and_task_both_crash: both are listed, in the order in which they came', function* () {
  const error = yield* failure(
    withTaskGroup((group) => {
      group.spawn(crash, new RangeError('task'));
      throw new TypeError('body');
    }),
  );
  assert.deepEqual(failuresOf(error).map(String), ['TypeError: body', 'RangeError: task']);
});

bothForms('test_two_child_crashes: two tasks', function* () {
  const error = yield* failure(
    withTaskGroup((group) => {
      group.spawn(crash, new TypeError('one'));
      group.spawn(crash, new RangeError('two'));
    }),
  );
  assert.deepEqual(failuresOf(error).map(String), ['TypeError: one', 'RangeError: two']);
});

bothForms('test_child_crash_wakes_parent: a body that sleeps', function* (form) {
  const error = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(crash, new RangeError('wake up'));
        yield* forever();
      }),
    ),
  );
  assert.equal(error.message, 'wake up');
});

bothForms('test_nursery_collapse_loose and _strict: a group inside one that is cancelled', function* (form) {
  const error = yield* failure(
    withTaskGroup(
      form(function* (outer: TaskGroup) {
        outer.spawn(forever);
        outer.spawn(crash, new RangeError('outer'));
        yield* withTaskGroup((inner) => {
          inner.spawn(forever);
          inner.spawn(crash, new RangeError('inner'));
          outer.cancel();
        });
      }),
    ),
  );
  assert.deepEqual(failuresOf(error).map(String), ['RangeError: outer', 'RangeError: inner']);
});

bothForms('test_nursery_closure: open for its tasks, closed once it has ended', function* () {
  let ended: TaskGroup | undefined;
  const seen: string[] = [];
  yield* withTaskGroup((group) => {
    ended = group;
    group.spawn(() => group.spawn(() => seen.push('spawned by a task')));
  });
  assert.deepEqual(seen, ['spawned by a task']);
  assert.throws(() => ended?.spawn(checkpoint), GroupClosedError);
});

bothForms('test_spawn_name: named after its function, or by hand', function* (form) {
  const names: (string | undefined)[] = [];
  const func1 = form(function* func1() {
    yield* checkpoint();
    names.push(currentTask()?.name);
  });
  yield* withTaskGroup((group) => {
    group.spawn(func1);
    group.spawn(func1).name = 'func3';
  });
  assert.deepEqual(names, ['func1', 'func3']);
});

bothForms('test_current_task and test_task_tree_introspection: a task knows its group, and the task around that', function* (form) {
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const parent = group.spawn(
        form(function* parent() {
          const own = currentTask();
          return yield* withTaskGroup(
            form(function* (inner: TaskGroup) {
              const spawned: Task<boolean> = inner.spawn(
                form(function* child(): Coroutine<boolean> {
                  yield* quiet();
                  return currentTask() === spawned; // a task itself is no result: whoever is given it waits for it
                }),
              );
              assert.deepEqual([inner.tasks.length, inner.tasks[0] === spawned], [1, true]);
              return [yield* spawned, spawned.group === inner, spawned.parent === own];
            }),
          );
        }),
      );
      assert.deepEqual(yield* parent, [true, true, true]);
      assert.equal(parent.group, group);
    }),
  );
});

bothForms('test_current_time and test_sleep: time passes while one sleeps', function* (form) {
  const passed = stopwatch();
  yield* sleep(1000);
  assert.equal(passed(), 1000);
  yield* sleep(0);
  const wait = form(function* () {
    yield* sleep(0);
  });
  assert.ok((yield* failure(withDeadline(now(), wait))) instanceof TimeoutError);
});

bothForms('test_move_on_after and test_fail: to move on is to catch the TimeoutError', function* () {
  const passed = stopwatch();
  const limited = [
    () => withTimeout(1000, forever),
    () => withDeadline(now() + 1000, forever),
    () => withCancelScope((scope) => scope.reschedule(now() + 1000) && forever()),
  ];
  for (const limit of limited) assert.ok((yield* failure(limit())) instanceof TimeoutError);
  assert.equal(passed(), 3000);
  yield* withTimeout(100, checkpoint);
  yield* withDeadline(now() + 100, checkpoint);
  assert.equal(passed(), 3000);
});

bothForms('test_timeouts_raise_value_error: a time is a number, and not negative', function* (): Coroutine<void> {
  for (const bad of [-1, Number.NaN]) {
    assert.throws(() => sleep(bad), OptionError);
    assert.throws(() => withTimeout(bad, checkpoint), OptionError);
  }
  assert.throws(() => withDeadline(Number.NaN, checkpoint), OptionError);
  yield* withCancelScope((scope) => assert.throws(() => scope.reschedule(Number.NaN), OptionError));
});
