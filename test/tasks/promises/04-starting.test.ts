/** Promise 4: a spawned task starts in the next turn, in the order of spawning, and runs to its first wait also when it was cancelled before it began. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CancelScope,
  checkpoint,
  currentSignal,
  run,
  sleep,
  type Task,
  type TaskGroup,
  withCancelScope,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, forms } from './forms.js';

bothForms('4: not within the call of spawn, and before anything that comes later', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          seen.push('task');
          yield* checkpoint();
        }),
      );
      assert.equal(task.state, 'pending');
      seen.push('body');
      yield* checkpoint();
      seen.push('body, next turn');
      assert.equal(task.state === 'pending', false);
    }),
  );
  assert.deepEqual(seen, ['body', 'task', 'body, next turn']);
});

test('4: in the order of spawning, whatever form they have and whatever group they are in', async () => {
  const seen: number[] = [];
  await run(() =>
    withTaskGroup((outer) =>
      withTaskGroup((inner) => {
        for (let n = 0; n < 100; n++) {
          const [, form] = forms[n % 2];
          const work: () => unknown = form(function* () {
            seen.push(n);
            yield* checkpoint();
          });
          (n % 3 === 0 ? outer : inner).spawn(n % 5 === 0 ? () => seen.push(n) : work);
        }
      }),
    ),
  );
  assert.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, n) => n),
  );
});

/** What sees the light in a task that is cancelled before its first step. */
const ways: [name: string, cancel: (task: Task<void>, group: TaskGroup, scope: CancelScope) => void][] = [
  ['the task', (task) => void task.cancel()],
  ['its group', (_, group) => void group.cancel()],
  ['a scope around the group', (_, __, scope) => void scope.cancel()],
];
for (const [way, cancel] of ways) {
  bothForms(`4: ${way} cancelled before the first step: it runs to its first wait, and its finally and using run`, function* (form) {
    const seen: string[] = [];
    const work = form(function* (name: string) {
      using _resource = { [Symbol.dispose]: () => void seen.push('disposed') };
      try {
        seen.push(`${name} began, ${currentSignal()?.aborted ? 'cancelled' : 'not cancelled'}`);
        yield* sleep(10_000);
        seen.push('went on');
      } finally {
        seen.push('finally');
      }
    });
    let task: Task<void> | undefined;
    yield* withCancelScope((scope) =>
      withTaskGroup((group) => {
        task = group.spawn(work, 'it');
        cancel(task, group, scope);
      }),
    );
    assert.deepEqual([seen, task?.state], [['it began, cancelled', 'finally', 'disposed'], 'cancelled']);
  });
}

bothForms('4: also in a group whose cancellation came first, and one whose time has run out', function* (form) {
  const seen: string[] = [];
  const work = form(function* () {
    seen.push('began');
    yield* checkpoint();
    seen.push('went on');
  });
  yield* withTaskGroup((group) => {
    group.cancel();
    group.spawn(work);
  });
  yield* withCancelScope((scope) => {
    scope.cancel();
    return withTimeout(0, () => withTaskGroup((group) => void group.spawn(work)));
  });
  assert.deepEqual(seen, ['began', 'began']);
});

bothForms('4: a task without any wait is done in spite of its cancellation', function* () {
  const seen: string[] = [];
  yield* withTaskGroup((group) => {
    const task = group.spawn((a: string, b: string) => seen.push(a + b), 'with ', 'arguments');
    task.cancel();
  });
  assert.deepEqual(seen, ['with arguments']);
});
