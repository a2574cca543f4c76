/** Promise 2: once a scope is cancelled every cancellation point inside it throws, also the next one; clean-up that waits is shielded; a scope absorbs its own cancellation, by identity. */
import assert from 'node:assert/strict';
import { CancelledError, TimeoutError } from 'meantime';
import { FutureSource } from 'meantime/futures';
import {
  Barrier,
  type CancelScope,
  Condition,
  cancellable,
  checkpoint,
  defer,
  Event,
  gather,
  Lock,
  onLateError,
  Queue,
  RateLimiter,
  RwLock,
  Semaphore,
  sleep,
  type Task,
  type TaskGroup,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, type Coroutine, failure, isCancelled } from './forms.js';

/** Every way to wait, most of them where nobody would have to. */
function* waits(): Coroutine<[string, () => Iterable<unknown>][]> {
  const [full, empty] = [new Queue<number>(1), new Queue<number>(1)];
  full.tryPut(1);
  const [held, free] = [new Lock(), new Lock()];
  held.tryAcquire();
  const [set, unset] = [new Event(), new Event()];
  set.set();
  const guard = yield* new Condition().acquire();
  const source = new FutureSource<number>();
  source.fulfil(1);
  let done: Task<number> | undefined;
  yield* withTaskGroup((group) => {
    done = group.spawn(() => 1);
  });
  return [
    ['sleep', () => sleep(1)],
    ['sleep(0)', () => sleep(0)],
    ['checkpoint', () => checkpoint()],
    ['a held lock', () => held.acquire()],
    ['a free lock', () => free.acquire()],
    ['lock.with', () => free.with(() => 1)],
    ['RwLock.read', () => new RwLock().read()],
    ['RwLock.write', () => new RwLock().write()],
    ['a semaphore', () => new Semaphore(1).acquire()],
    ['an event that is set', () => set.wait()],
    ['an event that is not', () => unset.wait()],
    ['condition.acquire', () => new Condition().acquire()],
    ['guard.wait', () => guard.wait()],
    ['guard.waitFor what holds', () => guard.waitFor(() => true)],
    ['a barrier for one', () => new Barrier(1).wait()],
    ['a barrier', () => new Barrier(2).wait()],
    ['put into a full queue', () => full.put(2)],
    ['put into an empty one', () => empty.put(2)],
    ['get from a full one', () => full.get()],
    ['get from an empty one', () => empty.get()],
    ['join', () => empty.join()],
    ['a rate limiter', () => new RateLimiter({ limit: 1, per: 1 }).acquire()],
    ['cancellable(promise)', () => cancellable(new Promise(() => {}))],
    ['cancellable(value)', () => cancellable(1)],
    ['a task that has ended', () => done as Task<number>],
    ['a future that has settled', () => source.future],
    ['a future that has not', () => new FutureSource<number>().future],
    ['gather', () => gather([() => sleep(1)])],
  ];
}

bothForms('2: each kind of wait throws, time and again, with one and the same error', function* (form) {
  const errors = new Map<string, Error[]>();
  const all = yield* waits();
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      scope.cancel('stop');
      for (const [name, wait] of [...all, ...all]) errors.set(name, [...(errors.get(name) ?? []), yield* failure(wait())]);
    }),
  );
  const [[first]] = errors.values();
  assert.ok(first instanceof CancelledError);
  assert.equal(first.reason, 'stop');
  assert.deepEqual(
    [...errors].filter(([, thrown]) => thrown.length !== 2 || thrown.some((error) => error !== first)).map(([name]) => name),
    [],
  );
});

bothForms('2: whoever is parked at one when the cancellation comes is cut off', function* (form) {
  const parked = (yield* waits()).filter(([name]) =>
    /^(sleep$|a held|an event that is not|guard.wait$|a barrier$|put into a full|get from an empty|cancellable\(promise|a future that has not)/.test(
      name,
    ),
  );
  assert.equal(parked.length, 9);
  const ends: string[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (const [name, wait] of parked)
        group.spawn(
          form(function* () {
            const error = yield* failure(wait());
            ends.push(`${name}: ${error.name}`);
          }),
        );
      yield* sleep(0);
      assert.deepEqual(ends, []);
      group.cancel();
    }),
  );
  assert.deepEqual(
    ends,
    parked.map(([name]) => `${name}: AbortError`),
  );
});

bothForms('2: a catch in a loop cannot swallow it', function* (form) {
  const seen: string[] = [];
  const error = yield* failure(
    withTimeout(
      1,
      form(function* () {
        for (let n = 1; n <= 100; n++) {
          try {
            yield* sleep(10_000);
            seen.push('slept');
          } catch (caught) {
            seen.push((caught as Error).name); // and tries again, as a loop does that knows nothing of cancellations
          }
        }
        yield* checkpoint();
        seen.push('went on');
      }),
    ),
  );
  assert.ok(error instanceof TimeoutError);
  assert.deepEqual(seen, Array(100).fill('AbortError'));
});

bothForms('2: a new block inside a cancelled one is cancelled from the beginning', function* (form) {
  const seen: string[] = [];
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      scope.cancel();
      for (const block of [withCancelScope, withTaskGroup, (fn: (inner: { cancelled: boolean }) => unknown) => withTimeout(1000, fn)]) {
        const body = form(function* (inner: { cancelled: boolean }) {
          seen.push(`cancelled: ${inner.cancelled}`);
          yield* checkpoint();
          seen.push('went on');
        });
        seen.push((yield* failure(block(body as never))).name);
      }
    }),
  );
  assert.deepEqual(seen, Array(3).fill(['cancelled: true', 'AbortError']).flat());
});

bothForms('2: the scope that was cancelled absorbs it, and none inside or around it', function* (form) {
  const seen: string[] = [];
  yield* withCancelScope(
    form(function* (outer: CancelScope) {
      yield* withCancelScope(
        form(function* (middle: CancelScope) {
          yield* withCancelScope(
            form(function* () {
              middle.cancel();
              yield* checkpoint();
            }),
          );
          seen.push('after the inner one');
        }),
      );
      seen.push('after the middle one');
      yield* checkpoint();
      seen.push(`outer cancelled: ${outer.cancelled}`);
    }),
  );
  assert.deepEqual(seen, ['after the middle one', 'outer cancelled: false']);
});

bothForms('2: a cancellation from elsewhere is a failure like any other', function* (form) {
  const kept: Error[] = [];
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      scope.cancel();
      kept.push(yield* failure(checkpoint()));
    }),
  );
  const throwIt = () => {
    throw kept[0];
  };
  // Not that of this scope, whether it is cancelled or not.
  assert.equal(yield* failure(withCancelScope(throwIt)), kept[0]);
  assert.equal(
    yield* failure(
      withCancelScope((scope) => {
        scope.cancel();
        throw kept[0];
      }),
    ),
    kept[0],
  );
  // In a group it is not the quiet end of a task that was cancelled.
  assert.equal(yield* failure(withTaskGroup((group) => void group.spawn(throwIt))), kept[0]);
  // Who waits for a task that somebody else cancelled fails with that.
  const seen: unknown[] = [];
  const error = yield* failure(
    withTaskGroup((group) => {
      const task = group.spawn(() => sleep(10_000));
      group.spawn(
        form(function* () {
          seen.push(yield* failure(task));
          throw seen[0];
        }),
      );
      group.spawn(() => task.cancel());
    }),
  );
  assert.ok(isCancelled(error));
  assert.equal(error, seen[0]);
});

bothForms('2: what a library makes of the signal is known as well, once the scope is cancelled', function* (form) {
  const aborted = (cause?: unknown) => Object.assign(new Error('The operation was aborted', { cause }), { name: 'AbortError' });
  for (const cause of ['its own', 'none'] as const) {
    const value = yield* withCancelScope(
      form(function* (scope: CancelScope) {
        scope.cancel();
        const own = yield* failure(checkpoint());
        throw cause === 'none' ? Object.assign(new Error('aborted'), { name: 'AbortError' }) : aborted(own);
      }),
    );
    assert.equal(value, undefined);
  }
  const foreign = aborted(new Error('another'));
  const error = yield* failure(
    withCancelScope((scope) => {
      scope.cancel();
      throw foreign;
    }),
  );
  assert.equal(error, foreign);
  const early = Object.assign(new Error('aborted'), { name: 'AbortError' });
  assert.equal(
    yield* failure(
      withCancelScope(() => {
        throw early;
      }),
    ),
    early,
  ); // not cancelled: somebody else's
});

bothForms('2: clean-up waits in a shield, in the same task, with a limit of its own', function* (form) {
  const seen: string[] = [];
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      try {
        scope.cancel();
        yield* checkpoint();
      } finally {
        yield* withShield(
          form(function* () {
            yield* sleep(1);
            seen.push('shielded');
          }),
          { timeout: 10_000 },
        );
        const late = yield* failure(withShield(() => sleep(10_000), { timeout: 1 }));
        seen.push(late.name);
        yield* checkpoint();
        seen.push('never');
      }
    }),
  );
  assert.deepEqual(seen, ['shielded', 'TimeoutError']);
});

bothForms('2: so does what was deferred, for as long as its grace', function* (form) {
  const seen: string[] = [];
  const late: unknown[] = [];
  const restore = onLateError((error) => late.push(error));
  const events = [new Event(), new Event()];
  yield* withCancelScope(
    form(function* (scope: CancelScope) {
      defer(
        form(function* () {
          const error = yield* failure(events[0].wait());
          seen.push(error.name);
          throw error;
        }),
        { grace: 20 },
      );
      defer(
        form(function* () {
          setImmediate(() => events[1].set());
          yield* events[1].wait();
          seen.push('shielded');
        }),
        { grace: 20 },
      );
      scope.cancel();
      yield* checkpoint();
      seen.push('never');
    }),
  );
  restore();
  assert.deepEqual(seen, ['shielded', 'AbortError']);
  // The scope has ended by its cancellation; that the clean-up did not end in time is said aside.
  assert.deepEqual(
    late.map((error) => (error as Error).name),
    ['TimeoutError'],
  );
});
