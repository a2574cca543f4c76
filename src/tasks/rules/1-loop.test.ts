// Rules 1 to 6 of docs/from-asyncio.md: turns, timers and callbacks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from '../../core/index.js';
import { bothForms, failure, stopwatch, virtually } from '../borrowed/harness.js';
import { call, cancellable, checkpoint, sleep, withTaskGroup } from '../index.js';

bothForms('rule 1: what is ready goes on in the order in which it became ready', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup((group) => {
    const worker = form(function* (name: string, heir?: string) {
      for (let i = 1; i <= 3; i++) {
        seen.push(`${name}${i}`);
        if (heir !== undefined && i === 1) group.spawn(worker, heir);
        yield* checkpoint();
      }
    });
    for (const name of ['a', 'b', 'c']) group.spawn(worker, name, name === 'a' ? 'd' : undefined);
  });
  // What became ready meanwhile comes after all that was: d behind c, since a spawned it after those three.
  assert.deepEqual(seen, ['a1', 'b1', 'c1', 'd1', 'a2', 'b2', 'c2', 'd2', 'a3', 'b3', 'c3', 'd3']);
});

bothForms('rule 2: who waits for a task goes on when the task has ended, in the order of asking', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup((group) => {
    const slow = group.spawn(
      form(function* slow() {
        yield* sleep(10);
        seen.push('ended');
      }),
    );
    const waiter = form(function* (name: string) {
      yield* slow;
      seen.push(name);
    });
    for (const name of ['a', 'b']) group.spawn(waiter, name);
  });
  assert.deepEqual(seen, ['ended', 'a', 'b']);
});

test('rule 2: in a generator a task that has ended is waited for without a switch', () =>
  virtually(function* () {
    const seen: string[] = [];
    yield* withTaskGroup(function* (group) {
      const done = group.spawn(() => 'value');
      yield* sleep(1);
      group.spawn(() => void seen.push('another'));
      for (let i = 0; i < 10; i++) assert.equal(yield* done, 'value');
      seen.push('went on');
    });
    assert.deepEqual(seen, ['went on', 'another']);
  }));

bothForms('rule 3: sleep(0) lets what is ready run, the shortest sleep comes after that, and a negative one is refused', function* (form) {
  const seen: string[] = [];
  const sleeper = form(function* (name: string, ms: number) {
    yield* sleep(ms);
    seen.push(name);
  });
  yield* withTaskGroup((group) => {
    group.spawn(sleeper, 'tiny', 1e-12);
    for (const name of ['a', 'b']) group.spawn(sleeper, name, 0);
  });
  assert.deepEqual(seen, ['a', 'b', 'tiny']);
  assert.throws(() => sleep(-1), OptionError);
  assert.throws(() => sleep(Number.NaN), OptionError);
});

bothForms('rule 4: timers of one instant ring in the order in which they were set', function* (form) {
  const seen: number[] = [];
  yield* withTaskGroup((group) => {
    const sleeper = form(function* (i: number) {
      yield* sleep(10);
      seen.push(i);
    });
    for (let i = 0; i < 100; i++) group.spawn(sleeper, i);
  });
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.equal(seen.length, 100);
});

bothForms('rule 4: what was ready goes on before a timer that is due', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      group.spawn(
        form(function* () {
          yield* sleep(10);
          seen.push('timer');
        }),
      );
      const ready = form(function* (name: string) {
        for (let i = 0; i < 3; i++) yield* checkpoint();
        seen.push(name);
      });
      yield* sleep(9.999);
      group.spawn(ready, 'ready');
    }),
  );
  assert.deepEqual(seen, ['ready', 'timer']);
});

bothForms('rule 5: a callback that throws spoils neither the task nor the other callbacks', function* (form) {
  const seen: string[] = [];
  let failed: Promise<unknown> | undefined;
  yield* withTaskGroup(
    form(function* (group) {
      const task = group.spawn(
        form(function* () {
          yield* sleep(1);
          return 'value';
        }),
      );
      failed = task.then(() => {
        throw new Error('a callback');
      });
      failed.catch(() => undefined);
      task.then((value) => seen.push(value));
      assert.equal(yield* task, 'value');
    }),
  );
  yield* sleep(1);
  assert.deepEqual(seen, ['value']);
  assert.match(String(yield* failure(cancellable(failed as Promise<unknown>))), /a callback/);
});

bothForms('rule 6: a cancellation ends tasks in the order of the tree: parents first, then in the order of spawning', function* (form) {
  const seen: string[] = [];
  const passed = stopwatch();
  yield* withTaskGroup(
    form(function* (group) {
      const worker = form(function* (name: string) {
        try {
          yield* sleep(1000);
        } finally {
          seen.push(name);
        }
      });
      for (let i = 0; i < 20; i++) group.spawn(worker, `task ${i}`);
      yield* sleep(5);
      group.spawn(() => group.cancel());
      yield* call(worker, 'body');
    }),
  );
  assert.deepEqual(seen, ['body', ...Array.from({ length: 20 }, (_, i) => `task ${i}`)]);
  assert.equal(passed(), 5);
});
