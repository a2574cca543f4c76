/** Promise 3, for timers: of a timer and a cancellation in the same turn one decides, and there is one outcome and never two. On a virtual clock, so that they do come in the same turn. */
import assert from 'node:assert/strict';
import { clock, TimeoutError } from '../../core/index.js';
import { FutureSource } from '../../futures/index.js';
import { bothForms, failure, stopwatch } from '../borrowed/harness.js';
import { type CancelScope, checkpoint, now, sleep, type Task, type TaskGroup, withDeadline, withTaskGroup, withTimeout } from '../index.js';

bothForms('3: a sleep and a deadline at the same instant: what was set first decides', function* (form) {
  for (const first of ['deadline', 'sleep'] as const) {
    const outcomes: string[] = [];
    const passed = stopwatch();
    const at = now() + 10;
    try {
      const value = yield* withDeadline(
        first === 'deadline' ? at : Number.POSITIVE_INFINITY,
        form(function* (scope: CancelScope) {
          if (first === 'sleep') queueMicrotask(() => scope.reschedule(at)); // once the sleep has begun
          try {
            yield* sleep(10);
            outcomes.push('slept');
          } catch (error) {
            outcomes.push((error as Error).name);
            throw error;
          }
          return 'value';
        }),
      );
      outcomes.push(value);
    } catch (error) {
      outcomes.push((error as Error).name);
    }
    assert.deepEqual(outcomes, first === 'deadline' ? ['AbortError', 'TimeoutError'] : ['slept', 'value']);
    yield* sleep(100); // nothing of it comes later
    assert.deepEqual([outcomes.length, passed()], [2, 110]);
  }
});

bothForms('3: a timer that fires in the turn of a cancellation, either way round', function* (form) {
  for (const first of ['cancel', 'timer'] as const) {
    const outcomes: string[] = [];
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        let sleeper: Task<void> | undefined;
        const canceller = () =>
          group.spawn(
            form(function* () {
              yield* sleep(10);
              sleeper?.cancel();
            }),
          );
        if (first === 'cancel') canceller();
        sleeper = group.spawn(
          form(function* () {
            try {
              yield* sleep(10);
              outcomes.push('slept');
              yield* checkpoint();
              outcomes.push('went on');
            } catch (error) {
              outcomes.push((error as Error).name);
              throw error;
            }
          }),
        );
        if (first === 'timer') canceller();
      }),
    );
    // Both timers have fired before either task goes on, so the sleeper has slept in both cases; its next wait depends on who is first.
    assert.deepEqual(outcomes, first === 'cancel' ? ['slept', 'AbortError'] : ['slept', 'went on']);
  }
});

bothForms('3: a value that comes at the instant of the deadline, before it, is kept', function* (form) {
  const source = new FutureSource<string>();
  const start = now();
  clock.after(10, () => source.fulfil('value'));
  const value = yield* withDeadline(
    start + 10,
    form(function* () {
      const got = yield* source.future;
      assert.equal(now(), start + 10);
      return got;
    }),
  );
  assert.equal(value, 'value'); // asyncio's wait_for throws, and the value is lost
});

bothForms('3: a value that comes after the deadline, in its turn, is still there for others', function* (form) {
  const source = new FutureSource<string>();
  const wait = form(function* () {
    return yield* source.future;
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(
        form(function* () {
          yield* sleep(10); // wakes up at the deadline, and takes its turn after it
          source.fulfil('value');
        }),
      );
      yield* checkpoint();
      assert.ok((yield* failure(withTimeout(10, wait))) instanceof TimeoutError);
    }),
  );
  assert.equal(yield* withTimeout(10, wait), 'value');
});
