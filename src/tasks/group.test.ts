// Of task groups: what no rule of docs/from-asyncio.md says, and no random program sees.
import assert from 'node:assert/strict';
import { setTimeout as timer } from 'node:timers/promises';
import { CancelledError } from '../core/index.js';
import type { Future } from '../futures/index.js';
import { bothForms, failure, isCancelled, quiet } from './borrowed/harness.js';
import {
  currentSignal,
  defer,
  failuresOf,
  type GroupOptions,
  onLateError,
  sleep,
  type TaskGroup,
  withShield,
  withTaskGroup,
} from './index.js';

bothForms('the tasks of a group are its tasks, in the order of spawning, and not the blocks of its body', function* (form) {
  yield* withTaskGroup(
    form(function* (group) {
      const spawned = [1, 2, 3].map(() => group.spawn(() => sleep(10)));
      const shield = withShield(() => sleep(20));
      assert.deepEqual(group.tasks, spawned);
      yield* shield;
      assert.deepEqual(group.tasks, []);
    }),
  );
});

bothForms('a group that has ended says which function came too late, and which group it was', function* () {
  const group = (yield* withTaskGroup((group) => [group], { name: 'early' }))[0] as TaskGroup;
  assert.throws(() => group.spawn(function late() {}), { name: 'GroupClosedError', message: /^late was .*group early/ });
  assert.throws(() => group.spawn(() => 1), { name: 'GroupClosedError', message: /^A function was/ });
  assert.throws(() => group.spawn(1 as never), { name: 'NotCallableError', message: /^spawn expects/ });
  assert.equal(group.cancel(), false);
  assert.throws(() => withTaskGroup(1 as never), /withTaskGroup expects a function/);
  assert.throws(() => withTaskGroup(() => 1, { graze: 1 } as never), /withTaskGroup/);
});

// A body and its only task, how the group ends, and with which error.
const failed = new Error('failed');
const fails = () => {
  throw failed;
};
const waits = () => sleep(1000);
const ends: [
  what: string,
  options: GroupOptions,
  body: (group: TaskGroup) => unknown,
  state: string,
  outcome: (value: unknown) => boolean,
][] = [
  ['a value', {}, () => 'value', 'fulfilled', (value) => value === 'value'],
  ['a failure of the body', {}, fails, 'rejected', (error) => error === failed],
  ['a failure of a task', {}, (group) => void group.spawn(fails), 'rejected', (error) => error === failed],
  [
    'failures that are collected',
    { onFailure: 'collect' },
    (group) => void group.spawn(fails),
    'rejected',
    (error) => error instanceof AggregateError && error.errors.length === 1 && error.errors[0] === failed,
  ],
  [
    'a cancellation of its own',
    {},
    (group) => {
      group.cancel();
      return sleep(1);
    },
    'fulfilled',
    (value) => value === undefined,
  ],
  [
    'the error of its own cancellation as a value',
    {},
    function* (group) {
      group.cancel();
      return yield* failure(sleep(1));
    },
    'fulfilled',
    isCancelled,
  ],
];
for (const [what, options, body, state, outcome] of ends) {
  bothForms(`a group ends with ${what}`, function* () {
    const group = withTaskGroup(body, options);
    const value = yield* withShield(() => Promise.allSettled([group]));
    assert.equal(group.state, state);
    assert.ok(outcome(value[0].status === 'fulfilled' ? value[0].value : value[0].reason));
  });
}

bothForms('cut off from outside after its body has ended, a group is cancelled, with the error of what was cancelled', function* (form) {
  yield* withTaskGroup(
    form(function* (outer) {
      let inner: Future<unknown> | undefined;
      const task = outer.spawn(
        form(function* () {
          inner = withTaskGroup((group) => void group.spawn(waits));
          yield* inner;
        }),
      );
      yield* quiet();
      task.cancel('from outside');
      const error = yield* failure(task);
      assert.equal(inner?.state, 'cancelled');
      assert.equal(yield* failure(inner as Future<unknown>), error);
      assert.ok(error instanceof CancelledError && error.reason === 'from outside');
    }),
  );
});

bothForms('a body that ends by an AbortError of a library gives that, also if a task was cut off as well', function* (form) {
  yield* withTaskGroup(
    form(function* (outer) {
      let inner: Future<unknown> | undefined;
      const task = outer.spawn(
        form(function* () {
          inner = withTaskGroup((group) => {
            group.spawn(waits);
            return timer(100_000, undefined, { signal: currentSignal() });
          });
          yield* inner;
        }),
      );
      yield* quiet();
      task.cancel();
      const error = yield* failure(task);
      assert.ok(isCancelled(error) && !(error instanceof CancelledError));
      assert.equal(yield* failure(inner as Future<unknown>), error);
      assert.deepEqual([inner?.state, task.state], ['cancelled', 'cancelled']);
    }),
  );
});

bothForms(
  'a body that fails cuts off the tasks with an error that names it; where failures are collected it lets them go on',
  function* (form) {
    const seen: unknown[] = [];
    const body = (group: TaskGroup) => {
      group.spawn(
        form(function* () {
          seen.push(yield* failure(sleep(10)));
        }),
      );
      throw failed;
    };
    assert.equal(yield* failure(withTaskGroup(body)), failed);
    assert.ok(seen[0] instanceof CancelledError && seen[0].cause === failed && seen[0].reason === failed);

    const done: string[] = [];
    const both = withTaskGroup(
      (group) => {
        group.spawn(
          form(function* () {
            yield* sleep(10);
            done.push('to its end');
          }),
        );
        throw failed;
      },
      { onFailure: 'collect' },
    );
    assert.deepEqual(((yield* failure(both)) as AggregateError).errors, [failed]);
    assert.deepEqual(done, ['to its end']);
  },
);

bothForms('a group that is given up has the failures it had until then, and tells those that come later as late', function* () {
  const late: unknown[] = [];
  const restore = onLateError((error) => late.push(error));
  const [early, lateTask, lateClean] = ['early', 'late', 'in the clean-up'].map((name) => new Error(name));
  let letGo = (): void => undefined;
  const stuck = new Promise<void>((done) => {
    letGo = done;
  });
  const group = withTaskGroup(
    async (group) => {
      defer(() => {
        throw lateClean;
      });
      group.spawn(async () => {
        throw early;
      });
      group.spawn(async () => {
        await stuck;
        throw lateTask;
      });
      await stuck;
    },
    { grace: 10 },
  );
  const error = yield* failure(group);
  assert.equal(error.name, 'TaskAbandonedError');
  assert.deepEqual(failuresOf(error), [error, early]);
  assert.deepEqual(late, []);
  letGo();
  yield* sleep(1);
  assert.deepEqual(late, [lateTask, lateClean]);
  restore();
});
