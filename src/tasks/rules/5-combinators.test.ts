// Rules 31 to 34 of docs/from-asyncio.md: shields and waiting for several.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asCompleted, wait } from '../../futures/index.js';
import { bothForms, failure, isCancelled, quiet, stopwatch, virtually } from '../borrowed/harness.js';
import { cancellable, failuresOf, gather, sleep, type Task, withShield, withTaskGroup } from '../index.js';

bothForms('rule 31: a shield is part of its task, which waits for it and is cancelled afterwards', function* (form) {
  const passed = stopwatch();
  const seen: unknown[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(
        form(function* () {
          seen.push(
            yield* withShield(
              form(function* () {
                yield* sleep(30);
                return 'value';
              }),
            ),
          );
          yield* sleep(1);
          seen.push('never');
        }),
      );
      yield* sleep(10);
      task.cancel();
      yield* failure(task);
      assert.equal(task.state, 'cancelled');
    }),
  );
  assert.deepEqual(seen, ['value']);
  assert.equal(passed(), 30);
});

bothForms('rule 31: a failure inside a shield is thrown where the shield is, also after a cancellation', function* (form) {
  const failed = new Error('inside');
  yield* withTaskGroup(
    form(function* (group) {
      let thrown: unknown;
      const task = group.spawn(
        form(function* () {
          thrown = yield* failure(
            withShield(
              form(function* () {
                yield* sleep(10);
                throw failed;
              }),
            ),
          );
        }),
      );
      yield* quiet();
      task.cancel();
      yield* task;
      assert.equal(thrown, failed);
    }),
  );
});

bothForms('rule 32: the first failure of gather cancels the others and waits for them; none is lost', function* (form) {
  const passed = stopwatch();
  const [first, second] = [new Error('first'), new Error('second')];
  let cancelled = false;
  const error = yield* failure(
    gather([
      form(function* () {
        yield* sleep(10);
        throw first;
      }),
      form(function* () {
        cancelled = isCancelled(yield* failure(sleep(1000)));
        yield* withShield(() => sleep(20));
        throw second;
      }),
    ]),
  );
  assert.equal(error, first);
  assert.deepEqual(failuresOf(error), [first, second]);
  assert.equal(cancelled, true);
  assert.equal(passed(), 30);
});

bothForms('rule 32: cancelling gather cancels all and waits for all; the same function twice is called twice', function* (form) {
  const seen: string[] = [];
  const slow = form(function* () {
    try {
      yield* sleep(10);
      return seen.push('called');
    } finally {
      seen.push('ended');
    }
  });
  assert.deepEqual(yield* gather([slow, slow]), [1, 3]);
  seen.length = 0;
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(() => gather([slow, slow]));
      yield* quiet();
      task.cancel();
      assert.ok(isCancelled(yield* failure(task)));
    }),
  );
  assert.deepEqual(seen, ['ended', 'ended']);
});

bothForms('rule 33: wait throws nothing and cancels nothing; asCompleted gives the tasks themselves as they end', function* (form) {
  yield* withTaskGroup(
    form(function* (group) {
      const failing = () => sleep(20).then(() => Promise.reject(new Error('slowly')));
      const tasks: Task<unknown>[] = [group.spawn(() => sleep(30)), group.spawn(() => sleep(10))];
      const inside = group.spawn(() =>
        withTaskGroup((inner) => {
          tasks.push(inner.spawn(failing));
        }).catch(() => 'seen'),
      );
      yield* quiet();
      const { done, pending } = yield* wait(tasks, { timeout: 15 });
      assert.deepEqual([done, pending], [[tasks[1]], [tasks[0], tasks[2]]]);
      const order: unknown[] = [];
      const reader = async () => {
        for await (const task of asCompleted(tasks)) order.push(task);
      };
      yield* cancellable(reader());
      assert.deepEqual(order, [tasks[1], tasks[2], tasks[0]]);
      assert.equal(yield* inside, 'seen');
      assert.deepEqual((yield* wait([])).done, []);
    }),
  );
});

test('rule 34: the failure of a task is the affair of its group: it is thrown once, and is not unhandled as well', async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listener);
  try {
    await virtually(async () => {
      let task: Task<never> | undefined;
      const failed = new Error('once');
      const group = withTaskGroup((group) => {
        task = group.spawn(() => {
          throw failed;
        });
      });
      assert.equal(await group.catch((error) => error), failed);
      assert.throws(
        () => task?.result(),
        (error) => error === failed,
      );
    });
    await new Promise(setImmediate);
  } finally {
    process.off('unhandledRejection', listener);
  }
  assert.deepEqual(unhandled, []);
});
