// After trio 0.22.2, trio/_tests/test_sync.py (MIT or Apache-2.0). A CapacityLimiter and a Semaphore are one thing here, whose permits belong to guards and not to tasks. trio switches at every
// acquire, which its tests assert; here one that need not wait does not.
// Left out: nothing whole. Of test_Lock_and_StrictFIFOLock and test_Condition the weak references and the texts; of test_CapacityLimiter the borrowers by name.
import assert from 'node:assert/strict';
import { type Coroutine, OptionError } from '../../../core/index.js';
import {
  type Awaitable,
  Condition,
  checkpoint,
  Event,
  type Guard,
  Lock,
  NotHeldError,
  Queue,
  RwLock,
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

interface LockLike {
  acquire(): Awaitable<unknown> | Coroutine<unknown>;
  tryAcquire(): unknown;
  release(): void;
}

/** A lock whose guard is kept beside it, since only one can hold it. */
function guarded(acquire: () => Awaitable<Guard>, tryAcquire: () => Guard | undefined): LockLike {
  let held: Guard | undefined;
  return {
    *acquire() {
      held = yield* acquire();
    },
    tryAcquire: () => {
      held = tryAcquire();
      return held;
    },
    release: () => held?.release(),
  };
}

/** Locks made of a queue: a full one waits to put, an empty one to get. */
function byPutting(capacity: number): LockLike {
  const queue = new Queue<null>(capacity);
  for (let n = 1; n < capacity; n++) queue.tryPut(null);
  return { acquire: () => queue.put(null), tryAcquire: () => queue.tryPut(null), release: () => void queue.tryGet() };
}
function byGetting(): LockLike {
  const queue = new Queue<'token'>(10);
  queue.tryPut('token');
  return { acquire: () => queue.get(), tryAcquire: () => queue.tryGet(), release: () => void queue.tryPut('token') };
}

function of(lock: { acquire(): Awaitable<Guard>; tryAcquire(): Guard | undefined }): LockLike {
  return guarded(
    () => lock.acquire(),
    () => lock.tryAcquire(),
  );
}
function writing(): LockLike {
  const lock = new RwLock();
  return guarded(
    () => lock.write(),
    () => lock.tryWrite(),
  );
}

// The original has eight kinds, three of them made of channels as here; its channel without any room has no counterpart.
const kinds: [name: string, make: () => LockLike][] = [
  ['Semaphore', () => of(new Semaphore(1))],
  ['Lock', () => of(new Lock())],
  ['Condition', () => of(new Condition())],
  ['RwLock, to write', writing],
  ['Queue(10), by putting', () => byPutting(10)],
  ['Queue(1), by putting', () => byPutting(1)],
  ['Queue, by getting', byGetting],
];

for (const [name, make] of kinds) {
  bothForms(`test_generic_lock_exclusion: ${name}`, function* (form) {
    const lock = make();
    let [inside, acquires] = [0, 0];
    const worker = form(function* () {
      for (let n = 0; n < 10; n++) {
        yield* lock.acquire();
        acquires++;
        assert.equal(++inside, 1);
        yield* checkpoint();
        yield* checkpoint();
        assert.equal(inside--, 1);
        lock.release();
      }
    });
    yield* withTaskGroup((group) => {
      for (let n = 0; n < 5; n++) group.spawn(worker);
    });
    assert.deepEqual([inside, acquires], [0, 50]);
  });

  bothForms(`test_generic_lock_fifo_fairness: ${name}`, function* (form) {
    const lock = make();
    const seen: number[] = [];
    const loop = form(function* (n: number) {
      for (let i = 0; i < 5; i++) {
        yield* lock.acquire();
        seen.push(n);
        yield* checkpoint(); // an acquire that need not wait does not switch here, as trio's does
        lock.release();
      }
    });
    yield* withTaskGroup((group) => {
      for (const n of [1, 2, 3]) group.spawn(loop, n);
    });
    assert.deepEqual(seen, Array(5).fill([1, 2, 3]).flat());
  });

  bothForms(`test_generic_lock_acquire_nowait_blocks_acquire: ${name}`, function* (form) {
    const lock = make();
    const seen: string[] = [];
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        assert.ok(lock.tryAcquire());
        group.spawn(
          form(function* () {
            seen.push('started');
            yield* lock.acquire();
            lock.release();
            seen.push('finished');
          }),
        );
        yield* quiet();
        assert.deepEqual(seen, ['started']);
        lock.release();
      }),
    );
    assert.deepEqual(seen, ['started', 'finished']);
  });
}
