// After CPython 3.13.0, Lib/test/test_asyncio/test_queues.py (PSF-2.0): QueuePutTests. `tryPut` answers `false` where the original raises; and what was handed over stays, also if a cancellation comes in
// the same turn.
// Left out: none; test_nonblocking_put is with test_nonblocking_get in queues.test.ts.
import assert from 'node:assert/strict';
import { OptionError } from '../../../core/index.js';
import { Event, Queue, sleep, type TaskGroup, withTaskGroup } from '../../index.js';
import { bothForms, failure, isCancelled, quiet } from '../harness.js';

const unbounded = <T>() => new Queue<T>(Number.POSITIVE_INFINITY);

bothForms('test_blocking_put: into one without a limit', function* () {
  const queue = unbounded<number>();
  yield* queue.put(1);
  assert.equal(yield* queue.get(), 1);
});

bothForms('test_blocking_put_wait: who puts into a full one waits for room', function* (form) {
  const queue = new Queue<number>(1);
  const started = new Event();
  let finished = false;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          started.set();
          yield* queue.put(1);
          yield* queue.put(2);
          finished = true;
        }),
      );
      yield* started.wait();
      yield* sleep(10);
      assert.equal(finished, false);
      assert.equal(queue.tryGet(), 1);
      yield* task;
      assert.equal(finished, true);
    }),
  );
});

bothForms('test_get_cancel_drop_one_pending_reader: an item that was handed over is not dropped', function* (form) {
  const queue = unbounded<number>();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const reader = group.spawn(() => queue.get());
      yield* quiet();
      queue.tryPut(1);
      queue.tryPut(2);
      reader.cancel();
      assert.equal(yield* reader, 1); // asyncio puts it back for the next one
    }),
  );
  assert.equal(queue.tryGet(), 2);
});

bothForms('test_get_cancel_drop_many_pending_readers: nor one of several', function* (form) {
  const queue = unbounded<number>();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const readers = [1, 2, 3].map(() => group.spawn(() => queue.get()));
      yield* quiet();
      readers[0].cancel(); // first here: after the puts item 1 would be reader 1's
      queue.tryPut(1);
      queue.tryPut(2);
      assert.ok(isCancelled(yield* failure(readers[0])));
      assert.deepEqual([yield* readers[1], yield* readers[2]], [1, 2]);
    }),
  );
});

for (const name of [
  'test_put_cancel_drop: an item that was taken in stays, and its putter has done its work',
  'test_cancelled_put_silence_value_error_exception: a cancellation of a put that was taken in disturbs nothing',
]) {
  bothForms(name, function* (form) {
    const queue = new Queue<number>(1);
    queue.tryPut(1);
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const writer = group.spawn(() => queue.put(2));
        yield* quiet();
        assert.equal(queue.tryGet(), 1);
        writer.cancel();
        yield* writer; // asyncio raises the cancellation, and takes the item out again
        assert.equal(writer.state, 'fulfilled');
      }),
    );
    assert.deepEqual([queue.tryGet(), queue.size, queue.putting], [2, 0, 0]);
  });
}

bothForms('test_nonblocking_put_exception: into a full one', function* () {
  const queue = new Queue<number>(1);
  assert.deepEqual([queue.tryPut(1), queue.tryPut(2)], [true, false]);
  yield* quiet();
});

bothForms('test_float_maxsize: a capacity is a whole number', function* () {
  assert.throws(() => new Queue(1.3), OptionError); // asyncio takes it, and holds two
  yield* quiet();
});

bothForms('test_put_cancelled: a put that does not wait is done', function* (form) {
  const queue = unbounded<number>();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          yield* queue.put(1);
          return true;
        }),
      );
      assert.equal(yield* queue.get(), 1);
      assert.equal(yield* task, true);
    }),
  );
});

bothForms('test_put_cancelled_race: a cancelled putter is passed over', function* (form) {
  const queue = new Queue<string>(1);
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const [a, b, c] = ['a', 'b', 'X'].map((item) => group.spawn(() => queue.put(item)));
      yield* quiet();
      assert.deepEqual([a.settled, b.settled], [true, false]);
      c.cancel();
      yield* quiet();
      assert.equal(c.settled, true);
      assert.equal(queue.tryGet(), 'a');
      yield* quiet();
      assert.equal(queue.tryGet(), 'b');
      yield* b;
      assert.equal(queue.size, 0);
    }),
  );
});

bothForms('test_put_with_waiting_getters: from hand to hand', function* (form) {
  const queue = unbounded<string>();
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(() => queue.get());
      yield* quiet();
      yield* queue.put('a');
      assert.equal(yield* task, 'a');
    }),
  );
});

bothForms('test_why_are_putters_waiting: room for two lets two of them in', function* (form) {
  const queue = new Queue<number>(2);
  yield* withTaskGroup((group) => {
    group.spawn(
      form(function* () {
        yield* quiet();
        assert.deepEqual([queue.size, queue.putting], [2, 2]);
        for (let n = queue.size; n > 0; n--) queue.tryGet();
      }),
    );
    for (let n = 0; n < 4; n++) group.spawn(() => queue.put(n));
  });
  assert.deepEqual([queue.tryGet(), queue.tryGet()], [2, 3]);
});

bothForms(
  'test_cancelled_puts_not_being_held_in_self_putters: who is cancelled no longer waits, and its item is not in it',
  function* (form) {
    const queue = new Queue<number>(1);
    queue.tryPut(1);
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const task = group.spawn(() => queue.put(2));
        yield* quiet();
        assert.equal(queue.putting, 1);
        task.cancel();
        assert.ok(isCancelled(yield* failure(task)));
      }),
    );
    assert.deepEqual([queue.putting, queue.tryGet(), queue.tryGet()], [0, 1, undefined]);
  },
);
