// After CPython 3.13.0, Lib/test/test_asyncio/test_queues.py (PSF-2.0): QueueBasicTests, QueueGetTests, LifoQueueTests and PriorityQueueTests. A capacity has to be said here; `tryGet` and `tryPut`
// answer `undefined` and `false` where the originals raise; and what was handed over stays, also if a cancellation comes in the same turn.
// Left out: QueueBasicTests.test_repr, test_str: no text of their own; test_generic_alias: types are checked by the compiler. QueuePutTests are in queues-putting.test.ts, joining
// and closing in queues-closing.test.ts.
import assert from 'node:assert/strict';
import { Event, LifoQueue, PriorityQueue, Queue, sleep, type TaskGroup, withTaskGroup, withTimeout } from '../../index.js';
import { bothForms, failure, quiet } from '../harness.js';

const unbounded = <T>() => new Queue<T>(Number.POSITIVE_INFINITY);

bothForms('test_empty: put in and taken out', function* () {
  const queue = unbounded<number>();
  assert.equal(queue.size, 0);
  yield* queue.put(1);
  assert.equal(queue.size, 1);
  assert.equal(yield* queue.get(), 1);
  assert.equal(queue.size, 0);
});

bothForms('test_full: full at its capacity', function* () {
  const queue = new Queue<number>(1);
  assert.deepEqual([queue.size < queue.capacity, unbounded().capacity], [true, Number.POSITIVE_INFINITY]);
  yield* queue.put(1);
  assert.deepEqual([queue.size, queue.tryPut(2)], [1, false]);
});

for (const [name, make, expected] of [
  ['QueueBasicTests.test_order: first in, first out', unbounded<number>, [1, 3, 2]],
  ['LifoQueueTests.test_order: last in, first out', () => new LifoQueue<number>(Number.POSITIVE_INFINITY), [2, 3, 1]],
  ['PriorityQueueTests.test_order: the smallest first', () => new PriorityQueue<number>(Number.POSITIVE_INFINITY), [1, 2, 3]],
] as const) {
  bothForms(name, function* () {
    const queue = make();
    for (const n of [1, 3, 2]) yield* queue.put(n);
    assert.deepEqual([yield* queue.get(), yield* queue.get(), yield* queue.get()], expected);
  });
}

bothForms('test_maxsize: who puts into a full one waits', function* (form) {
  const queue = new Queue<number>(2);
  const put: number[] = [];
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          for (let n = 0; n < 3; n++) {
            yield* queue.put(n);
            put.push(n);
          }
          return true;
        }),
      );
      yield* quiet();
      assert.deepEqual([put, queue.putting], [[0, 1], 1]);
      assert.equal(yield* queue.get(), 0);
      yield* quiet();
      assert.deepEqual(put, [0, 1, 2]);
      assert.deepEqual([yield* queue.get(), yield* queue.get(), yield* task], [1, 2, true]);
    }),
  );
});

bothForms('test_blocking_get: what is there is taken at once', function* () {
  const queue = unbounded<number>();
  queue.tryPut(1);
  assert.equal(yield* queue.get(), 1);
});

bothForms('test_get_with_putters: taking one lets the first that waits in', function* (form) {
  const queue = new Queue<number>(1);
  yield* queue.put(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(() => queue.put(2));
      yield* quiet();
      assert.equal(queue.putting, 1);
      assert.equal(yield* queue.get(), 1);
      assert.deepEqual([queue.putting, queue.size], [0, 1]); // in the same turn
      yield* task;
    }),
  );
});

bothForms('test_blocking_get_wait: who gets from an empty one waits', function* (form) {
  const queue = unbounded<number>();
  const started = new Event();
  let finished = false;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          started.set();
          const item = yield* queue.get();
          finished = true;
          return item;
        }),
      );
      yield* started.wait();
      assert.equal(finished, false);
      yield* sleep(10);
      queue.tryPut(1);
      assert.deepEqual([yield* task, finished], [1, true]);
    }),
  );
});

bothForms('test_nonblocking_get and test_nonblocking_put: without waiting', function* () {
  const queue = unbounded<number>();
  assert.deepEqual([queue.tryPut(1), queue.tryGet()], [true, 1]);
  yield* quiet();
});

bothForms('test_nonblocking_get_exception: from an empty one', function* () {
  assert.equal(unbounded<number>().tryGet(), undefined);
  yield* quiet();
});

bothForms('test_get_cancelled_race: a cancelled getter is passed over', function* (form) {
  const queue = unbounded<string>();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const [t1, t2] = [group.spawn(() => queue.get()), group.spawn(() => queue.get())];
      yield* quiet();
      t1.cancel();
      yield* quiet();
      assert.equal(t1.settled, true);
      yield* queue.put('a');
      assert.equal(yield* t2, 'a');
    }),
  );
});

bothForms('test_get_with_waiting_putters: in the order in which they came', function* (form) {
  const queue = new Queue<string>(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      group.spawn(() => queue.put('a'));
      group.spawn(() => queue.put('b'));
      assert.deepEqual([yield* queue.get(), yield* queue.get()], ['a', 'b']);
    }),
  );
});

bothForms('test_why_are_getters_waiting: a producer and a consumer of one speed', function* (form) {
  const queue = new Queue<number>(1);
  const got: number[] = [];
  yield* withTaskGroup((group) => {
    group.spawn(
      form(function* () {
        for (let n = 0; n < 5; n++) yield* queue.put(n);
      }),
    );
    group.spawn(
      form(function* () {
        for (let n = 0; n < 5; n++) got.push(yield* queue.get());
      }),
    );
  });
  assert.deepEqual(got, [0, 1, 2, 3, 4]);
});

bothForms('test_cancelled_getters_not_being_held_in_self_getters: who ran out of time no longer waits', function* () {
  const queue = new Queue<number>(5);
  const error = yield* failure(withTimeout(100, () => queue.get()));
  assert.deepEqual([error.name, queue.getting], ['TimeoutError', 0]);
});
