// After trio 0.22.2, trio/_tests/test_sync.py (MIT or Apache-2.0). A CapacityLimiter and a Semaphore are one thing here, whose permits belong to guards and not to tasks. trio switches at every
// acquire, which its tests assert; here one that need not wait does not.
// Left out: nothing whole; the test_generic_lock_* tests are in generic-locks.test.ts. Of test_Lock_and_StrictFIFOLock and test_Condition the weak references and the texts; of test_CapacityLimiter the borrowers by name.
import assert from 'node:assert/strict';
import { OptionError } from '../../../core/index.js';
import {
  Condition,
  Event,
  type Guard,
  Lock,
  NotHeldError,
  Semaphore,
  sleep,
  type TaskGroup,
  withCancelScope,
  withTaskGroup,
} from '../../index.js';
import { bothForms, quiet } from '../harness.js';

bothForms('test_Event: set, and waited for', function* (form) {
  const set = new Event();
  assert.deepEqual([set.isSet, set.waiting], [false, 0]);
  set.set();
  assert.equal(set.isSet, true);
  yield* set.wait();

  const event = new Event();
  const seen: string[] = [];
  const child = form(function* () {
    seen.push('sleeping');
    yield* event.wait();
    seen.push('woken');
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(child);
      group.spawn(child);
      yield* quiet();
      assert.deepEqual([seen, event.waiting], [['sleeping', 'sleeping'], 2]);
      event.set();
      yield* quiet();
      assert.deepEqual(seen, ['sleeping', 'sleeping', 'woken', 'woken']);
    }),
  );
});

bothForms('test_CapacityLimiter: what is out, and whose turn it is', function* (form) {
  assert.throws(() => new Semaphore(1.5), OptionError);
  assert.throws(() => new Semaphore(-1), OptionError);
  const limiter = new Semaphore(2);
  assert.deepEqual([limiter.permits, limiter.available], [2, 2]);
  const first = limiter.tryAcquire();
  assert.deepEqual([first?.held, limiter.available], [true, 1]);
  const second = yield* limiter.acquire(); // the same task may hold two here
  assert.deepEqual([limiter.available, limiter.tryAcquire()], [0, undefined]);
  first?.release();
  assert.throws(() => first?.release(), NotHeldError);
  assert.equal(limiter.available, 1);
  second.release();
  yield* limiter.with(() => assert.equal(limiter.available, 1));
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const [one, two] = [yield* limiter.acquire(), yield* limiter.acquire()];
      const three = group.spawn(() => limiter.acquire());
      yield* quiet();
      assert.deepEqual([limiter.available, limiter.waiting], [0, 1]);
      two.release();
      assert.deepEqual([limiter.available, limiter.tryAcquire()], [0, undefined]); // it is handed over, and nobody gets in between
      (yield* three).release();
      one.release();
    }),
  );
  assert.equal(limiter.available, 2);
});

bothForms('test_CapacityLimiter_inf: without a limit', function* () {
  const limiter = new Semaphore(Number.POSITIVE_INFINITY);
  assert.deepEqual([limiter.permits, limiter.available], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  yield* limiter.acquire();
  assert.equal(limiter.available, Number.POSITIVE_INFINITY);
});

bothForms('test_CapacityLimiter_change_total_tokens: a limit that is moved', function* (form) {
  const limiter = new Semaphore(2);
  for (const bad of [1.5, 0, -10]) assert.throws(() => limiter.resize(bad), OptionError);
  assert.equal(limiter.permits, 2);
  const guards: Guard[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (let n = 0; n < 5; n++)
        group.spawn(
          form(function* () {
            guards[n] = yield* limiter.acquire();
          }),
        );
      const holders = function* () {
        yield* quiet();
        return guards.flatMap((guard, n) => (guard.held ? [n] : []));
      };
      assert.deepEqual([yield* holders(), limiter.waiting], [[0, 1], 3]);
      limiter.resize(4);
      assert.deepEqual([yield* holders(), limiter.waiting], [[0, 1, 2, 3], 1]);
      limiter.resize(1);
      assert.deepEqual([yield* holders(), limiter.permits, limiter.available], [[0, 1, 2, 3], 1, 0]);
      for (const n of [0, 1, 2]) guards[n].release();
      assert.deepEqual([yield* holders(), limiter.waiting], [[3], 1]);
      guards[3].release();
      assert.deepEqual([yield* holders(), limiter.waiting], [[4], 0]);
    }),
  );
});

bothForms('test_CapacityLimiter_memleak_548: who was cancelled is not kept', function* (form) {
  const limiter = new Semaphore(1);
  yield* limiter.acquire();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(() => limiter.acquire());
      yield* quiet();
      group.cancel();
    }),
  );
  assert.equal(limiter.waiting, 0);
});

bothForms('test_Semaphore: handed over in the moment of the release', function* (form) {
  const semaphore = new Semaphore(2);
  const [first, second] = [semaphore.tryAcquire(), yield* semaphore.acquire()];
  assert.deepEqual([semaphore.available, semaphore.tryAcquire()], [0, undefined]);
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(
        form(function* () {
          seen.push('started');
          yield* semaphore.acquire();
          seen.push('finished');
        }),
      );
      yield* quiet();
      assert.deepEqual([seen, semaphore.available], [['started'], 0]);
      second.release();
      assert.deepEqual([semaphore.available, semaphore.tryAcquire()], [0, undefined]);
    }),
  );
  assert.deepEqual(seen, ['started', 'finished']);
  first?.release();
});

bothForms('test_Semaphore_bounded: never more than there were', function* () {
  const semaphore = new Semaphore(1);
  const guard = yield* semaphore.acquire();
  assert.equal(semaphore.available, 0);
  guard.release();
  assert.throws(() => guard.release(), NotHeldError);
  assert.equal(semaphore.available, 1);
});

bothForms('test_Lock_and_StrictFIFOLock: who holds it, who waits, and what a cancellation leaves', function* (form) {
  const lock = new Lock();
  yield* lock.with(() => assert.equal(lock.locked, true));
  assert.equal(lock.locked, false);
  const own = lock.tryAcquire();
  assert.deepEqual([lock.locked, lock.tryAcquire()], [true, undefined]); // also for the task that holds it, where trio raises
  own?.release();
  assert.throws(() => own?.release(), NotHeldError);
  const holder = form(function* () {
    using _guard = yield* lock.acquire();
    yield* sleep(Number.POSITIVE_INFINITY);
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(holder);
      yield* quiet();
      assert.deepEqual([lock.locked, lock.tryAcquire(), lock.waiting], [true, undefined, 0]);
      group.spawn(holder);
      yield* quiet();
      assert.equal(lock.waiting, 1);
      group.cancel();
    }),
  );
  assert.deepEqual([lock.locked, lock.waiting], [false, 0]);
});

bothForms('test_Condition: notified one by one, two together, all', function* (form) {
  assert.throws(() => new Condition(new Semaphore(1) as never), OptionError);
  assert.throws(() => new Condition(Lock as never), OptionError);
  const lock = new Lock();
  const condition = new Condition(lock);
  let finished: number[] = [];
  const waiter = form(function* (n: number) {
    yield* condition.with((guard) => guard.wait());
    finished.push(n);
  });
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (const n of [0, 1, 2]) group.spawn(waiter, n);
      yield* quiet();
      yield* condition.with((guard) => guard.notify());
      assert.equal(lock.locked, true); // handed over
      yield* quiet();
      assert.deepEqual(finished, [0]);
      yield* condition.with((guard) => guard.notifyAll());
      yield* quiet();
      assert.deepEqual(finished, [0, 1, 2]);
    }),
  );
  finished = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (const n of [0, 1, 2]) group.spawn(waiter, n);
      yield* quiet();
      const guard = yield* condition.acquire();
      guard.notify(2);
      assert.deepEqual([condition.waiting, lock.waiting], [1, 2]);
      guard.release();
      assert.equal(lock.waiting, 1);
      yield* quiet();
      assert.deepEqual(finished, [0, 1]);
      yield* condition.with((other) => other.notifyAll());
    }),
  );
  let held: boolean | undefined;
  yield* withCancelScope(
    form(function* (scope) {
      using guard = yield* condition.acquire();
      scope.cancel();
      try {
        yield* guard.wait();
      } finally {
        held = guard.held;
      }
    }),
  );
  assert.deepEqual([held, lock.locked], [true, false]);
});
