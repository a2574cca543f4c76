// After CPython 3.13.0, Lib/test/test_asyncio/test_timeouts.py (PSF-2.0): errors, cancellations and groups inside of a time limit. Python chains the errors by __context__; here
// the cause of a TimeoutError is the cancellation, and an error that takes its place stands alone.
// Left out: see timeouts.test.ts.
import assert from 'node:assert/strict';
import { CancelledError, type Coroutine, TimeoutError } from '../../../core/index.js';
import { type CancelScope, currentTask, failuresOf, sleep, type TaskGroup, withShield, withTaskGroup, withTimeout } from '../../index.js';
import { bothForms, type Form, failure, isCancelled, stopwatch } from '../harness.js';

/** Runs `main` as a task and gives back what it threw or returned. */
function* asTask<T>(form: Form, main: () => Coroutine<T>): Coroutine<unknown> {
  let seen: unknown;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      try {
        seen = yield* group.spawn(form(main));
      } catch (error) {
        seen = error;
      }
    }),
  );
  return seen;
}

bothForms('test_foreign_exception_passed: an error in time passes', function* () {
  let limit: CancelScope | undefined;
  const error = yield* failure(
    withTimeout(10, (scope) => {
      limit = scope;
      throw new RangeError('own');
    }),
  );
  assert.deepEqual([String(error), limit?.expired], ['RangeError: own', false]);
  yield* sleep(20); // and the limit is gone
});

bothForms('test_timeout_exception_context: a limit that runs out in a finally', function* (form) {
  const error = yield* failure(
    withTimeout(
      10,
      form(function* () {
        try {
          throw new RangeError('first');
        } finally {
          yield* sleep(1000);
        }
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.ok(error.cause instanceof CancelledError);
});

bothForms('test_foreign_exception_on_timeout: an error of the clean-up takes the place of the TimeoutError', function* (form) {
  const error = yield* failure(
    withTimeout(
      10,
      form(function* () {
        try {
          yield* sleep(1000);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that it takes the place of the cancellation is the point
          throw new RangeError('clean-up');
        }
      }),
    ),
  );
  assert.equal(String(error), 'RangeError: clean-up');
});

bothForms('test_foreign_exception_on_timeout_2: of several the last', function* (form) {
  const error = yield* failure(
    withTimeout(
      10,
      form(function* () {
        try {
          try {
            throw new TypeError('first');
          } finally {
            yield* sleep(1000);
          }
        } finally {
          try {
            // biome-ignore lint/correctness/noUnsafeFinally: as above
            throw new SyntaxError('second');
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: as above
            throw new RangeError('third');
          }
        }
      }),
    ),
  );
  assert.equal(String(error), 'RangeError: third');
});

bothForms('test_foreign_cancel_doesnt_timeout_if_not_expired: a cancellation from outside stays one', function* (form) {
  let limit: CancelScope | undefined;
  const error = yield* asTask(form, function* () {
    yield* withTimeout(
      10_000,
      form(function* (scope: CancelScope) {
        limit = scope;
        currentTask()?.cancel();
        yield* sleep(10_000);
      }),
    );
  });
  assert.ok(isCancelled(error));
  assert.equal(limit?.expired, false);
});

bothForms('test_nested_timeout_in_finally: clean-up with a limit of its own', function* (form) {
  const passed = stopwatch();
  const inner: Error[] = [];
  const error = yield* failure(
    withTimeout(
      10,
      form(function* () {
        try {
          yield* sleep(1000);
        } finally {
          // Without a shield the first wait throws again, and the inner limit has not run out.
          inner.push(yield* failure(withTimeout(10, () => sleep(10_000))));
          inner.push(yield* failure(withShield(() => sleep(10_000), { timeout: 10 })));
        }
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.ok(error.cause instanceof CancelledError);
  assert.equal(inner[0], error.cause);
  assert.ok(inner[1] instanceof TimeoutError);
  assert.ok(inner[1].cause instanceof CancelledError && inner[1].cause !== error.cause);
  assert.equal(passed(), 20);
});

bothForms('test_timeout_after_cancellation: a limit in a task that was cancelled', function* (form) {
  const seen: unknown[] = [];
  const error = yield* asTask(form, function* () {
    currentTask()?.cancel();
    try {
      yield* sleep(1);
    } catch (swallowed) {
      seen.push(swallowed);
    }
    seen.push(yield* failure(withShield(() => sleep(1), { timeout: 0 })));
    yield* withTimeout(0, () => sleep(1)); // asyncio forgets what was swallowed; here the cancellation stays
  });
  assert.ok(isCancelled(seen[0]));
  assert.ok(seen[1] instanceof TimeoutError);
  assert.equal(error, seen[0]);
});

bothForms('test_cancel_in_timeout_after_cancellation: cancelled twice', function* (form) {
  const seen: unknown[] = [];
  const error = yield* asTask(form, function* () {
    currentTask()?.cancel('once');
    try {
      yield* sleep(1);
    } catch (swallowed) {
      seen.push(swallowed);
    }
    yield* withTimeout(
      1000,
      form(function* () {
        currentTask()?.cancel('twice');
        yield* sleep(2000);
      }),
    );
  });
  assert.ok(error instanceof CancelledError);
  assert.equal(error, seen[0]); // the first reason counts
  assert.equal(error.reason, 'once');
});

bothForms('test_timeout_taskgroup: a task that fails in its clean-up wins over the limit', function* (form) {
  const error = yield* failure(
    withTimeout(10, () =>
      withTaskGroup(
        form(function* (group: TaskGroup) {
          group.spawn(
            form(function* () {
              try {
                yield* sleep(2000);
              } finally {
                // biome-ignore lint/correctness/noUnsafeFinally: as above
                throw new RangeError('clean-up');
              }
            }),
          );
          try {
            throw new TypeError('replaced by the cancellation that follows');
          } finally {
            yield* sleep(1000);
          }
        }),
      ),
    ),
  );
  assert.deepEqual(failuresOf(error).map(String), ['RangeError: clean-up']);
});
