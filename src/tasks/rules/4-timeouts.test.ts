// Rules 25 to 30 of docs/from-asyncio.md: time limits.
import assert from 'node:assert/strict';
import { OptionError, TimeoutError } from '../../core/index.js';
import { bothForms, type Form, failure, isCancelled, quiet, stopwatch } from '../borrowed/harness.js';
import {
  type CancelScope,
  checkpoint,
  Lock,
  now,
  Queue,
  sleep,
  TaskAbandonedError,
  withDeadline,
  withShield,
  withTaskGroup,
  withTimeout,
} from '../index.js';

bothForms(
  'rule 25: inside it is a cancellation and the limit has expired; at the border a TimeoutError whose cause it is',
  function* (form) {
    let inside: Error | undefined;
    let expired: boolean | undefined;
    const error = yield* failure(
      withTimeout(
        10,
        form(function* (limit: CancelScope) {
          inside = yield* failure(sleep(1000));
          expired = limit.expired;
          throw inside;
        }),
      ),
    );
    assert.ok(error instanceof TimeoutError);
    assert.ok(isCancelled(inside));
    assert.equal(error.cause, inside);
    assert.equal(expired, true);
  },
);

/** An outer limit of 10 ms around an inner one. */
const nested = (inner: number) =>
  function* (form: Form) {
    const limits: CancelScope[] = [];
    let through: Error | undefined;
    const error = yield* failure(
      withDeadline(
        now() + 10,
        form(function* (outer: CancelScope) {
          limits.push(outer);
          through = yield* failure(
            withTimeout(
              inner,
              form(function* (limit: CancelScope) {
                limits.push(limit);
                yield* sleep(1000);
              }),
            ),
          );
          throw through;
        }),
      ),
    );
    assert.ok(error instanceof TimeoutError);
    assert.ok(isCancelled(through));
    assert.deepEqual(
      limits.map(({ expired }) => expired),
      [true, inner === 10],
    );
  };

bothForms('rule 25: of nested limits the nearest raises, and the outer one alone', nested(30));
bothForms('rule 25: of two limits that run out at the same instant only the outer one raises', nested(10));

bothForms('rule 26: cancelled from outside in the turn in which its limit runs out, a task is cancelled', function* (form) {
  for (const limitFirst of [true, false]) {
    yield* withTaskGroup(
      form(function* (group) {
        let limit: CancelScope | undefined;
        const task = group.spawn(() =>
          withTimeout(1000, (scope) => {
            limit = scope;
            return sleep(10_000);
          }),
        );
        yield* quiet();
        if (limitFirst) limit?.reschedule(now());
        task.cancel('from outside');
        if (!limitFirst) limit?.reschedule(now());
        assert.ok(isCancelled(yield* failure(task)));
        assert.equal(task.state, 'cancelled');
      }),
    );
  }
});

bothForms('rule 26: an error of the body takes the place of the TimeoutError', function* (form) {
  const failed = new Error('in the clean-up');
  const error = yield* failure(
    withTimeout(
      10,
      form(function* () {
        yield* failure(sleep(1000));
        throw failed;
      }),
    ),
  );
  assert.equal(error, failed);
});

bothForms('rule 27: a body that swallows the limit and returns gives its value; if it waits again it does not', function* (form) {
  let expired: boolean | undefined;
  const stubborn = (thenWaits: boolean) =>
    withTimeout(
      10,
      form(function* (limit: CancelScope) {
        yield* failure(sleep(1000));
        expired = limit.expired;
        if (thenWaits) yield* sleep(1);
        return 'value';
      }),
    );
  assert.equal(yield* stubborn(false), 'value');
  assert.equal(expired, true);
  assert.ok((yield* failure(stubborn(true))) instanceof TimeoutError);
});

bothForms(
  'rule 27: no time at all ends the first wait, also one that would not have to wait; without any wait the value counts',
  function* (form) {
    const lock = new Lock();
    const error = yield* failure(withTimeout(0, () => lock.acquire()));
    assert.ok(error instanceof TimeoutError);
    assert.equal(lock.locked, false);
    assert.equal(yield* withTimeout(0, () => 'value'), 'value');
    const passed = stopwatch();
    const busy = withTimeout(
      10,
      form(function* () {
        const until = now() + 5;
        for (let i = 0; i < 100 && now() < until; i++) yield* checkpoint();
        return 'never waits for time';
      }),
    );
    assert.equal(yield* busy, 'never waits for time');
    assert.equal(passed(), 0);
  },
);

bothForms(
  'rule 28: what is delivered in the turn of the limit is kept; if the limit comes first, the item stays in the queue',
  function* (form) {
    for (const limitFirst of [true, false]) {
      const queue = new Queue<string>(1);
      yield* withTaskGroup(
        form(function* (group) {
          let limit: CancelScope | undefined;
          const task = group.spawn(() =>
            withTimeout(1000, (scope) => {
              limit = scope;
              return queue.get();
            }).catch((error) => error),
          );
          yield* quiet();
          if (limitFirst) limit?.reschedule(now());
          queue.tryPut('item');
          if (!limitFirst) limit?.reschedule(now());
          const outcome: unknown = yield* task;
          if (limitFirst) assert.ok(outcome instanceof TimeoutError);
          else assert.equal(outcome, 'item');
          assert.equal(queue.tryGet(), limitFirst ? 'item' : undefined);
        }),
      );
    }
  },
);

bothForms('rule 28: of a limit and a sleep that end at the same instant the one that was set first is first', function* (form) {
  const both = (limitFirst: boolean) =>
    withTimeout(
      1000,
      form(function* (limit: CancelScope) {
        const at = now() + 10;
        if (limitFirst) limit.reschedule(at);
        const slept = sleep(10);
        if (!limitFirst) limit.reschedule(at);
        yield* slept;
        return limit.expired;
      }),
    );
  assert.ok((yield* failure(both(true))) instanceof TimeoutError);
  assert.equal(yield* both(false), true);
});

bothForms('rule 29: a task that fails in its clean-up wins over the limit around its group', function* (form) {
  const failed = new Error('in the clean-up');
  const error = yield* failure(
    withTimeout(10, () =>
      withTaskGroup((group) => {
        group.spawn(
          form(function* () {
            yield* failure(sleep(1000));
            throw failed;
          }),
        );
      }),
    ),
  );
  assert.equal(error, failed);
});

bothForms('rule 29: a limit waits for the clean-up, unless a grace says for how long', function* (form) {
  const cleaning = (options: { grace?: number }) =>
    withTimeout(
      10,
      form(function* () {
        try {
          yield* sleep(1000);
        } finally {
          yield* withShield(() => sleep(50));
        }
      }),
      options,
    );
  let passed = stopwatch();
  assert.ok((yield* failure(cleaning({}))) instanceof TimeoutError);
  assert.equal(passed(), 60);
  passed = stopwatch();
  assert.ok((yield* failure(cleaning({ grace: 20 }))) instanceof TaskAbandonedError);
  assert.equal(passed(), 30);
  yield* sleep(100); // what was given up ends alone
});

bothForms('rule 30: no time is enough only for what is there already; a negative time is refused', function* (form) {
  yield* withTaskGroup(
    form(function* (group) {
      const done = group.spawn(() => 'value');
      yield* sleep(1);
      const slow = group.spawn(() => sleep(5));
      assert.equal(yield* withTimeout(0, () => done.result()), 'value');
      assert.ok((yield* failure(withTimeout(0, () => slow))) instanceof TimeoutError);
      assert.equal(slow.settled, false);
      assert.throws(() => withTimeout(-1, () => done), OptionError);
    }),
  );
});

bothForms('rule 30: a value that comes late in spite of the limit is given', function* (form) {
  const passed = stopwatch();
  const late = withTimeout(
    10,
    form(function* () {
      yield* failure(sleep(1000));
      yield* withShield(() => sleep(30));
      return 'late';
    }),
  );
  assert.equal(yield* late, 'late');
  assert.equal(passed(), 40);
});
