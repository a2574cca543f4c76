// Rules 16 to 24 of docs/from-asyncio.md: task groups.
import assert from 'node:assert/strict';
import { type CancelledError, TimeoutError } from '../../core/index.js';
import { bothForms, failure, isCancelled, quiet, stopwatch } from '../borrowed/harness.js';
import {
  checkpoint,
  failuresOf,
  GroupClosedError,
  sleep,
  type Task,
  type TaskGroup,
  withShield,
  withTaskGroup,
  withTimeout,
} from '../index.js';

const reasonOf = (error: unknown): unknown => (error as CancelledError).reason;

bothForms(
  'rule 16: failures are listed in the order in which they happened, also those of a clean-up; the group waits for all',
  function* (form) {
    const passed = stopwatch();
    const [a, b, c] = ['a', 'b', 'body'].map((name) => new Error(name));
    const error = yield* failure(
      withTaskGroup(
        form(function* (group) {
          group.spawn(
            form(function* () {
              yield* sleep(10);
              throw a;
            }),
          );
          group.spawn(
            form(function* () {
              try {
                yield* sleep(1000);
              } catch {
                yield* withShield(() => sleep(30));
                throw b;
              }
            }),
          );
          try {
            yield* sleep(1000);
          } catch {
            yield* withShield(() => sleep(20));
            throw c;
          }
        }),
      ),
    );
    assert.equal(error, a);
    assert.deepEqual(failuresOf(error), [a, c, b]);
    assert.equal(passed(), 40);
  },
);

bothForms('rule 17: a failing task cuts off the body; what follows the group goes on undisturbed', function* (form) {
  const failed = new Error('task');
  let inside: Error | undefined;
  const error = yield* failure(
    withTaskGroup(
      form(function* (group) {
        group.spawn(() => {
          throw failed;
        });
        inside = yield* failure(sleep(1000));
        throw inside;
      }),
    ),
  );
  assert.equal(error, failed);
  assert.ok(isCancelled(inside));
  assert.equal(inside?.cause, failed);
  yield* sleep(1); // is no longer cut off
});

bothForms('rule 18: what is spawned in a group that was cancelled begins, and ends at its first cancellation point', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup((group) => {
    group.cancel();
    group.spawn(
      form(function* () {
        try {
          seen.push('begun');
          yield* sleep(1000);
        } finally {
          seen.push('cleaned up');
        }
      }),
    );
  });
  assert.deepEqual(seen, ['begun', 'cleaned up']);
});

bothForms('rule 18: a task may spawn siblings while the group waits for its end; a group that has ended refuses', function* (form) {
  const seen: number[] = [];
  let ended: TaskGroup | undefined;
  yield* withTaskGroup((group) => {
    ended = group;
    const chain = form(function* (left: number) {
      yield* sleep(1);
      seen.push(left);
      if (left > 0) group.spawn(chain, left - 1);
    });
    group.spawn(chain, 3);
  });
  assert.deepEqual(seen, [3, 2, 1, 0]);
  assert.throws(() => (ended as TaskGroup).spawn(() => 1), GroupClosedError);
});

bothForms('rule 19: a task that was cancelled is no failure, nor is one that returns in spite of it', function* (form) {
  const tasks: Task<unknown>[] = [];
  const value = yield* withTaskGroup(
    form(function* (group) {
      tasks.push(
        group.spawn(() => sleep(1000)),
        group.spawn(
          form(function* () {
            yield* failure(sleep(1000));
            return 'in spite of it';
          }),
        ),
      );
      yield* quiet();
      for (const task of tasks) task.cancel();
      yield* sleep(1);
      return 'value of the group';
    }),
  );
  assert.equal(value, 'value of the group');
  assert.deepEqual(
    tasks.map(({ state }) => state),
    ['cancelled', 'fulfilled'],
  );
});

bothForms('rule 20: cancelled from outside without a failure, a group passes the cancellation on', function* (form) {
  yield* withTaskGroup(
    form(function* (outer) {
      const task = outer.spawn(
        form(function* () {
          yield* withTaskGroup((group) => void group.spawn(() => sleep(1000)));
        }),
      );
      yield* quiet();
      task.cancel('from outside');
      assert.equal(reasonOf(yield* failure(task)), 'from outside');
      assert.equal(task.state, 'cancelled');
    }),
  );
});

bothForms(
  'rule 20: with a failure as well the group throws the failure, and the next cancellation point throws the cancellation',
  function* (form) {
    const failed = new Error('in the clean-up');
    const seen: unknown[] = [];
    yield* withTaskGroup(
      form(function* (outer) {
        const task = outer.spawn(
          form(function* () {
            const inner = withTaskGroup(
              form(function* (group) {
                group.spawn(
                  form(function* () {
                    yield* failure(sleep(1000));
                    throw failed;
                  }),
                );
                yield* sleep(1000);
              }),
            );
            seen.push(yield* failure(inner));
            seen.push(isCancelled(yield* failure(checkpoint())));
          }),
        );
        yield* quiet();
        task.cancel();
      }),
    );
    assert.deepEqual(seen, [failed, true]);
  },
);

bothForms('rule 21: cancelling once more does not disturb those who are cleaning up', function* (form) {
  const passed = stopwatch();
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (outer) {
      const task = outer.spawn(() =>
        withTaskGroup((group) => {
          group.spawn(
            form(function* () {
              try {
                yield* sleep(1000);
              } finally {
                yield* withShield(() => sleep(30));
                seen.push('cleaned up');
              }
            }),
          );
        }),
      );
      yield* sleep(10);
      task.cancel('first');
      yield* sleep(10);
      task.cancel('second');
      assert.equal(reasonOf(yield* failure(task)), 'first');
    }),
  );
  assert.deepEqual(seen, ['cleaned up']);
  assert.equal(passed(), 40);
});

bothForms('rule 22: the failure of an inner group reaches the outer one when the inner one has ended, as itself', function* (form) {
  const seen: string[] = [];
  const [first, second] = [new Error('first'), new Error('second')];
  const error = yield* failure(
    withTaskGroup(
      form(function* (outer) {
        outer.spawn(
          form(function* () {
            try {
              yield* sleep(1000);
            } finally {
              seen.push('a task of the outer group is cancelled');
            }
          }),
        );
        yield* withTaskGroup((inner) => {
          inner.spawn(
            form(function* () {
              yield* sleep(10);
              throw first;
            }),
          );
          inner.spawn(
            form(function* () {
              yield* failure(sleep(1000));
              yield* withShield(() => sleep(10));
              seen.push('the inner group has ended');
              throw second;
            }),
          );
        });
      }),
    ),
  );
  assert.equal(error, first);
  assert.deepEqual(failuresOf(error), [first, second]);
  assert.deepEqual(seen, ['the inner group has ended', 'a task of the outer group is cancelled']);
});

bothForms('rule 23: spawn never runs the function and never throws its error', function* (form) {
  const seen: string[] = [];
  const failed = new Error('at once');
  const error = yield* failure(
    withTaskGroup(
      form(function* (group) {
        group.spawn(() => {
          seen.push('begun');
          throw failed;
        });
        seen.push('spawned');
        group.spawn(() => seen.push('the next one begins too'));
        yield* sleep(1);
        seen.push('never');
      }),
    ),
  );
  assert.equal(error, failed);
  assert.deepEqual(seen, ['spawned', 'begun', 'the next one begins too']);
});

bothForms(
  'rule 24: a group that cancels itself ends quietly, however often; failures of its tasks are thrown all the same',
  function* (form) {
    let states: boolean[] = [];
    const quietly = yield* withTaskGroup(
      form(function* (group) {
        group.spawn(() => sleep(1000));
        states = [group.cancel(), group.cancel(), group.cancelled];
        yield* sleep(1000);
        return 'never';
      }),
    );
    assert.equal(quietly, undefined);
    assert.deepEqual(states, [true, true, true]);
    const failed = new Error('in the clean-up');
    const error = yield* failure(
      withTaskGroup((group) => {
        group.spawn(
          form(function* () {
            yield* failure(sleep(1000));
            throw failed;
          }),
        );
        group.cancel();
      }),
    );
    assert.equal(error, failed);
  },
);

bothForms('rule 24: a time limit that runs out while a cancelled group cleans up is not swallowed', function* (form) {
  const error = yield* failure(
    withTimeout(
      20,
      form(function* () {
        yield* withTaskGroup((group) => {
          group.spawn(
            form(function* () {
              try {
                yield* sleep(1000);
              } finally {
                yield* withShield(() => sleep(50));
              }
            }),
          );
          group.cancel();
        });
        yield* sleep(1);
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
});
