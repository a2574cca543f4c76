// After CPython 3.13.0, Lib/test/test_asyncio/test_waitfor.py (PSF-2.0): `wait_for(f(), t)` is `withTimeout(t, f)`. Who waits for a task and runs out of time leaves the task alone here;
// asyncio cancels it, and needs `shield` not to.
// Left out: none.
import assert from 'node:assert/strict';
import { type Coroutine, OptionError, TimeoutError } from '../../../core/index.js';
import { FutureSource } from '../../../futures/index.js';
import { sleep, type Task, type TaskGroup, withShield, withTaskGroup, withTimeout } from '../../index.js';
import { bothForms, failure, isCancelled, quiet, stopwatch } from '../harness.js';

for (const [name, ms] of [
  ['test_asyncio_wait_for_cancelled: cancelled, it waits for what does not listen', 400],
  ['test_asyncio_wait_for_timeout: out of time, it waits for what does not listen', 100],
] as const) {
  bothForms(name, function* (form) {
    const passed = stopwatch();
    let exited = false;
    // The original swallows each cancellation; here that is a shield.
    const slow = form(function* () {
      yield* withShield(() => sleep(200));
      exited = true;
    });
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const task = group.spawn(() => withTimeout(ms, slow));
        yield* sleep(0);
        if (ms === 400) task.cancel();
        yield* task;
      }),
    );
    assert.deepEqual([exited, passed()], [true, 200]);
  });
}

bothForms('test_wait_for_timeout_less_then_0_or_0_future_done: what is there already is given, in time', function* (form) {
  const source = new FutureSource<string>();
  source.fulfil('done');
  const wait = form(function* () {
    return yield* source.future;
  });
  assert.equal(yield* withTimeout(1, wait), 'done');
  // asyncio gives it in no time too; here a limit that has passed cuts off every wait, also one that would not have to wait.
  assert.ok((yield* failure(withTimeout(0, wait))) instanceof TimeoutError);
});

bothForms('test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started: a body always begins', function* (form) {
  // asyncio does not start it. Here a body that never waits cannot run out of time.
  const value = yield* withTimeout(
    0,
    // biome-ignore lint/correctness/useYield: it is one that never waits
    form(function* () {
      return 'began';
    }),
  );
  assert.equal(value, 'began');
});

bothForms('test_wait_for_timeout_less_then_0_or_0: no time at all', function* (form) {
  let running: boolean | undefined;
  const body = form(function* () {
    running = true;
    try {
      yield* sleep(10);
    } finally {
      running = false;
    }
    return 'done';
  });
  assert.ok((yield* failure(withTimeout(0, body))) instanceof TimeoutError);
  assert.equal(running, false);
  running = undefined;
  assert.throws(() => withTimeout(-1, body), OptionError); // there like 0
  assert.equal(running, undefined);
});

bothForms('test_wait_for: what is cut off runs its finally', function* (form) {
  let running: boolean | undefined;
  const error = yield* failure(
    withTimeout(
      100,
      form(function* () {
        running = true;
        try {
          yield* sleep(100_000);
        } finally {
          running = false;
        }
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.equal(running, false);
});

bothForms('test_wait_for_blocking: without a limit', function* (form) {
  const body = form(function* () {
    yield* sleep(1_000_000);
    return 'done';
  });
  assert.equal(yield* withTimeout(Number.POSITIVE_INFINITY, body), 'done');
});

bothForms('test_wait_for_race_condition: what is settled in the next turn is in time', function* (form) {
  const source = new FutureSource<string>();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(() => source.fulfil('ok'));
      assert.equal(
        yield* withTimeout(
          200,
          form(function* () {
            return yield* source.future;
          }),
        ),
        'ok',
      );
    }),
  );
});

for (const [name, value] of [
  ['test_wait_for_cancellation_race_condition: a value in spite of the cancellation is kept', 1],
  ['test_wait_for_cancel_suppressed: whatever it is', 42],
] as const) {
  bothForms(name, function* (form) {
    const got = yield* withTimeout(
      10,
      form(function* () {
        assert.ok(isCancelled(yield* failure(sleep(1000))));
        return value;
      }),
    );
    assert.equal(got, value);
  });
}

for (const [name, ms] of [
  ['test_wait_for_waits_for_task_cancellation: it ends after the clean-up', 1],
  ['test_wait_for_waits_for_task_cancellation_w_timeout_0: also without any time', 0],
] as const) {
  bothForms(name, function* (form) {
    const passed = stopwatch();
    let done = false;
    const error = yield* failure(
      withTimeout(
        ms,
        form(function* () {
          try {
            yield* sleep(10_000);
          } finally {
            yield* withShield(() => sleep(5));
            done = true;
          }
        }),
      ),
    );
    assert.ok(error instanceof TimeoutError);
    assert.ok(isCancelled(error.cause));
    assert.deepEqual([done, passed()], [true, ms + 5]);
  });
}

bothForms('test_wait_for_reraises_exception_during_cancellation: an error of the clean-up is what it throws', function* (form) {
  const error = yield* failure(
    withTimeout(
      1,
      form(function* () {
        try {
          yield* sleep(200);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that it takes the place of the cancellation is the point
          throw new RangeError('foo');
        }
      }),
    ),
  );
  assert.equal(String(error), 'RangeError: foo');
});

for (const [name, ms] of [
  ['test_cancel_blocking_wait_for: cancelling what waits cancels what it waits for, without a limit', Number.POSITIVE_INFINITY],
  ['test_cancel_wait_for: and with one', 60_000],
] as const) {
  bothForms(name, function* (form) {
    let inside: Error | undefined;
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const body = form(function* () {
          const source = new FutureSource<void>();
          inside = yield* failure(source.future);
          throw inside;
        });
        const task = group.spawn(() => withTimeout(ms, body));
        yield* sleep(0);
        task.cancel();
        assert.ok(isCancelled(yield* failure(task)));
      }),
    );
    assert.ok(isCancelled(inside));
  });
}

bothForms(
  'test_wait_for_issue86296: a value that was there before the cancellation is kept, and the next wait is cut off',
  function* (form) {
    // asyncio loses the value: its waiter is cancelled though what it waits for is done.
    let got: string | undefined;
    let reachedEnd = false;
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const source = new FutureSource<string>();
        const waiter = group.spawn(
          form(function* () {
            got = yield* withTimeout(
              100_000,
              form(function* () {
                return yield* source.future;
              }),
            );
            yield* sleep(1);
            reachedEnd = true;
          }),
        );
        yield* quiet();
        source.fulfil('done');
        waiter.cancel();
        assert.ok(isCancelled(yield* failure(waiter)));
      }),
    );
    assert.deepEqual([got, reachedEnd], ['done', false]);
  },
);

function* slow(): Coroutine<string> {
  yield* sleep(100);
  return 'done';
}

for (const [name, ms, expected] of [
  ['WaitForShieldTests.test_zero_timeout: a task that is only waited for goes on', 0, TimeoutError],
  ['WaitForShieldTests.test_none_timeout: and gives its value if there is time', Number.POSITIVE_INFINITY, 'done'],
  ['WaitForShieldTests.test_shielded_timeout: and later to somebody else', 10, TimeoutError],
] as const) {
  bothForms(name, function* (form) {
    let task: Task<string> | undefined;
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const kept = group.spawn(form(slow));
        task = kept;
        const waiting = withTimeout(
          ms,
          form(function* () {
            return yield* kept;
          }),
        );
        if (typeof expected === 'string') assert.equal(yield* waiting, expected);
        else {
          assert.ok((yield* failure(waiting)) instanceof expected);
          assert.equal(kept.settled, false);
        }
      }),
    );
    assert.equal(task?.result(), 'done');
  });
}
