// After CPython 3.13.0, Lib/test/test_asyncio/test_timeouts.py (PSF-2.0): blocks with a time limit. What becomes of errors and of cancellations in them is in timeouts-and-errors.test.ts.
// Left out: test_repr_active, test_repr_expired, test_repr_finished, test_repr_disabled: a limit has no text of its own; test_timeout_already_entered, test_timeout_double_enter and
// test_timeout_not_entered: a block is one call, it cannot be entered again or used before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError, TimeoutError } from '../../../core/index.js';
import { type CancelScope, now, sleep, type TaskGroup, withDeadline, withTaskGroup, withTimeout } from '../../index.js';
import { bothForms, compute, failure, isCancelled, stopwatch } from '../harness.js';

bothForms('test_timeout_basic: what takes too long is cut off', function* (form) {
  const passed = stopwatch();
  let limit: CancelScope | undefined;
  const error = yield* failure(
    withTimeout(
      10,
      form(function* (scope: CancelScope) {
        limit = scope;
        yield* sleep(10_000);
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.deepEqual([limit?.expired, passed()], [true, 10]);
});

bothForms('test_timeout_at_basic: a point in time', function* (form) {
  const deadline = now() + 10;
  let limit: CancelScope | undefined;
  const error = yield* failure(
    withDeadline(
      deadline,
      form(function* (scope: CancelScope) {
        limit = scope;
        yield* sleep(10_000);
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.deepEqual([limit?.expired, limit?.deadline], [true, deadline]);
});

bothForms('test_nested_timeouts: of two limits at the same instant only the outer one raises', function* (form) {
  const deadline = now() + 10;
  const limits: CancelScope[] = [];
  let inside: Error | undefined;
  const error = yield* failure(
    withDeadline(
      deadline,
      form(function* (outer: CancelScope) {
        const inner = form(function* (scope: CancelScope) {
          limits.push(outer, scope);
          yield* sleep(10_000);
        });
        inside = yield* failure(withDeadline(deadline, inner));
        throw inside;
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.ok(isCancelled(inside));
  assert.deepEqual(
    limits.map((limit) => limit.expired),
    [true, true],
  );
});

bothForms('test_waiter_cancelled: inside it is a cancellation', function* (form) {
  let inside: Error | undefined;
  const error = yield* failure(
    withTimeout(
      10,
      form(function* () {
        inside = yield* failure(sleep(10_000));
        throw inside;
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.ok(isCancelled(inside));
});

bothForms('test_timeout_not_called: what is in time', function* (form) {
  const value = yield* withTimeout(
    10_000,
    form(function* (scope: CancelScope) {
      yield* sleep(10);
      assert.ok(scope.deadline > now());
      return scope.expired;
    }),
  );
  assert.equal(value, false);
});

for (const [name, limited] of [
  ['test_timeout_disabled: no limit is Infinity', withTimeout],
  ['test_timeout_at_disabled: no point in time either', withDeadline],
] as const) {
  bothForms(name, function* (form) {
    const seen = yield* limited(
      Number.POSITIVE_INFINITY,
      form(function* (scope: CancelScope) {
        yield* sleep(10);
        return [scope.expired, scope.deadline] as const;
      }),
    );
    assert.deepEqual(seen, [false, Number.POSITIVE_INFINITY]);
  });
}

for (const [name, ms] of [
  ['test_timeout_zero: a limit of 0 cuts off what waits', 10_000],
  ['test_timeout_zero_sleep_zero: also what only lets others run', 0],
] as const) {
  bothForms(name, function* (form) {
    const passed = stopwatch();
    let wentOn = false;
    const error = yield* failure(
      withTimeout(
        0,
        form(function* () {
          yield* sleep(ms);
          wentOn = true;
        }),
      ),
    );
    assert.ok(error instanceof TimeoutError);
    assert.deepEqual([wentOn, passed()], [false, 0]);
  });
}

bothForms('test_timeout_in_the_past_sleep_zero: a point in time that has passed', function* (form) {
  const body = form(function* () {
    yield* sleep(0);
  });
  assert.ok((yield* failure(withDeadline(now() - 11, body))) instanceof TimeoutError);
  assert.throws(() => withTimeout(-11, body), OptionError); // asyncio takes a negative duration; here it is a mistake
});

bothForms('test_outer_task_is_not_cancelled: the task around a limit goes on', function* (form) {
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          return yield* failure(withTimeout(1, () => sleep(10_000)));
        }),
      );
      assert.ok((yield* task) instanceof TimeoutError);
      assert.equal(task.state, 'fulfilled');
    }),
  );
});

bothForms('test_nested_timeouts_concurrent: a step that overruns the outer limit', function* (form) {
  let inside: Error | undefined;
  const error = yield* failure(
    withTimeout(
      2,
      form(function* () {
        inside = yield* failure(
          withTimeout(
            100,
            form(function* () {
              compute(10);
              yield* sleep(1000);
            }),
          ),
        );
        throw inside;
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.ok(isCancelled(inside));
});

bothForms('test_nested_timeouts_loop_busy: a step that overruns both limits', function* (form) {
  const passed = stopwatch();
  let inside: Error | undefined;
  const error = yield* failure(
    withTimeout(
      100,
      form(function* () {
        inside = yield* failure(
          withTimeout(
            10,
            form(function* () {
              compute(100);
              yield* sleep(1000);
            }),
          ),
        );
        yield* sleep(10_000);
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.ok(isCancelled(inside)); // asyncio's inner limit raises first; here the outermost of what is due in one turn names the error
  assert.equal(passed(), 100);
});

bothForms('test_reschedule: a deadline can be moved, and taken away', function* (form) {
  const deadline = now() + 10;
  let limit: CancelScope | undefined;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(() =>
        withDeadline(
          deadline,
          form(function* (scope: CancelScope) {
            limit = scope;
            yield* sleep(50);
          }),
        ),
      );
      yield* sleep(0);
      assert.equal(limit?.deadline, deadline);
      assert.equal(limit.reschedule(deadline + 20), true);
      assert.equal(limit.deadline, deadline + 20);
      assert.equal(limit.reschedule(Number.POSITIVE_INFINITY), true);
      assert.equal(limit.deadline, Number.POSITIVE_INFINITY);
      yield* sleep(40);
      task.cancel();
      assert.ok(isCancelled(yield* failure(task)));
    }),
  );
  assert.equal(limit?.expired, false);
});

bothForms('test_timeout_finished: what has ended is not moved', function* (form) {
  // asyncio raises in these three cases; here the answer is `false`.
  let limit: CancelScope | undefined;
  yield* withTimeout(
    10,
    form(function* (scope: CancelScope) {
      limit = scope;
      yield* sleep(1);
    }),
  );
  assert.equal(limit?.reschedule(now() + 20), false);
});

bothForms('test_timeout_expired: nor what has run out', function* (form) {
  let limit: CancelScope | undefined;
  const body = form(function* (scope: CancelScope) {
    limit = scope;
    yield* sleep(1000);
  });
  yield* failure(withTimeout(10, body));
  assert.equal(limit?.reschedule(now() + 20), false);
});

bothForms('test_timeout_expiring: nor what is about to end for it', function* (form) {
  const moved = yield* withTimeout(
    10,
    form(function* (scope: CancelScope) {
      yield* failure(sleep(1000));
      return scope.reschedule(now() + 20);
    }),
  );
  assert.equal(moved, false);
});

test('test_timeout_without_task: a limit needs no task around it', async () => {
  // asyncio refuses; here the block is then a root of its own.
  await assert.rejects(
    withTimeout(1, () => sleep(10_000)),
    TimeoutError,
  );
});
