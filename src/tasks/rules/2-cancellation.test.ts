// Rules 7 to 15 of docs/from-asyncio.md: cancelling a task.
import assert from 'node:assert/strict';
import { CancelledError } from '../../core/index.js';
import { bothForms, failure, isCancelled, quiet } from '../borrowed/harness.js';
import { type CancelScope, call, Event, Lock, Queue, sleep, type Task, withCancelScope, withShield, withTaskGroup } from '../index.js';

const reasonOf = (error: unknown): unknown => (error as CancelledError).reason;

bothForms('rule 7: a task that is cancelled before its start runs to its first cancellation point', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(
        form(function* () {
          seen.push('begun');
          try {
            yield* sleep(1000);
            seen.push('never');
          } finally {
            seen.push('cleaned up');
          }
        }),
      );
      task.cancel();
      yield* failure(task);
      assert.equal(task.state, 'cancelled');
    }),
  );
  assert.deepEqual(seen, ['begun', 'cleaned up']);
});

bothForms('rule 8: who waits for a task and is cancelled leaves the task alone, and so those who share it', function* (form) {
  let shared: Task<string> | undefined;
  yield* withTaskGroup(
    form(function* (group) {
      shared = group.spawn(
        form(function* () {
          yield* sleep(10);
          return 'value';
        }),
      );
      const waiter = form(function* () {
        return yield* shared as Task<string>;
      });
      const [one, two] = [group.spawn(waiter), group.spawn(waiter)];
      yield* quiet();
      one.cancel();
      assert.ok(isCancelled(yield* failure(one)));
      assert.equal(yield* two, 'value');
    }),
  );
  assert.equal(shared?.state, 'fulfilled');
});

bothForms('rule 9: cancel() is delivered in a later turn, and is false for a task that has ended', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(
        form(function* () {
          try {
            yield* sleep(1000);
          } finally {
            seen.push('delivered');
          }
        }),
      );
      yield* quiet();
      assert.equal(task.cancel(), true);
      seen.push('asked');
      yield* failure(task);
      assert.equal(task.cancel(), false);
    }),
  );
  assert.deepEqual(seen, ['asked', 'delivered']);
});

bothForms('rule 10: what was delivered in the turn of the cancellation is kept', function* (form) {
  const seen: unknown[] = [];
  const [event, queue, lock] = [new Event(), new Queue<string>(1), new Lock()];
  const held = lock.tryAcquire();
  const waits = [
    form(function* () {
      yield* event.wait();
      seen.push('event');
    }),
    form(function* () {
      seen.push(yield* queue.get());
    }),
    form(function* () {
      using _ = yield* lock.acquire();
      seen.push('lock');
    }),
  ];
  yield* withTaskGroup(
    form(function* (group) {
      const tasks = waits.map((wait) =>
        group.spawn(
          form(function* () {
            yield* call(wait);
            yield* sleep(1); // here
            seen.push('never');
          }),
        ),
      );
      yield* quiet();
      event.set();
      queue.tryPut('item');
      held?.release();
      for (const task of tasks) task.cancel();
      for (const task of tasks) assert.ok(isCancelled(yield* failure(task)));
    }),
  );
  assert.deepEqual(seen, ['event', 'item', 'lock']);
  assert.equal(lock.locked, false);
});

bothForms('rule 11: who cancels itself goes on to the next cancellation point, and without one its value counts', function* (form) {
  const tasks: Task<unknown>[] = [];
  const free = new Lock();
  yield* withTaskGroup(
    form(function* (group) {
      const value = () => {
        tasks[0].cancel();
        return 'value';
      };
      const uncontended = form(function* () {
        tasks[1].cancel();
        yield* free.acquire(); // it would not have to wait
        return 'never';
      });
      tasks.push(group.spawn(value), group.spawn(uncontended));
    }),
  );
  assert.deepEqual(
    tasks.map(({ state }) => state),
    ['fulfilled', 'cancelled'],
  );
  assert.equal(tasks[0].result(), 'value');
  assert.equal(free.locked, false);
});

bothForms('rule 12: a swallowed cancellation comes again at every cancellation point', function* (form) {
  let caught = 0;
  yield* withTaskGroup(
    form(function* (group) {
      const stubborn = group.spawn(
        form(function* () {
          while (caught < 3) {
            try {
              yield* sleep(1000);
            } catch {
              caught++;
            }
          }
          yield* sleep(1);
        }),
      );
      yield* quiet();
      stubborn.cancel();
      yield* failure(stubborn);
      assert.equal(stubborn.state, 'cancelled');
    }),
  );
  assert.equal(caught, 3);
});

bothForms('rule 12: of two cancellations the first counts, and the second does not disturb the clean-up', function* (form) {
  const seen: unknown[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(
        form(function* () {
          try {
            yield* sleep(1000);
          } catch (error) {
            seen.push((error as CancelledError).reason);
            yield* withShield(() => sleep(10));
            seen.push('cleaned up');
            throw error;
          }
        }),
      );
      yield* quiet();
      task.cancel('first');
      task.cancel('second');
      yield* sleep(5);
      task.cancel('third');
      assert.equal(reasonOf(yield* failure(task)), 'first');
    }),
  );
  assert.deepEqual(seen, ['first', 'cleaned up']);
});

bothForms('rule 13: a cancelled part ends at its own border, and the task around it was never cancelled', function* (form) {
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(
        form(function* () {
          const states: boolean[] = [];
          for (let i = 0; i < 3; i++) {
            yield* withCancelScope(
              form(function* (scope: CancelScope) {
                scope.cancel();
                states.push(scope.cancelled);
                yield* sleep(1000);
              }),
            );
            yield* sleep(1); // no cancellation is left over
          }
          return states;
        }),
      );
      assert.deepEqual(yield* task, [true, true, true]);
      assert.equal(task.state, 'fulfilled');
    }),
  );
});

bothForms('rule 14: what the clean-up throws takes the place of the cancellation', function* (form) {
  const failed = new Error('in the clean-up');
  let task: Task<void> | undefined;
  const error = yield* failure(
    withTaskGroup(
      form(function* (group) {
        task = group.spawn(
          form(function* () {
            try {
              yield* sleep(1000);
            } finally {
              // biome-ignore lint/correctness/noUnsafeFinally: that is what is tested
              throw failed;
            }
          }),
        );
        yield* quiet();
        task.cancel();
      }),
    ),
  );
  assert.equal(error, failed);
  assert.equal(task?.state, 'rejected');
});

bothForms('rule 14: the cancellation of somebody else is a failure like any other', function* (form) {
  const error = yield* failure(
    withTaskGroup(
      form(function* (group) {
        const other = group.spawn(() => sleep(1000));
        group.spawn(
          form(function* () {
            yield* other; // this one was not cancelled, and must not look as if it had been
          }),
        );
        yield* quiet();
        other.cancel('only this one');
      }),
    ),
  );
  assert.ok(error instanceof CancelledError);
  assert.equal(error.reason, 'only this one');
});

bothForms('rule 15: everybody who waits for a cancelled task gets the same error, with the reason', function* (form) {
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(() => sleep(1000));
      const waiters = [1, 2].map(() => group.spawn(form(() => failure(task))));
      yield* quiet();
      const reason = { because: 'of this' };
      task.cancel(reason);
      const [one, two] = [yield* waiters[0], yield* waiters[1]];
      assert.equal(one, two);
      assert.equal(one, yield* failure(task));
      assert.equal((one as CancelledError).reason, reason);
    }),
  );
});
