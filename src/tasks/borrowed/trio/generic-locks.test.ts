// After trio 0.22.2, trio/_tests/test_sync.py (MIT or Apache-2.0): the tests that every kind of lock has to pass. Its own two kinds, and locks made of channels, which are queues here; the channel
// without any room has no counterpart. trio switches at every acquire; here one that need not wait does not.
// Left out: none.
import assert from 'node:assert/strict';
import type { Coroutine } from '../../../core/index.js';
import {
  type Awaitable,
  Condition,
  checkpoint,
  type Guard,
  Lock,
  Queue,
  RwLock,
  Semaphore,
  type TaskGroup,
  withTaskGroup,
} from '../../index.js';
import { bothForms, quiet } from '../harness.js';

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
