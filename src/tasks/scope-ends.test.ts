// How scopes are cancelled and how they end: what no rule of docs/from-asyncio.md says, and no
// random program sees.
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import { CancelledError, runAs, TimeoutError } from '../core/index.js';
import { type Future, FutureSource, whenSettled } from '../futures/index.js';
import { bothForms, compute, failure, isCancelled, quiet, stopwatch, virtually } from './borrowed/harness.js';
import {
  type CancelScope,
  cancellable,
  checkpoint,
  currentSignal,
  defer,
  failuresOf,
  Lock,
  now,
  onLateError,
  Queue,
  sleep,
  type Task,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from './index.js';
import { roots } from './tree.js';

const failed = new Error('failed');

/** The errors that the hook for late errors is told while the test goes on. */
function lateErrors(): { seen: unknown[]; restore: () => void } {
  const seen: unknown[] = [];
  return { seen, restore: onLateError((error) => seen.push(error)) };
}

function promise(): { promise: Promise<void>; settle: () => void } {
  const settles: (() => void)[] = [];
  return { promise: new Promise<void>((done) => settles.push(done)), settle: () => settles[0]?.() };
}

bothForms('the signal of a scope is one, aborted with its error, also if it is asked for after that', function* (form) {
  yield* withCancelScope(
    form(function* (scope) {
      const { signal } = scope;
      assert.equal(scope.signal, signal);
      assert.equal(currentSignal(), signal);
      assert.equal(signal.aborted, false);
      scope.cancel('first');
      scope.cancel('second');
      assert.ok(signal.aborted && signal.reason instanceof CancelledError && signal.reason.reason === 'first');
      assert.equal(signal.reason, yield* failure(checkpoint()));
    }),
  );
  yield* withCancelScope(
    form(function* (scope) {
      scope.cancel();
      assert.ok(scope.signal.aborted);
      assert.equal(scope.signal.reason, yield* failure(checkpoint()));
    }),
  );
});

bothForms('the signal of a block that has ended well is that of what is around it; of one that was cancelled, its own', function* (form) {
  yield* withCancelScope(
    form(function* (outer) {
      const inner = (yield* withCancelScope((scope) => [scope])) as [CancelScope];
      assert.equal(inner[0].signal, outer.signal);
      let cut: CancelScope | undefined;
      yield* withCancelScope(
        form(function* (scope) {
          cut = scope;
          scope.cancel();
          yield* sleep(1);
        }),
      );
      assert.ok(cut?.signal.aborted && cut.signal !== outer.signal && !outer.signal.aborted);
    }),
  );
});

bothForms('cancel says whether there was anything left to cancel', function* (form) {
  const scopes = (yield* withTimeout(1000, (scope) => [scope])) as [CancelScope];
  assert.deepEqual([scopes[0].cancel(), scopes[0].cancelled], [false, false]);
  yield* withCancelScope(
    form(function* (scope) {
      assert.equal(scope.cancelled, false);
      assert.deepEqual([scope.cancel(), scope.cancel(), scope.cancelled], [true, true, true]);
      yield* checkpoint();
    }),
  );
});

bothForms('within what is cancelled the outer error counts, but for a shield, which has its own', function* (form) {
  const seen: unknown[] = [];
  const inside = (scope: CancelScope) => {
    scope.cancel('inner');
    seen.push((scope.signal.reason as CancelledError).reason);
  };
  yield* withCancelScope(
    form(function* (outer) {
      outer.cancel('outer');
      yield* withCancelScope(inside);
      yield* withShield(inside);
      yield* withCancelScope(inside);
    }),
  );
  assert.deepEqual(seen, ['outer', 'inner', 'outer']);
});

bothForms('a body that fails cuts off the blocks that it has left open, with an error that names it, and waits for them', function* (form) {
  const passed = stopwatch();
  let inside: Error | undefined;
  let own: CancelScope | undefined;
  const block = withTimeout(10_000, (scope) => {
    own = scope;
    void withTaskGroup((group) => {
      group.spawn(
        form(function* () {
          inside = yield* failure(sleep(1000));
          yield* withShield(() => sleep(10));
        }),
      );
    });
    throw failed;
  });
  assert.equal(yield* failure(block), failed);
  assert.ok(inside instanceof CancelledError && inside.cause === failed);
  assert.equal(passed(), 10);
  assert.equal(own?.cancelled, true);
});

bothForms('a body that fails with nothing left inside was not cancelled', function* () {
  let own: CancelScope | undefined;
  const block = withTimeout(10_000, (scope) => {
    own = scope;
    throw failed;
  });
  assert.equal(yield* failure(block), failed);
  assert.equal(own?.cancelled, false);
});

bothForms('the grace begins with the first cancellation, also with one that was there before the block', function* (form) {
  const { promise: stuck, settle } = promise();
  yield* withCancelScope(
    form(function* (outer) {
      const began = now();
      const inner = withTaskGroup(() => stuck, { grace: 20 });
      inner.cancel();
      yield* withShield(() => sleep(15));
      outer.cancel('later'); // names the error, and does not give more time
      const error = yield* withShield(() => failure(inner));
      assert.equal(error.name, 'TaskAbandonedError');
      assert.equal(((error.cause as CancelledError).reason as string) ?? '', 'later');
      assert.match(error.message, /^a task group was given up 20 ms after its cancellation/);
      assert.equal(now() - began, 20);

      const late = withTaskGroup(() => stuck, { grace: 20 });
      assert.equal((yield* withShield(() => failure(late))).name, 'TaskAbandonedError');
      assert.equal(now() - began, 40);
    }),
  );
  settle();
});

bothForms('a block that has ended in its grace is not given up afterwards, and those beside it stay in the tree', function* (form) {
  yield* withTaskGroup(
    form(function* (group) {
      const tasks = [1, 2].map(() => group.spawn(() => sleep(100)));
      const inner = withTaskGroup(
        form(function* (self) {
          self.cancel();
          yield* withShield(() => sleep(5));
        }),
        { grace: 50 },
      );
      const last = group.spawn(() => sleep(100));
      yield* inner;
      assert.equal(inner.state, 'fulfilled');
      yield* sleep(60);
      assert.deepEqual(group.tasks, [...tasks, last]);
      assert.equal(inner.state, 'fulfilled');
    }),
  );
});

bothForms('the error of one that is given up names all that still runs in it, and nothing that only waits for those', function* () {
  const { promise: stuck, settle } = promise();
  const group = withTaskGroup(
    async (group) => {
      group.spawn(async function first() {
        await stuck;
      });
      group.spawn(async function ended() {});
      group.spawn(async function second() {
        await withShield(() => stuck);
      });
    },
    { name: 'stubborn', grace: 5 },
  );
  yield* quiet();
  group.cancel();
  const { message } = yield* failure(group);
  assert.match(message, /^group stubborn was given up 5 ms .*signal: first #\d+, second #\d+, a shield$/);
  settle();
  yield* checkpoint();
});

const lateEnds: [what: string, end: (scope: CancelScope) => unknown, isTold: boolean][] = [
  ['fails', () => Promise.reject(failed), true],
  ['ends by its cancellation', (scope) => Promise.reject(scope.signal.reason), false],
  ['ends by an AbortError of a library', (scope) => timer(1, undefined, { signal: scope.signal }), false],
  ['gives a value', () => 'value', false],
];
for (const [what, end, isTold] of lateEnds) {
  bothForms(`what was given up and then ${what} is ${isTold ? '' : 'not '}told as late`, function* () {
    const late = lateErrors();
    const { promise: stuck, settle } = promise();
    const block = withCancelScope(
      async (scope) => {
        scope.cancel();
        await stuck;
        return end(scope);
      },
      { grace: 5 },
    );
    assert.equal((yield* failure(block)).name, 'TaskAbandonedError');
    settle();
    yield* sleep(10);
    late.restore();
    assert.deepEqual(late.seen, isTold ? [failed] : []);
    assert.equal(block.state, 'rejected');
  });
}

bothForms('what a body leaves waiting at a lock or a queue is cut off when it ends, and takes nothing; its sleeps go on', function* () {
  const lock = new Lock();
  const queue = new Queue<string>(3);
  const guard = yield* lock.acquire();
  const left: Promise<unknown>[] = [];
  const seen: string[] = [];
  let careless: Task<unknown> | undefined;
  yield* withTaskGroup((group) => {
    careless = group.spawn(async function careless() {
      left.push(
        sleep(5).then(() => seen.push('slept')),
        lock.acquire(),
        queue.get(),
      );
    });
    return undefined;
  });
  const outcomes = yield* cancellable(Promise.allSettled(left));
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  );
  const [first, second] = outcomes.slice(1) as PromiseRejectedResult[];
  assert.ok(first?.reason instanceof CancelledError);
  assert.match(first.reason.message, /careless #\d+ has ended/);
  assert.equal(careless?.waitingFor, undefined);
  assert.equal(first?.reason, second?.reason);
  assert.deepEqual(seen, ['slept']);
  guard.release();
  assert.equal(lock.locked, false);
  queue.tryPut('item');
  assert.equal(queue.size, 1);
});

bothForms('whoever is cut off first may settle what the others wait for: they are cut off all the same', function* (form) {
  const queue = new Queue<number>(3);
  const seen: unknown[] = [];
  yield* withCancelScope(
    form(function* (scope) {
      yield* withTaskGroup(
        form(function* (group) {
          for (let i = 0; i < 3; i++) {
            group.spawn(
              form(function* () {
                const error = yield* failure(queue.get());
                queue.tryPut(i);
                seen.push(isCancelled(error));
              }),
            );
          }
          yield* quiet();
          scope.cancel();
        }),
      );
    }),
  );
  assert.deepEqual(seen, [true, true, true]);
  assert.equal(queue.size, 3);
});

bothForms('a failure in a clean-up is the outcome of a body that gave a value, and comes second after that of the body', function* () {
  const ofBody = new Error('of the body');
  const withDefer = (body: () => unknown) =>
    withTimeout(1000, () => {
      defer(() => {
        throw failed;
      });
      return body();
    });
  assert.equal(yield* failure(withDefer(() => 'value')), failed);
  const error = yield* failure(withDefer(() => Promise.reject(ofBody)));
  assert.equal(error, ofBody);
  assert.deepEqual(failuresOf(error), [ofBody, failed]);
});

const slowCleanUps: [what: string, cleanUp: (stuck: Promise<void>) => unknown, error: string][] = [
  ['listens', () => sleep(1000), 'TimeoutError'],
  ['does not listen', (stuck) => stuck, 'TaskAbandonedError'],
];
for (const [what, cleanUp, error] of slowCleanUps) {
  for (const grace of [0, 20]) {
    bothForms(`a clean-up that ${what} and has ${grace} ms holds nobody up for longer, and is told as late`, function* () {
      const { promise: stuck, settle } = promise();
      const late = lateErrors();
      const began = now();
      assert.equal(yield* withCancelScope(() => [defer(() => cleanUp(stuck), { grace })].length), 1);
      assert.ok(now() - began <= 2 * grace);
      yield* sleep(1);
      late.restore();
      assert.deepEqual(
        late.seen.map((each) => (each as Error).name),
        [grace === 0 ? 'TaskAbandonedError' : error],
      );
      settle();
      yield* sleep(1); // a rejection that nobody handles would fail this test
    });
  }
}

bothForms('a clean-up that fails after its block was given up is told as late', function* () {
  const { promise: stuck, settle } = promise();
  const late = lateErrors();
  const block = withCancelScope(
    (scope) => {
      defer(() => {
        throw failed;
      });
      scope.cancel();
      return stuck;
    },
    { grace: 5 },
  );
  assert.equal((yield* failure(block)).name, 'TaskAbandonedError');
  settle();
  yield* sleep(1);
  late.restore();
  assert.deepEqual(late.seen, [failed]);
});

bothForms('a failure in the clean-up of a body that was cut off is the outcome', function* (form) {
  const block = withCancelScope(
    form(function* (scope) {
      defer(() => {
        throw failed;
      });
      scope.cancel();
      yield* sleep(10);
    }),
  );
  assert.equal(yield* failure(block), failed);
  assert.deepEqual(failuresOf(failed), [failed]);
});

bothForms('clean-ups run the last first, each in its own context, and share the longest grace', function* () {
  const storage = new AsyncLocalStorage<string>();
  const late = lateErrors();
  const began = now();
  const seen: unknown[] = [];
  yield* withCancelScope(() => {
    storage.run('first', () => defer(() => void seen.push(1, storage.getStore()), { grace: 10 }));
    storage.run('second', () => defer(() => sleep(1000), { grace: 30 }));
    storage.run('third', () => defer(() => void seen.push(3, storage.getStore()), { grace: 20 }));
  });
  late.restore();
  assert.deepEqual(seen, [3, 'third', 1, 'first']);
  assert.equal(now() - began, 30);
  assert.ok(late.seen.length === 1 && late.seen[0] instanceof TimeoutError);
});

bothForms('a clean-up may leave a clean-up, and a task may be awaited by itself never', function* (form) {
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      group.spawn(() => {
        defer(
          form(function* () {
            defer(() => seen.push('inner'));
            yield* sleep(1);
            seen.push('outer');
          }),
        );
      });
      let task: Task<unknown> | undefined;
      task = group.spawn(
        form(function* () {
          yield* sleep(1);
          seen.push((yield* failure(task as Task<unknown>)).name);
          const caught = yield* cancellable((task as Task<unknown>).then(undefined, (error: Error) => error.name));
          seen.push(String(caught));
        }),
      );
      yield* sleep(1);
    }),
  );
  assert.deepEqual(seen.sort(), ['SelfWaitError', 'SelfWaitError', 'inner', 'outer']);
});

bothForms('blocks that wait only for what is left inside them end one after another, at any depth', function* () {
  const ended: number[] = [];
  const nest = (left: number): Future<unknown> => {
    const block = withCancelScope(() => {
      if (left > 0) void nest(left - 1);
      else void withCancelScope(() => sleep(1));
    });
    whenSettled(block, () => ended.push(left));
    return block;
  };
  yield* nest(20_000);
  assert.deepEqual(
    ended,
    Array.from({ length: 20_001 }, (_, i) => i),
  );
});

bothForms('a block that was given up has left the tree once, whatever comes afterwards', function* (form) {
  const { promise: stuck, settle } = promise();
  const late = lateErrors();
  yield* withTaskGroup(
    form(function* (group) {
      const before = group.spawn(() => withShield(() => sleep(100)));
      const inner = withTaskGroup(() => stuck, { grace: 20 });
      const after = group.spawn(() => withShield(() => sleep(100)));
      inner.cancel();
      yield* sleep(15);
      group.cancel(); // the second cancellation of what is inside
      yield* withShield(
        form(function* () {
          assert.equal((yield* failure(inner)).name, 'TaskAbandonedError');
          yield* sleep(30); // as long as a second grace would be
          assert.deepEqual(group.tasks, [before, after]);
          settle();
          yield* sleep(1); // its body has ended now
          assert.deepEqual(group.tasks, [before, after]);
        }),
      );
    }),
  );
  late.restore();
});

bothForms('blocks may begin inside one another to any depth, each in its place', function* () {
  const seen: number[] = [];
  const nest = (left: number): Future<unknown> | undefined =>
    left === 0
      ? undefined
      : withCancelScope(() => {
          seen.push(left);
          return nest(left - 1);
        });
  yield* nest(20_000) as Future<unknown>;
  assert.deepEqual(
    seen,
    Array.from({ length: 20_000 }, (_, i) => 20_000 - i),
  );
});

test('a call of another room is cut off by its signal, in one scope for all its waits, which is in no tree', () =>
  virtually(async () => {
    const controller = new AbortController();
    const running = { signal: controller.signal };
    const caught = () => sleep(1000).then(undefined, (error) => error);
    const before = roots.size;
    const waits = [1, 2].map(() => runAs(running, caught, []));
    assert.equal(roots.size, before);
    await checkpoint();
    controller.abort('enough');
    const [first, second] = await Promise.all(waits);
    assert.ok(isCancelled(first) && first === second && first.reason === 'enough');
    assert.equal((await runAs({ signal: AbortSignal.abort('before') }, caught, [])).reason, 'before');
  }));

bothForms('a future that is awaited is left alone when its waiter is cut off, and settles for the others', function* (form) {
  const source = new FutureSource<string>();
  const seen: unknown[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const cut = group.spawn(async () => {
        try {
          await source.future;
        } catch (error) {
          seen.push(isCancelled(error));
          seen.push(isCancelled(await source.future.then(undefined, (again) => again))); // a level, and not an edge
        }
      });
      group.spawn(async () => seen.push(await source.future));
      yield* quiet();
      cut.cancel();
      yield* quiet();
      source.fulfil('settled');
    }),
  );
  assert.deepEqual(seen, [true, true, 'settled']);
});

test('what a block with nothing around it has left behind waits for what it likes', async () => {
  const source = new FutureSource<string>();
  const left = (await withCancelScope(() => [
    new Promise((done) => setImmediate(async () => done([await source.future, await source.future]))),
  ])) as [Promise<unknown>];
  setImmediate(() => setImmediate(() => source.fulfil('value')));
  assert.deepEqual(await left[0], ['value', 'value']);
});

test('a block that has ended with nothing around it still has a signal, which never aborts', async () => {
  const [scope] = (await withCancelScope((own) => [own])) as [CancelScope];
  assert.equal(scope.signal.aborted, false);
  assert.equal(scope.cancel(), false);
  assert.equal(scope.signal.aborted, false);
});

bothForms('a body that awaits a task of its own group is cut off at once; one that awaits a block waits for its end', function* (form) {
  const passed = stopwatch();
  const cutAfter: number[] = [];
  for (const isTask of [true, false]) {
    yield* withTaskGroup(
      form(function* (group) {
        const slow = () => withShield(() => sleep(50));
        const awaited: Iterable<unknown> = isTask ? group.spawn(slow) : slow();
        group.spawn(
          form(function* () {
            yield* withShield(() => sleep(10));
            group.cancel();
          }),
        );
        try {
          yield* awaited as Future<unknown>;
          yield* checkpoint();
        } finally {
          cutAfter.push(passed());
        }
      }),
    );
  }
  assert.deepEqual(cutAfter, [10, 100]);
});

bothForms('a task is pending until it begins and running until it ends; a block is running at once', function* (form) {
  const states: string[] = [];
  yield* withTaskGroup((group) => {
    const inGroup = group as unknown as Future<unknown>;
    const task: Task<unknown> = group.spawn(
      form(function* () {
        states.push(task.state);
        yield* sleep(1);
      }),
    );
    states.push(inGroup.state, task.state);
    return undefined;
  });
  assert.deepEqual(states, ['running', 'pending', 'running']);
});

bothForms('a block that awaits itself, or is awaited inside itself, is refused; asked in passing it tells its end', function* (form) {
  const seen: unknown[] = [];
  let passing: Promise<unknown> | undefined;
  const block: Future<unknown> = withCancelScope(
    form(function* () {
      yield* checkpoint();
      seen.push((yield* failure(block)).name);
      seen.push(
        (yield* failure(
          withTaskGroup(
            form(function* () {
              yield* block;
            }),
          ),
        )).name,
      );
      passing = block.then((value) => seen.push(value));
      yield* checkpoint();
      return 'value';
    }),
  );
  assert.equal(yield* block, 'value');
  yield* cancellable(passing);
  assert.deepEqual(seen, ['SelfWaitError', 'SelfWaitError', 'value']);
});

bothForms('a body that was given up may ask for the end of its own block: it has one', function* () {
  const { promise: stuck, settle } = promise();
  let seen: Promise<unknown> | undefined;
  const block: Future<unknown> = withTaskGroup(
    async (group) => {
      group.cancel();
      await stuck;
      seen = block.then(undefined, (error) => error.name);
    },
    { grace: 5 },
  );
  assert.equal((yield* failure(block)).name, 'TaskAbandonedError');
  settle();
  yield* sleep(1);
  assert.equal(yield* cancellable(seen), 'TaskAbandonedError');
});

const blockEnds: [what: string, body: (scope: CancelScope) => unknown, state: string][] = [
  ['a value', () => 'value', 'fulfilled'],
  ['a failure', () => Promise.reject(failed), 'rejected'],
  ['an AbortError though it was not cancelled', () => Promise.reject(new DOMException('aborted', 'AbortError')), 'rejected'],
  ['undefined as an error', () => Promise.reject(undefined), 'rejected'],
  ['its own cancellation', (scope) => [scope.cancel()].map(() => sleep(1))[0], 'cancelled'],
  ['its time', () => sleep(1000), 'rejected'],
];
for (const [what, body, state] of blockEnds) {
  bothForms(`a time limit that ends with ${what} is ${state}`, function* () {
    const block = withTimeout(20, body);
    yield* withShield(() => Promise.allSettled([block]));
    assert.equal(block.state, state);
  });
}

bothForms('an AbortError in what was not cancelled is a failure of a group and of a cancel scope, too', function* () {
  for (const error of [new DOMException('aborted', 'AbortError'), undefined]) {
    const fails = () => Promise.reject(error);
    for (const block of [withTaskGroup(fails), withCancelScope(fails), withTaskGroup((group) => void group.spawn(fails))]) {
      yield* withShield(() => Promise.allSettled([block]));
      assert.equal(block.state, 'rejected');
    }
  }
});

bothForms('what has settled is waited for without a turn, but is a cancellation point', function* (form) {
  const source = new FutureSource<string>();
  source.fulfil('value');
  const seen: unknown[] = [];
  yield* withCancelScope(
    form(function* (scope) {
      seen.push(yield* source.future);
      scope.cancel('enough');
      for (let i = 0; i < 2; i++) seen.push(((yield* failure(source.future)) as CancelledError).reason);
      yield* withShield(
        form(function* () {
          seen.push(yield* source.future);
        }),
      );
    }),
  );
  assert.deepEqual(seen, ['value', 'enough', 'enough', 'value']);
});

bothForms('what a task has left behind may wait for that task, which has ended, also when the time slice is used up', function* () {
  const outcome = yield* withTaskGroup(
    (group) =>
      new Promise<unknown>((done) => {
        const task: Task<string> = group.spawn(() => {
          setImmediate(async () => {
            try {
              for (let i = 0; i < 4; i++) {
                await task;
                compute(20);
              }
              done(await task);
            } catch (error) {
              done(error);
            }
          });
          return 'value';
        });
      }),
  );
  assert.equal(outcome, 'value');
});

const ownEnds: [how: string, wait: (group: Future<unknown>) => unknown][] = [
  ['await', async (group) => await group],
  ['await cancellable()', async (group) => await cancellable(group)],
  [
    'yield*',
    function* (group) {
      yield* group;
    },
  ],
  [
    'yield* cancellable()',
    function* (group) {
      yield* cancellable(group);
    },
  ],
];
for (const [how, wait] of ownEnds) {
  bothForms(`a task of a group that was given up asks for the end of that: it is cut off, and not refused (${how})`, function* () {
    const { promise: stuck, settle } = promise();
    const tasks: Task<unknown>[] = [];
    const group: Future<unknown> = withTaskGroup(
      (own) => {
        tasks.push(
          own.spawn(function* () {
            yield* withShield(() => stuck);
            yield* withCancelScope(() => wait(group));
          }),
        );
        own.cancel();
      },
      { grace: 5 },
    );
    assert.equal((yield* failure(group)).name, 'TaskAbandonedError');
    settle();
    yield* sleep(10);
    assert.deepEqual(
      tasks.map(({ state }) => state),
      ['cancelled'],
    );
  });
}
