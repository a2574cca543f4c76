/**
 * Promise 6: first in, first out, on every lock and queue, by direct hand-over; no listener on a signal for each who waits. Equal deadlines are in
 * src/tasks/promises/06-equal-deadlines.test.ts, on a virtual clock.
 */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import {
  type Awaitable,
  Barrier,
  Condition,
  checkpoint,
  currentSignal,
  Event,
  type Guard,
  Lock,
  Queue,
  RateLimiter,
  RwLock,
  run,
  Semaphore,
  sleep,
  type Task,
  type TaskGroup,
  withCancelScope,
  withTaskGroup,
} from 'meantime/tasks';
import { bothForms, type Coroutine } from './forms.js';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

interface Line {
  /** Waits its turn, and lets the next one in. */
  pass(): Coroutine<void>;
  /** Lets the first one in. */
  open(): void;
  /** What somebody who does not wait would get now. */
  barge?(): unknown;
}

function locked(acquire: () => Awaitable<Guard>, tryAcquire: () => Guard | undefined): Line {
  const own = tryAcquire();
  return {
    *pass() {
      using _guard = yield* acquire();
      yield* checkpoint();
    },
    open: () => own?.release(),
    barge: tryAcquire,
  };
}

const lines: Record<string, () => Line> = {
  Lock() {
    const lock = new Lock();
    return locked(
      () => lock.acquire(),
      () => lock.tryAcquire(),
    );
  },
  Semaphore() {
    const semaphore = new Semaphore(1);
    return locked(
      () => semaphore.acquire(),
      () => semaphore.tryAcquire(),
    );
  },
  'RwLock, to write'() {
    const lock = new RwLock();
    return locked(
      () => lock.write(),
      () => lock.tryWrite(),
    );
  },
  Condition() {
    const condition = new Condition();
    return locked(
      () => condition.acquire(),
      () => condition.tryAcquire(),
    );
  },
  'queue.get'() {
    const queue = new Queue<null>(1);
    return {
      *pass() {
        yield* queue.get();
        queue.tryPut(null);
      },
      open: () => void queue.tryPut(null),
      barge: () => queue.tryGet(),
    };
  },
  'queue.put'() {
    const queue = new Queue<null>(1);
    queue.tryPut(null);
    return {
      *pass() {
        yield* queue.put(null);
        queue.tryGet();
      },
      open: () => void queue.tryGet(),
      barge: () => queue.tryPut(null) || undefined,
    };
  },
  Event() {
    const event = new Event();
    return {
      *pass() {
        yield* event.wait();
      },
      open: () => event.set(),
    };
  },
  Barrier() {
    const barrier = new Barrier(9);
    return {
      *pass() {
        yield* barrier.wait();
      },
      open: () => void withCancelScope(() => barrier.wait()),
    };
  },
};

for (const [name, make] of Object.entries(lines)) {
  bothForms(`6: ${name}: in the order in which they came, also if some in the middle give up`, function* (form) {
    const line = make();
    const gaveUp = name === 'Barrier' ? [] : [0, 3, 4];
    const seen: number[] = [];
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const tasks = range(8).map((n) =>
          group.spawn(
            form(function* () {
              yield* line.pass();
              seen.push(n);
            }),
          ),
        );
        yield* sleep(1);
        for (const n of gaveUp) tasks[n].cancel();
        line.open();
      }),
    );
    assert.deepEqual(
      seen,
      range(8).filter((n) => !gaveUp.includes(n)),
    );
  });

  if (make().barge === undefined) continue;
  bothForms(`6: ${name}: nobody gets in between the release and the turn of the one that waits`, function* (form) {
    const line = make();
    let passed = false;
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(
          form(function* () {
            yield* line.pass();
            passed = true;
          }),
        );
        yield* sleep(1);
        line.open();
        assert.deepEqual([line.barge?.(), passed], [undefined, false]); // its turn has not come, and it is its own already
      }),
    );
    assert.equal(passed, true);
  });
}

bothForms('6: who wants much is not overtaken by those who want little', function* (form) {
  const semaphore = new Semaphore(3);
  const seen: string[] = [];
  const first = yield* semaphore.acquire(2);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      for (const [name, n] of [
        ['all', 3],
        ['one', 1],
      ] as const)
        group.spawn(
          form(function* () {
            using _permits = yield* semaphore.acquire(n);
            seen.push(name);
            yield* checkpoint();
          }),
        );
      yield* sleep(1);
      assert.deepEqual([semaphore.available, semaphore.tryAcquire()], [1, undefined]);
      first.release();
    }),
  );
  assert.deepEqual(seen, ['all', 'one']);
});

bothForms('6: a writer is not starved by readers who come one after another', function* (form) {
  const lock = new RwLock();
  const seen: string[] = [];
  let written = false;
  const reader = form(function* () {
    while (!written) {
      using _guard = yield* lock.read();
      seen.push('read');
      if (seen.length > 1000) throw new Error('the writer never gets its turn');
      yield* checkpoint();
    }
  });
  yield* withTaskGroup((group) => {
    for (let n = 0; n < 3; n++) group.spawn(reader);
    group.spawn(
      form(function* () {
        yield* checkpoint();
        using _guard = yield* lock.write();
        written = true;
      }),
    );
  });
  assert.ok(seen.length < 100);
});

bothForms('6: a rate limiter serves in order', function* (form) {
  const limiter = new RateLimiter({ limit: 1000, per: 1000, burst: 1 });
  const seen: number[] = [];
  yield* withTaskGroup((group) => {
    for (const n of range(10))
      group.spawn(
        form(function* () {
          yield* limiter.acquire();
          seen.push(n);
        }),
      );
  });
  assert.deepEqual(seen, range(10));
});

test('6: equal sleeps end in the order in which they began', async () => {
  const seen: number[] = [];
  await run(() =>
    withTaskGroup((group) => {
      for (const n of range(200)) group.spawn(() => sleep(5).then(() => seen.push(n)));
    }),
  );
  assert.deepEqual(seen, range(200));
});

bothForms('6: a thousand who wait are not one listener on the signal', function* (form) {
  const lock = new Lock();
  lock.tryAcquire();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const signals = [currentSignal() as AbortSignal];
      for (const _ of range(1000))
        group.spawn(
          form(function* () {
            signals.push(currentSignal() as AbortSignal);
            yield* lock.acquire();
          }),
        );
      yield* sleep(1);
      assert.deepEqual([lock.waiting, signals.length], [1000, 1001]);
      assert.equal(
        signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0),
        0,
      );
      group.cancel();
    }),
  );
  assert.equal(lock.waiting, 0);
});

test('6: leaving from the middle of a long line costs no search', async () => {
  /** What it costs one of so many to leave the line, in ns of processor time; the wait that it leaves is somewhere in the middle. */
  const costOf = async (count: number): Promise<number> => {
    const event = new Event();
    let cost = 0;
    await withTaskGroup(function* (group) {
      const tasks: Task<void>[] = range(count).map(() =>
        group.spawn(function* () {
          yield* event.wait();
        }),
      );
      yield* sleep(1);
      assert.equal(event.waiting, count);
      const before = process.cpuUsage();
      for (let n = 0; n < count; n++) tasks[(n * 7919 + Math.floor(count / 2)) % count].cancel();
      cost = (process.cpuUsage(before).user * 1000) / count;
      assert.equal(event.waiting, 0);
    });
    return cost;
  };
  const few = Math.min(await costOf(2000), await costOf(2000), await costOf(2000));
  const many = Math.min(await costOf(60_000), await costOf(60_000));
  // A search would make it thirty times as much; what a large heap costs is not ours.
  assert.ok(many < 10 * few + 1000, `${many.toFixed(0)} ns each of many, ${few.toFixed(0)} of few`);
});
