import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MeantimeError, OptionError } from 'meantime';
import {
  Barrier,
  type CancelScope,
  Condition,
  call,
  checkpoint,
  currentTask,
  DeadlockError,
  defer,
  GroupClosedError,
  gather,
  LifoQueue,
  Lock,
  NestedRunError,
  NotCallableError,
  NotHeldError,
  now,
  PriorityQueue,
  Queue,
  RateLimiter,
  RwLock,
  run,
  SelfWaitError,
  Semaphore,
  sleep,
  TaskAbandonedError,
  TaskExecutor,
  type TaskGroup,
  withCancelScope,
  withDeadline,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, type Coroutine, failure } from './promises/forms.js';
import { program } from './promises/programs.js';

/** What somebody writes who has not read the types. */
const any = <T>(value: unknown): T => value as T;

/** An error of this class whose message says what was attempted, what was expected and what came. */
const named =
  (Kind: typeof MeantimeError, code: string, ...says: RegExp[]) =>
  (error: unknown): true => {
    assert.ok(error instanceof Kind, `${error} is no ${Kind.name}`);
    assert.deepEqual([error.code, error.name], [code, Kind.label]);
    for (const part of says) assert.match(error.message, part);
    return true;
  };
const notCallable = (...says: RegExp[]) => named(NotCallableError, 'MEANTIME_NOT_CALLABLE', ...says);
const wrongOption = (...says: RegExp[]) => named(OptionError, 'MEANTIME_OPTION', ...says);

/** All that takes a function, with its name for the message. */
const takers: [name: string, take: (fn: never) => unknown][] = [
  ['run', run],
  ['withTaskGroup', withTaskGroup],
  ['withTimeout', (fn) => withTimeout(1, fn)],
  ['withDeadline', (fn) => withDeadline(now() + 1, fn)],
  ['withShield', withShield],
  ['withCancelScope', withCancelScope],
  ['defer', defer],
  ['call', call],
  ['lock.with', (fn) => new Lock().with(fn)],
  ['rwlock.withRead', (fn) => new RwLock().withRead(fn)],
  ['rwlock.withWrite', (fn) => new RwLock().withWrite(fn)],
  ['semaphore.with', (fn) => new Semaphore(1).with(fn)],
  ['condition.with', (fn) => new Condition().with(fn)],
  ['waitFor', (fn) => new Condition().tryAcquire()?.waitFor(fn)],
];

/** The same for `spawn`, which needs a group. */
async function spawnWrong(fn: unknown): Promise<unknown> {
  let thrown: unknown;
  await withTaskGroup((group) => {
    try {
      group.spawn(any(fn));
    } catch (error) {
      thrown = error;
    }
  });
  return thrown;
}

for (const [name, take] of takers) {
  test(`${name}: an async function that was called is refused with what to write, and its failure is not unhandled`, async () => {
    const load = async (id: number) => {
      await null;
      throw new Error(`load ${id}`);
    };
    assert.throws(
      () => take(any(load(1))),
      notCallable(new RegExp(`^${name} expects a function, got a promise`), /was called\. Pass the function/),
    );
    await new Promise((resolve) => setImmediate(resolve));
  });

  test(`${name}: a generator function that was called is refused, and its generator is over`, () => {
    const seen: string[] = [];
    const load = function* () {
      seen.push('began');
      yield* checkpoint();
    };
    const called = load();
    assert.throws(
      () => take(any(called)),
      notCallable(new RegExp(`^${name} expects a function, got a generator object`), /was called\. Pass the function/),
    );
    assert.deepEqual([called.next(), seen], [{ done: true, value: undefined }, []]);
  });

  test(`${name}: what is no function is refused by what it is`, () => {
    for (const [wrong, says] of [
      [undefined, /got undefined/],
      [null, /got null/],
      [7, /got number 7/],
      ['fn', /got string fn/],
      [{ fn: () => 1 }, /got an object/],
      [[() => 1], /got an object/],
    ] as const)
      assert.throws(() => take(any(wrong)), notCallable(new RegExp(`^${name} expects a function`), says));
  });
}

test('spawn: the same mistakes', async () => {
  const failing = async () => {
    throw new Error('nobody sees it');
  };
  const generator = (function* () {
    yield* checkpoint();
  })();
  notCallable(/^spawn expects a function, got a promise/)(await spawnWrong(failing()));
  notCallable(/^spawn expects a function, got a generator object/)(await spawnWrong(generator));
  notCallable(/^spawn expects a function, got undefined/)(await spawnWrong(undefined));
});

test('an async generator function is no body', async () => {
  async function* pages() {
    yield 1;
  }
  await assert.rejects(
    withTaskGroup((group) => void group.spawn(any(pages))),
    notCallable(/pages is an async generator function.*Expected/),
  );
});

for (const [kind, fn, wait] of [
  ['async', (body: string) => `async function stuck() {${body}}`, 'await'],
  ['generator', (body: string) => `function* stuck() {${body}}`, 'yield'],
] as const) {
  test(`a task that waits for a promise that never settles: a DeadlockError that names it (${kind})`, async () => {
    const { code, stderr } = await program(`
      import { run, withTaskGroup } from 'meantime/tasks';
      await run(() => withTaskGroup((group) => void group.spawn(${fn(`${wait} new Promise(() => {});`)})));
    `).end;
    assert.equal(code, 1);
    assert.match(stderr, /DeadlockError: Nothing can ever wake these tasks[\s\S]*stuck #2: /);
  });
}

test('a task that returns a promise that never settles: a DeadlockError too', async () => {
  const { code, stderr } = await program(`
    import { run, withTaskGroup } from 'meantime/tasks';
    await run(() => withTaskGroup((group) => void group.spawn(function stuck() { return new Promise(() => {}); })));
  `).end;
  assert.equal(code, 1);
  assert.match(stderr, /DeadlockError: Nothing can ever wake these tasks[\s\S]*stuck #2: /);
  assert.equal(new DeadlockError('').code, 'MEANTIME_DEADLOCK');
});

test('the same where there is other work: its group gives it up after a grace', async () => {
  await assert.rejects(
    withTimeout(1, () => withTaskGroup((group) => void group.spawn(() => new Promise(() => {})), { name: 'readers' }), { grace: 1 }),
    named(TaskAbandonedError, 'MEANTIME_TASK_ABANDONED', /was given up 1 ms after its cancellation/, /task #\d+/),
  );
});

bothForms('spawn in a group that has ended', function* () {
  const groups: TaskGroup[] = [];
  yield* withTaskGroup((group) => void groups.push(group), { name: 'workers' });
  const error = named(GroupClosedError, 'MEANTIME_GROUP_CLOSED', /^late .*spawned in group workers, which has ended\. Expected/);
  assert.throws(() => groups[0].spawn(function late() {}), error);
  const failed = withTaskGroup((group) => {
    groups.push(group);
    throw new RangeError('failed');
  });
  yield* failure(failed);
  assert.throws(() => groups[1].spawn(checkpoint), GroupClosedError);
});

bothForms('a task that waits for itself', function* (form) {
  const selfWait = named(
    SelfWaitError,
    'MEANTIME_SELF_WAIT',
    /waits for narcissus #\d+, which it is part of.*would wait for ever\. Expected/,
  );
  yield* withTaskGroup((group) => {
    group.spawn(
      form(function* narcissus() {
        selfWait(yield* failure(currentTask() as Iterable<unknown>));
        // Also from deeper inside of it: in a block, and in a task of a group of its own.
        selfWait(
          yield* withTimeout(
            1000,
            form(() => failure(currentTask() as Iterable<unknown>)),
          ),
        );
        const self = currentTask() as Iterable<unknown>;
        yield* withTaskGroup(
          (inner) =>
            void inner.spawn(
              form(function* () {
                selfWait(yield* failure(self));
              }),
            ),
        );
      }),
    );
  });
});

bothForms('a block that waits for itself, and a body that waits for its group', function* (form) {
  const blocks: { group?: Iterable<unknown>; scope?: Iterable<unknown> } = {};
  const seen: string[] = [];
  blocks.group = withTaskGroup(
    form(function* () {
      yield* checkpoint();
      seen.push((yield* failure(blocks.group as Iterable<unknown>)).name);
    }),
  );
  yield* blocks.group as Coroutine<void>;
  blocks.scope = withCancelScope(
    form(function* (scope: CancelScope) {
      yield* checkpoint();
      seen.push((yield* failure(blocks.scope as Iterable<unknown>)).name);
      seen.push((yield* failure(any<Iterable<unknown>>(scope))).name);
    }),
  );
  yield* blocks.scope as Coroutine<void>;
  assert.deepEqual(seen, ['SelfWaitError', 'SelfWaitError', 'SelfWaitError']);
});

bothForms('releasing what is not held', function* () {
  const notHeld = (...says: RegExp[]) => named(NotHeldError, 'MEANTIME_NOT_HELD', ...says);
  const rw = new RwLock();
  const condition = new Condition();
  for (const guard of [yield* new Lock().acquire(), yield* new Semaphore(2).acquire(2), yield* rw.read(), yield* condition.acquire()]) {
    guard.release();
    assert.throws(() => guard.release(), notHeld(/release\(\) was called on a guard that is not held: it was released before\. Expected/));
    guard[Symbol.dispose](); // as `using` does afterwards: nothing
  }
  const guard = yield* condition.acquire();
  guard.release();
  assert.throws(() => guard.wait(), notHeld(/wait\(\)/));
  assert.throws(() => guard.waitFor(() => true), notHeld(/waitFor\(\)/));
  assert.throws(() => guard.notify(), notHeld(/notify\(\)/));
  assert.throws(() => guard.notifyAll(), notHeld(/notifyAll\(\)/));
  assert.throws(() => new Queue(1).taskDone(), notHeld(/taskDone\(\) was called more often than items were put\. Expected/));
});

test('defer outside of any scope', () => {
  assert.throws(() => defer(() => {}), named(NotHeldError, 'MEANTIME_NOT_HELD', /defer was called outside of any task or scope.*Expected/));
});

bothForms('run inside of run', function* (form) {
  const nested = named(NestedRunError, 'MEANTIME_NESTED_RUN', /run was called inside of run, in .* #\d+: .*Await the function itself/);
  const inner = form(function* () {
    yield* checkpoint();
  });
  assert.throws(() => run(inner), nested);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      yield* group.spawn(() => assert.throws(() => run(inner), nested));
      yield* withTimeout(1000, () => assert.throws(() => run(inner), nested));
    }),
  );
});

test('two runs side by side are none inside of each other', async () => {
  const one = run(() => sleep(1));
  assert.deepEqual([await run(() => 2), await one], [2, undefined]);
});

const badTimes = [-1, Number.NaN, '5', null, undefined, {}];
test('times that are negative, NaN or no number', async () => {
  for (const bad of badTimes) {
    const says = [/milliseconds/, new RegExp(`got ${bad === '5' ? '"5"' : String(bad).replace(/[[\]]/g, '\\$&')}`)];
    assert.throws(() => sleep(any(bad)), wrongOption(/^sleep expects/, ...says));
    assert.throws(() => withTimeout(any(bad), () => 1), wrongOption(/^withTimeout expects/, ...says));
    if (bad === undefined) continue; // an option that is not given
    assert.throws(() => withTimeout(1, () => 1, { grace: any(bad) }), wrongOption(/withTimeout: option "grace" expects/));
    assert.throws(() => withShield(() => 1, { timeout: any(bad) }), wrongOption(/withShield: option "timeout" expects/));
    assert.throws(() => withTaskGroup(() => 1, { grace: any(bad) }), wrongOption(/withTaskGroup: option "grace" expects/));
    await withCancelScope(() => assert.throws(() => defer(() => {}, { grace: any(bad) }), wrongOption(/defer: option "grace" expects/)));
  }
  for (const bad of [Number.NaN, '5', null, undefined, {}, new Date('never')]) {
    assert.throws(() => withDeadline(any(bad), () => 1), wrongOption(/^withDeadline expects a Date, or a time in ms of now\(\), got/));
    await withCancelScope((scope) =>
      assert.throws(() => scope.reschedule(any(bad)), wrongOption(/reschedule expects a Date, or a time in ms/)),
    );
  }
  assert.throws(
    () => withDeadline(Date.now() + 1000, () => 1),
    wrongOption(/looks like Date\.now\(\); write new Date\(…\), or now\(\) \+ ms/),
  );
});

test('limits of 0, negative ones, and what is no whole number', async () => {
  const condition = new Condition().tryAcquire();
  const semaphore = new Semaphore(2);
  const limits: [name: string, make: (limit: never) => unknown, alsoInfinity: boolean][] = [
    ['Semaphore', (n) => new Semaphore(n), true],
    ['semaphore.resize', (n) => semaphore.resize(n), true],
    ['semaphore.acquire', (n) => semaphore.acquire(n), false],
    ['semaphore.tryAcquire', (n) => semaphore.tryAcquire(n), false],
    ['Queue', (n) => new Queue(n), true],
    ['LifoQueue', (n) => new LifoQueue(n), true],
    ['PriorityQueue', (n) => new PriorityQueue(n), true],
    ['Barrier', (n) => new Barrier(n), false],
    ['notify', (n) => condition?.notify(n), false],
    ['gather', (n) => gather([], { concurrency: n }), false],
    ['RateLimiter', (n) => new RateLimiter({ limit: n, per: 1 }), false],
    ['TaskExecutor', (n) => new TaskExecutor({ concurrency: n }), false],
  ];
  for (const [name, make, alsoInfinity] of limits) {
    for (const bad of [0, -1, 1.5, Number.NaN, '1', null]) {
      assert.throws(() => make(any(bad)), wrongOption(new RegExp(name), /expects/, /got/), `${name}(${bad})`);
    }
    if (alsoInfinity) make(any(Number.POSITIVE_INFINITY));
  }
  assert.throws(() => new Queue(any(undefined)), wrongOption(/Queue expects a whole number from 1 up, or Infinity, got undefined/));
  assert.throws(() => new Semaphore(2).acquire(3), wrongOption(/from 1 to 2, which is all there are, got 3/));
  assert.throws(() => new RateLimiter({ limit: 1, per: 0 }), wrongOption(/RateLimiter/));
  await checkpoint();
});

test('an unknown option is named, with the nearest known one', () => {
  assert.throws(() => withTimeout(1, () => 1, any({ grase: 1 })), wrongOption(/withTimeout has no option "grase"/, /grace/));
  assert.throws(
    () => withTaskGroup(() => 1, any({ onfailure: 'collect' })),
    wrongOption(/withTaskGroup has no option "onfailure"/, /onFailure/),
  );
  assert.throws(() => withTaskGroup(() => 1, { onFailure: any('ignore') }), wrongOption(/onFailure/, /cancel/, /collect/));
  assert.throws(() => run(() => 1, any({ signl: 1 })), wrongOption(/run has no option "signl"/, /signal/));
  assert.throws(() => run(() => 1, { signal: any({}) }), wrongOption(/signal/));
  assert.throws(() => new Queue<number>(1).close(any({ discad: true })), wrongOption(/discad/, /discard/));
  assert.throws(() => new Condition(any({})), wrongOption(/Condition expects a Lock/));
});

bothForms('a predicate that is async, which is always true', function* () {
  const guard = yield* new Condition().acquire();
  assert.throws(
    () => guard.waitFor(async () => false),
    wrongOption(/waitFor expects a function that returns at once.*got one that returns a promise/),
  );
  assert.equal(guard.held, true);
  guard.release();
});
