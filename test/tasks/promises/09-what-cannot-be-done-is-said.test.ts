/**
 * Promise 9: JavaScript cannot unwind an async function that is parked on a foreign promise. Such a task is reported by name, and a scope with a `grace` gives up on it with an error that says so. Generator tasks have
 * no such limit; they are cancelled with `throw()`, never with `return()`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FutureSource } from 'meantime/futures';
import {
  allTasks,
  type CancelScope,
  call,
  checkpoint,
  formatTasks,
  onLateError,
  run,
  sleep,
  TaskAbandonedError,
  type TaskGroup,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, type Coroutine, failure } from './forms.js';
import { program } from './programs.js';

/** A promise that does not listen to any signal, and how to settle it. */
function foreign(): { promise: Promise<string>; settle: () => void } {
  const source = new FutureSource<string>();
  return { promise: Promise.resolve(source.future), settle: () => source.fulfil('settled') };
}

type Body = () => unknown;
const inGroup = (body: Body) => withTaskGroup((group) => void group.spawn(body));
for (const [name, block] of [
  [
    'a group',
    (body: Body) =>
      withTaskGroup(
        (group) => {
          group.spawn(body);
          group.cancel();
        },
        { grace: 1 },
      ),
  ],
  ['a time limit', (body: Body) => withTimeout(1, () => inGroup(body), { grace: 1 })],
  [
    'a cancel scope',
    (body: Body) =>
      withCancelScope(
        (scope) => {
          scope.cancel();
          return inGroup(body);
        },
        { grace: 1 },
      ),
  ],
] as const) {
  test(`9: ${name} with a grace gives up on it, by name, and the task is on its own`, async () => {
    const { promise, settle } = foreign();
    const seen: string[] = [];
    const ended = new FutureSource<void>();
    const error: Error = await block(async function stubborn() {
      seen.push(await promise);
      await checkpoint().catch((caught) => seen.push(caught.name)); // it is still cancelled
      ended.fulfil();
    }).then(
      () => assert.fail('it ended'),
      (caught) => caught,
    );
    assert.ok(error instanceof TaskAbandonedError);
    assert.match(error.message, /was given up 1 ms after its cancellation\. .*parked on a foreign promise.*: .*stubborn #\d+/);
    assert.equal((error.cause as Error).name, 'AbortError');
    assert.deepEqual(seen, []);
    settle();
    await ended.future;
    assert.deepEqual(seen, ['settled', 'AbortError']);
  });
}

test('9: without a grace the scope waits, and formatTasks() says for whom', async () => {
  const { promise, settle } = foreign();
  const done = run(async function main() {
    await withTimeout(1, () =>
      withTaskGroup((group) => {
        group.spawn(async function stubborn() {
          await promise;
        });
        group.spawn(async function good() {
          await sleep(60_000);
        });
      }),
    );
  });
  const failed = assert.rejects(done, { name: 'TimeoutError' });
  while (!/cancelled/.test(formatTasks())) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  const tree = formatTasks();
  assert.match(tree, /stubborn #\d+: cancelled, still parked on a foreign await/);
  assert.doesNotMatch(tree, /good/);
  assert.deepEqual(
    allTasks().map((task) => task.name),
    ['main', 'stubborn'],
  );
  settle();
  await failed;
});

test('9: a generator task that waits for the same promise is cut off', async () => {
  const { promise } = foreign();
  const seen: string[] = [];
  await withTaskGroup(
    function* (group) {
      group.spawn(function* () {
        try {
          yield promise;
        } finally {
          seen.push('finally');
        }
      });
      yield* sleep(1);
      group.cancel();
    },
    { grace: 60_000 },
  );
  assert.deepEqual(seen, ['finally']);
});

test('9: and a promise that fails after that is nobody’s', async () => {
  const source = new FutureSource<string>();
  const promise = source.future.then((value) => value);
  await withTaskGroup(function* (group) {
    group.spawn(function* () {
      yield promise;
    });
    yield* sleep(1);
    group.cancel();
  });
  source.reject(new RangeError('too late'));
  await new Promise((resolve) => setImmediate(resolve)); // the runner fails a test in which a rejection is unhandled
});

bothForms('9: what an abandoned task fails with is told as late', function* () {
  const { promise, settle } = foreign();
  const told = new FutureSource<unknown>();
  const restore = onLateError((error) => told.fulfil(error));
  const late = new RangeError('late');
  yield* failure(
    withTaskGroup(
      (group) => {
        group.spawn(async () => {
          await promise;
          throw late;
        });
        group.cancel();
      },
      { grace: 1 },
    ),
  );
  settle();
  assert.equal(yield* told.future, late);
  restore();
});

test('9: a delegated finally that waits does not let the outer frame go on', async () => {
  // With `return()` the outer generator would continue behind its `yield*` as if nothing had happened.
  for (const delegate of ['yield*', 'call'] as const) {
    const seen: string[] = [];
    function* inner(): Coroutine<void> {
      try {
        yield* sleep(60_000);
      } finally {
        yield* withShield(() => sleep(1));
        seen.push('inner, after its wait');
      }
    }
    function* outer(): Coroutine<void> {
      try {
        if (delegate === 'call') yield* call(inner);
        else yield* inner();
        seen.push('outer went on');
      } finally {
        yield* withShield(checkpoint);
        seen.push('outer, after its wait');
      }
    }
    await withCancelScope(function* (scope: CancelScope) {
      yield* withTaskGroup(function* (group: TaskGroup) {
        group.spawn(outer);
        yield* sleep(1);
        scope.cancel();
      });
    });
    assert.deepEqual(seen, ['inner, after its wait', 'outer, after its wait']);
  }
});

test('9: an error from outside has the stack of the generators that wait', async () => {
  const source = new FutureSource<void>();
  function* deepest(): Coroutine<void> {
    yield* source.future;
  }
  function* between(): Coroutine<void> {
    yield* deepest();
  }
  function elsewhere(): Error {
    return new RangeError('from outside');
  }
  const task = withTaskGroup((group) => {
    const spawned = group.spawn(between);
    setImmediate(() => source.reject(elsewhere()));
    return spawned;
  });
  const error: Error = await task.then(
    () => assert.fail('it did not fail'),
    (caught) => caught,
  );
  assert.match(error.stack ?? '', /at elsewhere[\s\S]*awaited in[\s\S]*at (?:Generator\.|deepest)[\s\S]*deepest[\s\S]*between/);
});

test('9: in debug mode a warning names the task and the line on which it is parked', async () => {
  const { code, stderr } = await program(
    `
    import { run, sleep, withTaskGroup } from 'meantime/tasks';
    const foreign = new Promise((resolve) => setTimeout(resolve, 1600));
    await run(() => withTaskGroup((group) => {
      group.spawn(async function stubborn() {
        await foreign;
      });
      group.spawn(async () => { await sleep(1); group.cancel(); });
    }));
    `,
    { MEANTIME_DEBUG: '1' },
  ).end;
  assert.equal(code, 0);
  assert.match(stderr, /MEANTIME_STILL_PARKED.*stubborn #\d+ was cancelled .*still parked on a foreign await/);
  assert.match(stderr, /--- where it was spawned ---/);
});
