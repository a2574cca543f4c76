/** Promise 5: the first failure cancels its siblings and is what the group throws, as itself; no failure is ever lost. And the order of what comes in one turn: a failure, a cancellation, a deadline. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeoutError } from 'meantime';
import { type Future, FutureSource } from 'meantime/futures';
import {
  type CancelScope,
  cancellable,
  checkpoint,
  defer,
  failuresOf,
  now,
  onLateError,
  sleep,
  type Task,
  type TaskGroup,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, type Coroutine, type Form, failure } from './forms.js';

const error = (message: string) => new RangeError(message);
const fail = (what: unknown) => {
  throw what;
};

bothForms('5: the first failure is thrown as itself, and the others are cancelled', function* (form) {
  const boom = error('boom');
  const siblings: Task<void>[] = [];
  const thrown = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        siblings.push(group.spawn(() => sleep(10_000)));
        group.spawn(fail, boom);
        siblings.push(group.spawn(() => sleep(10_000)));
        yield* sleep(10_000);
      }),
    ),
  );
  assert.equal(thrown, boom);
  assert.deepEqual(
    siblings.map((task) => task.state),
    ['cancelled', 'cancelled'],
  );
});

bothForms('5: failuresOf has all of them in the order in which they came, groups inside included', function* (form) {
  function* cleanUp(ms: number, what: Error): Coroutine<void> {
    try {
      yield* sleep(10_000);
    } finally {
      yield* withShield(() => sleep(ms));
      fail(what);
    }
  }
  const [first, ...others] = ['first', 'after 1', 'inner, after 20', 'after 40', 'the body'].map(error);
  const thrown = yield* failure(
    withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(form(cleanUp), 40, others[2]);
        group.spawn(form(cleanUp), 1, others[0]);
        group.spawn(() => withTaskGroup((inner) => void inner.spawn(form(cleanUp), 20, others[1])));
        group.spawn(fail, first);
        yield* cleanUp(60, others[3]);
      }),
    ),
  );
  assert.equal(thrown, first);
  assert.deepEqual(failuresOf(thrown), [first, ...others]);
});

bothForms('5: also what was deferred fails, and what is thrown twice is listed once', function* () {
  const [own, shared] = [error('own'), error('shared')];
  const thrown = yield* failure(
    withTaskGroup((group) => {
      defer(() => fail(own));
      for (let n = 0; n < 3; n++) group.spawn(fail, shared);
    }),
  );
  assert.deepEqual(failuresOf(thrown), [shared, own]);
});

bothForms('5: with `collect` the others finish, and one AggregateError has all failures', function* (form) {
  const seen: string[] = [];
  const [one, two] = [error('one'), error('two')];
  const late = form(function* () {
    yield* sleep(2);
    fail(two);
  });
  const thrown = yield* failure(
    withTaskGroup(
      (group) => {
        group.spawn(late);
        group.spawn(fail, one);
        group.spawn(
          form(function* () {
            yield* sleep(1);
            seen.push('finished');
          }),
        );
      },
      { onFailure: 'collect' },
    ),
  );
  assert.ok(thrown instanceof AggregateError);
  assert.deepEqual([thrown.errors, failuresOf(thrown), seen], [[one, two], [thrown], ['finished']]);
});

test('5: what fails after the group has thrown is told as late', async () => {
  // An async task on a foreign promise: a generator lets nobody wait for what does not listen.
  const late = error('too late');
  const { told, gate } = { told: new FutureSource<unknown>(), gate: new FutureSource<void>() };
  const foreign = Promise.resolve(gate.future);
  const restore = onLateError((what) => told.fulfil(what));
  await assert.rejects(
    withTaskGroup(
      (group) => {
        group.spawn(async function stubborn() {
          await foreign;
          fail(late);
        });
        group.spawn(fail, error('first'));
      },
      { grace: 1 },
    ),
  );
  assert.equal(told.future.settled, false);
  gate.fulfil();
  assert.equal(await told.future, late);
  restore();
});

/*
 * One turn: a wait of a task ends with a failure, the scope around is cancelled, a time limit in between runs out. (outer scope > time limit > group > task.)
 * Whatever decides the task's wait first stays; then of nested scopes the outermost names the error; and a failure is thrown in any case.
 */
type Step = 'fail' | 'cancel' | 'expire';
const orders: [steps: Step[], outcome: string][] = [
  [['fail', 'cancel', 'expire'], 'boom'],
  [['fail', 'expire', 'cancel'], 'boom'],
  [['cancel', 'fail', 'expire'], 'quiet'],
  [['cancel', 'expire', 'fail'], 'quiet'],
  [['expire', 'fail', 'cancel'], 'quiet'],
  [['expire', 'cancel', 'fail'], 'quiet'],
  [['fail', 'cancel'], 'boom'],
  [['fail', 'expire'], 'boom'],
  [['expire', 'fail'], 'timeout'],
  [['cancel', 'expire'], 'quiet'],
  [['expire', 'cancel'], 'quiet'],
  [['expire'], 'timeout'],
];

function* inOneTurn(form: Form, steps: Step[]): Coroutine<[outcome: string, afterwards: string]> {
  const source = new FutureSource<void>();
  const boom = error('boom');
  let afterwards = 'nothing';
  const acts: Partial<Record<Step, () => void>> = { fail: () => source.reject(boom) };
  let outcome = 'quiet';
  const limited = form(function* (limit: CancelScope) {
    acts.expire = () => void limit.reschedule(now() - 1);
    yield* withTaskGroup((group) => {
      group.spawn(
        form(function* () {
          yield* source.future;
        }),
      );
    });
  });
  try {
    yield* withCancelScope(
      form(function* (scope: CancelScope) {
        acts.cancel = () => void scope.cancel();
        setImmediate(() => {
          for (const step of steps) acts[step]?.();
        });
        try {
          yield* withTimeout(10_000, limited);
        } finally {
          afterwards = scope.cancelled ? 'cancelled' : 'not cancelled';
        }
      }),
    );
  } catch (thrown) {
    if (thrown === boom) outcome = 'boom';
    else if (thrown instanceof TimeoutError) outcome = 'timeout';
    else throw thrown;
  }
  return [outcome, afterwards];
}

for (const [steps, expected] of orders) {
  bothForms(`5: in one turn ${steps.join(', ')}: ${expected}`, function* (form) {
    const [outcome, afterwards] = yield* inOneTurn(form, steps);
    assert.equal(outcome, expected);
    assert.equal(afterwards, steps.includes('cancel') ? 'cancelled' : 'not cancelled');
  });
}

bothForms(
  '5: a group that fails in the turn of its cancellation throws the failure, and the scope around says so at the next wait',
  function* (form) {
    const source = new FutureSource<void>();
    const boom = error('boom');
    const seen: unknown[] = [];
    yield* withCancelScope(
      form(function* (scope: CancelScope) {
        setImmediate(() => {
          source.reject(boom);
          scope.cancel();
        });
        seen.push(yield* failure(withTaskGroup((group) => void group.spawn(() => source.future))));
        yield* checkpoint();
        seen.push('went on');
      }),
    );
    assert.deepEqual(seen, [boom]);
  },
);

for (const [name, wait] of [
  ['yield* future', (future: Future<void>) => future],
  ['cancellable(future)', (future: Future<void>) => cancellable(future)],
] as const) {
  for (const when of ['in the same turn', 'later'] as const) {
    bothForms(`5: ${name}: what fails ${when} after its waiter was cut off is nobody's, and no unhandled rejection`, function* (form) {
      const source = new FutureSource<void>();
      yield* withCancelScope(
        form(function* (scope: CancelScope) {
          setImmediate(() => {
            scope.cancel();
            if (when === 'in the same turn') source.reject(error('nobody’s'));
          });
          yield* wait(source.future);
        }),
      );
      yield* sleep(1);
      source.reject(error('nobody’s'));
      yield* sleep(1); // the runner fails a test in which a rejection is unhandled
      assert.equal(source.future.state, 'rejected');
    });
  }
}
