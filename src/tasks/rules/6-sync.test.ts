// Rules 35 to 41 of docs/from-asyncio.md: queues and locks.
import assert from 'node:assert/strict';
import { OptionError } from '../../core/index.js';
import { bothForms, failure, isCancelled, quiet } from '../borrowed/harness.js';
import {
  Barrier,
  BrokenBarrierError,
  Condition,
  type ConditionGuard,
  call,
  Event,
  Lock,
  NotHeldError,
  PriorityQueue,
  Queue,
  QueueClosedError,
  Semaphore,
  sleep,
  withTaskGroup,
} from '../index.js';

bothForms('rule 35: an item is handed to the one who has waited longest, and nobody gets in between', function* (form) {
  const queue = new Queue<number>(1);
  const got: string[] = [];
  const getter = form(function* (name: string) {
    got.push(`${name}${yield* queue.get()}`);
  });
  yield* withTaskGroup(
    form(function* (group) {
      for (const name of ['a', 'b']) group.spawn(getter, name);
      yield* quiet();
      queue.tryPut(1);
      assert.equal(queue.tryGet(), undefined, 'it is on its way to the first');
      queue.tryPut(2);
    }),
  );
  assert.deepEqual(got, ['a1', 'b2']);
});

bothForms('rule 35: items go in in the order in which putting them was asked for', function* (form) {
  const queue = new Queue<number>(1);
  queue.tryPut(0);
  yield* withTaskGroup(
    form(function* (group) {
      for (const n of [1, 2]) group.spawn(() => queue.put(n));
      yield* quiet();
      assert.equal(queue.tryGet(), 0);
      assert.equal(queue.tryPut(3), false, 'the room belongs to the one who has waited longest');
      group.spawn(() => queue.put(4));
      yield* quiet();
      const got: number[] = [];
      for (let i = 0; i < 3; i++) got.push(yield* queue.get());
      assert.deepEqual(got, [1, 2, 4]);
    }),
  );
});

bothForms('rule 35: who was cancelled while it waited loses nothing for the others', function* (form) {
  const queue = new Queue<number>(1);
  yield* withTaskGroup(
    form(function* (group) {
      const [one, two] = [group.spawn(() => queue.get()), group.spawn(() => queue.get())];
      yield* quiet();
      one.cancel();
      queue.tryPut(1);
      assert.equal(yield* two, 1);
      assert.ok(isCancelled(yield* failure(one)));
    }),
  );
});

bothForms('rule 36: a closed queue refuses puts, gives what it holds and then refuses gets', function* (form) {
  const queue = new Queue<number>(2);
  yield* withTaskGroup(
    form(function* (group) {
      for (const n of [1, 2]) yield* queue.put(n);
      const late = group.spawn(form(() => failure(queue.put(3))));
      yield* quiet();
      queue.close();
      assert.ok((yield* late) instanceof QueueClosedError);
      assert.deepEqual([yield* queue.get(), yield* queue.get()], [1, 2]);
      assert.ok((yield* failure(queue.get())) instanceof QueueClosedError);
    }),
  );
});

bothForms('rule 36: what a close throws out is returned and counts as done; taskDone once too often is an error', function* (form) {
  const queue = new Queue<number>(3);
  let joined = false;
  yield* withTaskGroup(
    form(function* (group) {
      for (const n of [1, 2, 3]) yield* queue.put(n);
      assert.equal(yield* queue.get(), 1); // and is still being worked on
      group.spawn(
        form(function* () {
          yield* queue.join();
          joined = true;
        }),
      );
      assert.deepEqual(queue.close({ discard: true }), [2, 3]);
      yield* quiet();
      assert.equal(joined, false);
      queue.taskDone();
      yield* quiet();
      assert.equal(joined, true);
      assert.throws(() => queue.taskDone(), NotHeldError);
    }),
  );
});

bothForms('rule 36: equal priorities leave in the order of putting, and payloads are never compared', function* (form) {
  const queue = new PriorityQueue<[number, object]>(10);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
  const reader = form(function* () {
    const items: object[] = [];
    while (queue.size > 0) items.push((yield* queue.get())[1]);
    return items;
  });
  for (const item of [
    [2, c],
    [1, a],
    [2, d],
    [1, b],
  ] as [number, object][])
    yield* queue.put(item);
  assert.deepEqual(yield* call(reader), [a, b, c, d]);
  assert.throws(() => new PriorityQueue<unknown>(1).put({}), OptionError);
});

bothForms('rule 37: a lock goes to the one who has waited longest, and is never free in between', function* (form) {
  const lock = new Lock();
  const order: string[] = [];
  const worker = form(function* (name: string) {
    for (let i = 0; i < 2; i++) {
      using _ = yield* lock.acquire();
      order.push(name);
      yield* sleep(1);
    }
  });
  yield* withTaskGroup(
    form(function* (group) {
      for (const name of ['a', 'b', 'c']) group.spawn(worker, name);
      yield* sleep(0.5);
      for (let i = 0; i < 5; i++) {
        assert.equal(lock.locked, true);
        assert.equal(lock.tryAcquire(), undefined);
        yield* sleep(1);
      }
    }),
  );
  assert.deepEqual(order, ['a', 'b', 'c', 'a', 'b', 'c']);
});

bothForms('rule 37: a lock that nobody holds is taken without a switch, and may be released by another task', function* (form) {
  const lock = new Lock();
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const guard = yield* lock.acquire();
      group.spawn(() => {
        seen.push('another');
        guard.release();
      });
      yield* lock.acquire();
      seen.push('taken again');
    }),
  );
  assert.deepEqual(seen, ['another', 'taken again']);
});

bothForms('rule 37: who is handed the lock in the turn of its cancellation has it, and gives it on', function* (form) {
  const lock = new Lock();
  const seen: string[] = [];
  const worker = form(function* (name: string) {
    using _ = yield* lock.acquire();
    seen.push(name);
    yield* sleep(1);
    seen.push(`${name} went on`);
  });
  yield* withTaskGroup(
    form(function* (group) {
      const guard = yield* lock.acquire();
      const first = group.spawn(worker, 'first');
      group.spawn(worker, 'second');
      yield* quiet();
      guard.release();
      first.cancel();
    }),
  );
  assert.deepEqual(seen, ['first', 'second', 'second went on']);
});

bothForms('rule 38: permits go to those who have waited longest; giving back too many is an error', function* (form) {
  const semaphore = new Semaphore(2);
  const order: number[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const guards = [yield* semaphore.acquire(), yield* semaphore.acquire()];
      const worker = form(function* (n: number) {
        using _ = yield* semaphore.acquire();
        order.push(n);
      });
      for (let n = 0; n < 5; n++) group.spawn(worker, n);
      yield* quiet();
      guards[0].release();
      assert.equal(semaphore.tryAcquire(), undefined, 'others were first');
      assert.throws(() => guards[0].release(), NotHeldError);
      guards[1].release();
    }),
  );
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
  assert.equal(semaphore.available, 2);
});

bothForms('rule 39: notified tasks go on in order, each with the lock; only a holder can notify', function* (form) {
  const condition = new Condition();
  const order: string[] = [];
  let stale: ConditionGuard | undefined;
  yield* withTaskGroup(
    form(function* (group) {
      const waiter = form(function* (name: string) {
        using guard = yield* condition.acquire();
        yield* guard.wait();
        assert.equal(guard.held, true);
        order.push(name);
        yield* sleep(1);
        order.push(`${name} leaves`);
      });
      for (const name of ['a', 'b', 'c']) group.spawn(waiter, name);
      yield* quiet();
      stale = yield* condition.acquire();
      stale.notify(2);
      stale.release();
      yield* sleep(5);
      assert.deepEqual(order, ['a', 'a leaves', 'b', 'b leaves']);
      yield* condition.with((guard) => guard.notifyAll());
    }),
  );
  assert.equal(order.length, 6);
  assert.throws(() => stale?.notify(), NotHeldError);
});

bothForms('rule 39: who is cancelled while it waits sees the error with the lock held; a notification is not lost', function* (form) {
  const condition = new Condition();
  const seen: string[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const waiter = form(function* (name: string) {
        using guard = yield* condition.acquire();
        try {
          yield* guard.wait();
          seen.push(`${name} was notified`);
        } finally {
          assert.equal(guard.held, true);
        }
      });
      const [one, two, three] = ['one', 'two', 'three'].map((name) => group.spawn(waiter, name));
      yield* quiet();
      one.cancel(); // before the notification: that is for the next one then
      yield* condition.with((guard) => guard.notify());
      two.cancel(); // after it: it was delivered
      yield* sleep(1);
      assert.deepEqual(seen, ['two was notified']);
      three.cancel();
    }),
  );
  assert.equal(condition.waiting, 0);
});

bothForms('rule 40: set and cleared at once, an event wakes all who waited', function* (form) {
  const event = new Event();
  const seen: unknown[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const waiter = form(function* (name: string) {
        yield* event.wait();
        seen.push(name, event.isSet);
      });
      for (const name of ['a', 'b']) group.spawn(waiter, name);
      yield* quiet();
      event.set();
      event.clear();
    }),
  );
  assert.deepEqual(seen, ['a', false, 'b', false]);
});

bothForms('rule 41: at a barrier every place is given once, also after a cancellation', function* (form) {
  const barrier = new Barrier(3);
  const places: string[] = [];
  yield* withTaskGroup(
    form(function* (group) {
      const party = form(function* (name: string) {
        places.push(`${name}${yield* barrier.wait()}`);
      });
      const tasks = ['a', 'b'].map((name) => group.spawn(party, name));
      yield* quiet();
      tasks[0].cancel();
      yield* quiet();
      for (const name of ['c', 'd']) group.spawn(party, name);
    }),
  );
  assert.deepEqual(places.sort(), ['b0', 'c1', 'd2']);
});

bothForms('rule 41: abort breaks a barrier until it is reset, reset only for those who wait', function* (form) {
  const barrier = new Barrier(2);
  yield* withTaskGroup(
    form(function* (group) {
      for (const [breaks, after] of [
        [() => barrier.reset(), false],
        [() => barrier.abort(), true],
      ] as const) {
        const waiting = group.spawn(form(() => failure(barrier.wait())));
        yield* quiet();
        breaks();
        assert.ok((yield* waiting) instanceof BrokenBarrierError);
        assert.equal(barrier.broken, after);
      }
      assert.ok((yield* failure(barrier.wait())) instanceof BrokenBarrierError);
      barrier.reset();
      const others = [group.spawn(() => barrier.wait()), group.spawn(() => barrier.wait())];
      assert.deepEqual([yield* others[0], yield* others[1]], [0, 1]);
    }),
  );
});
