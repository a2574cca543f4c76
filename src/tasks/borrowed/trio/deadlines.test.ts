// After trio 0.22.2, trio/_core/_tests/test_run.py (MIT or Apache-2.0): the tests about deadlines. A scope whose deadline passes ends with a TimeoutError here, where trio's ends quietly.
// Left out: test_current_effective_deadline: nothing tells the nearest deadline of all around.
import assert from 'node:assert/strict';
import { TimeoutError } from '../../../core/index.js';
import { type CancelScope, checkpoint, now, sleep, withCancelScope, withDeadline, withTimeout } from '../../index.js';
import { bothForms, compute, failure, isCancelled, quiet, stopwatch } from '../harness.js';

const forever = () => sleep(Number.POSITIVE_INFINITY);

bothForms('test_basic_timeout: a deadline that is set, passed, and moved', function* (form) {
  const start = now();
  let early: CancelScope | undefined;
  yield* withCancelScope((scope) => {
    assert.equal(scope.deadline, Number.POSITIVE_INFINITY);
    scope.reschedule(start + 1);
    assert.equal(scope.deadline, start + 1);
    early = scope;
  });
  yield* sleep(2);
  assert.deepEqual([early?.cancelled, early?.expired], [false, false]); // it had ended before

  let late: CancelScope | undefined;
  const error = yield* failure(
    withDeadline(
      now() + 1,
      form(function* (scope: CancelScope) {
        late = scope;
        yield* forever();
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError); // where trio leaves the block quietly
  assert.deepEqual([late?.cancelled, late?.expired], [true, true]);

  yield* failure(
    withCancelScope(
      form(function* (scope: CancelScope) {
        const begin = now();
        yield* checkpoint();
        scope.reschedule(begin + 10);
        yield* sleep(5);
        scope.reschedule(begin + 1); // has passed
        for (let n = 0; n < 2; n++) assert.ok(isCancelled(yield* failure(checkpoint())));
        throw new Error('reached the end');
      }),
    ),
  );
});

bothForms('test_timekeeping: a deadline is kept to the millisecond', function* () {
  // The original measures with the real clock, once; here the virtual one is exact.
  const passed = stopwatch();
  yield* failure(withTimeout(1000, forever));
  assert.equal(passed(), 1000);
});

bothForms('test_yield_briefly_checks_for_timeout: a step that overruns the limit', function* (form) {
  const error = yield* failure(
    withTimeout(
      5,
      form(function* () {
        yield* checkpoint();
        compute(10);
        yield* quiet(); // trio looks at the clock at every checkpoint; here when the event loop has had a turn
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
});

bothForms('test_cancel_scope_deadline_duplicates: a deadline that is moved time and again', function* (form) {
  const deadline = yield* withCancelScope(
    form(function* (scope: CancelScope) {
      const start = now();
      for (let n = 0; n < 2000; n++) {
        scope.reschedule(start + 9998);
        scope.reschedule(start + 9999);
      }
      yield* sleep(10);
      return scope.deadline - start;
    }),
  );
  assert.equal(deadline, 9999);
});
