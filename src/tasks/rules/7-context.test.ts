// Rules 42 to 44 of docs/from-asyncio.md: async generators, context and names.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { bothForms, virtually } from '../borrowed/harness.js';
import { call, checkpoint, currentTask, sleep, type Task, withTaskGroup, withTimeout } from '../index.js';

test('rule 42: leaving a loop over an async generator closes it at once; so does a cancellation of the loop', () =>
  virtually(async () => {
    const seen: string[] = [];
    async function* numbers(name: string) {
      try {
        for (let n = 0; ; n++) {
          await sleep(1);
          yield n;
        }
      } finally {
        seen.push(`${name} closed`);
      }
    }
    for await (const n of numbers('left')) if (n === 2) break;
    assert.deepEqual(seen, ['left closed']);
    await withTaskGroup(async (group) => {
      const reader = group.spawn(async () => {
        for await (const _ of numbers('cancelled')) await checkpoint();
      });
      await sleep(5);
      reader.cancel();
    });
    assert.deepEqual(seen, ['left closed', 'cancelled closed']);
  }));

test('rule 42: a limit inside an async generator never cuts off its consumer', () =>
  virtually(async () => {
    async function* limited() {
      for (let n = 0; n < 3; n++) yield await withTimeout(10, () => sleep(1).then(() => n));
    }
    const got: number[] = [];
    for await (const n of limited()) {
      await sleep(50); // longer than the limit: it ended before the value was given
      got.push(n);
    }
    assert.deepEqual(got, [0, 1, 2]);
  }));

bothForms('rule 43: a task has the context of its spawn; what is called directly shares that of its caller', function* (form) {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const look = form(function* (name: string) {
    yield* sleep(1);
    seen.push(`${name}: ${storage.getStore()}`);
  });
  yield* withTaskGroup((group) => {
    storage.run('one', () => group.spawn(look, 'spawned in one'));
    storage.run('two', () => {
      group.spawn(
        form(function* () {
          yield* call(look, 'called in two');
        }),
      );
    });
    group.spawn(look, 'outside');
  });
  assert.deepEqual(seen.sort(), ['called in two: two', 'outside: undefined', 'spawned in one: one']);
});

test('rule 43: an async generator sees the context and the task of whoever asks it for the next value', () =>
  virtually(async () => {
    const storage = new AsyncLocalStorage<string>();
    async function* look() {
      for (;;) yield `${storage.getStore()} in ${currentTask()?.name}`;
    }
    const shared = look();
    const seen: unknown[] = [];
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b']) {
        const asks = async () => seen.push((await shared.next()).value);
        const task = storage.run(name, () => group.spawn(asks));
        task.name = `task ${name}`;
        await task;
      }
    });
    assert.deepEqual(seen, ['a in task a', 'b in task b']);
  }));

bothForms('rule 44: a task begins in a later turn, and knows its name from its first step', function* (form) {
  const seen: unknown[] = [];
  yield* withTaskGroup((group) => {
    const named: Task<void> = group.spawn(
      form(function* work() {
        seen.push(currentTask()?.name);
        yield* sleep(1);
      }),
    );
    group.spawn(
      form(function* work() {
        seen.push(currentTask()?.name);
        yield* sleep(1);
      }),
    );
    named.name = 'A';
    seen.push('spawned');
  });
  assert.deepEqual(seen, ['spawned', 'A', 'work']);
});
