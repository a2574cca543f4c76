// After CPython 3.13.0, Lib/test/test_asyncio/test_queues.py (PSF-2.0): the join tests and the shutdown tests, each for all three queues as there. `shutdown()` is `close()` here, and
// `shutdown(immediate=True)` is `close({ discard: true })`, which also returns what it takes out.
// Left out: both test_format: no text of their own.
import assert from 'node:assert/strict';
import { LifoQueue, NotHeldError, PriorityQueue, Queue, QueueClosedError, type TaskGroup, withTaskGroup } from '../../index.js';
import { bothForms, failure, quiet } from '../harness.js';

const { POSITIVE_INFINITY } = Number;

/** Everything refuses. */
function* isShut(queue: Queue<unknown>) {
  assert.ok((yield* failure(queue.put('data'))) instanceof QueueClosedError);
  assert.throws(() => queue.tryPut('data'), QueueClosedError);
  assert.ok((yield* failure(queue.get())) instanceof QueueClosedError);
  assert.throws(() => queue.tryGet(), QueueClosedError);
}

for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
  const { name } = Kind;

  bothForms(`${name}: test_task_done_underflow: not more often than items were put`, function* () {
    assert.throws(() => new Kind(POSITIVE_INFINITY).taskDone(), NotHeldError);
    yield* quiet();
  });

  bothForms(`${name}: test_task_done: join waits until all has been dealt with`, function* (form) {
    const queue = new Kind<number>(POSITIVE_INFINITY);
    for (let n = 0; n < 100; n++) queue.tryPut(n);
    let [sum, isRunning] = [0, true];
    const worker = form(function* () {
      while (isRunning) {
        const item = yield* queue.get(); // not `sum += yield*`, which would read the sum before it waits
        sum += item;
        queue.taskDone();
      }
    });
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        group.spawn(worker);
        group.spawn(worker);
        yield* queue.join();
        assert.equal(sum, 4950);
        isRunning = false;
        for (let i = 0; i < 2; i++) queue.tryPut(0); // wakes them up
      }),
    );
  });

  bothForms(`${name}: test_join_empty_queue: nothing to wait for`, function* () {
    const queue = new Kind<number>(POSITIVE_INFINITY);
    yield* queue.join();
    yield* queue.join();
  });

  bothForms(`${name}: test_shutdown_empty: who gets is refused`, function* (form) {
    const queue = new Kind<string>(POSITIVE_INFINITY);
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const get = group.spawn(
          form(function* () {
            return yield* failure(queue.get());
          }),
        );
        yield* quiet();
        assert.deepEqual(queue.close(), []);
        assert.equal(queue.size, 0);
        yield* queue.join();
        assert.ok((yield* get) instanceof QueueClosedError);
        yield* isShut(queue);
      }),
    );
  });

  bothForms(`${name}: test_shutdown_nonempty: who puts is refused, and what is in it can still be had`, function* (form) {
    const queue = new Kind<string>(1);
    queue.tryPut('data');
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const join = group.spawn(() => queue.join());
        const put = group.spawn(
          form(function* () {
            return yield* failure(queue.put('data2'));
          }),
        );
        yield* quiet();
        assert.equal(put.settled, false);
        queue.close();
        assert.equal(queue.size, 1);
        assert.ok((yield* put) instanceof QueueClosedError);
        assert.equal(yield* queue.get(), 'data');
        yield* quiet();
        assert.equal(join.settled, false);
        yield* isShut(queue);
        queue.taskDone();
        yield* join;
        assert.throws(() => queue.taskDone(), NotHeldError);
      }),
    );
  });

  bothForms(`${name}: test_shutdown_immediate: what is in it is taken out, and counts as done`, function* (form) {
    const queue = new Kind<string>(POSITIVE_INFINITY);
    queue.tryPut('data');
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const join = group.spawn(() => queue.join());
        yield* quiet();
        assert.deepEqual(queue.close({ discard: true }), ['data']);
        assert.equal(queue.size, 0);
        yield* join;
        yield* isShut(queue);
        assert.throws(() => queue.taskDone(), NotHeldError);
      }),
    );
  });

  bothForms(`${name}: test_shutdown_immediate_with_unfinished: but not what somebody is dealing with`, function* (form) {
    const queue = new Kind<string>(POSITIVE_INFINITY);
    queue.tryPut('data');
    queue.tryPut('data');
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const join = group.spawn(() => queue.join());
        assert.equal(yield* queue.get(), 'data');
        queue.close({ discard: true });
        assert.equal(queue.size, 0);
        yield* quiet();
        assert.equal(join.settled, false);
        yield* isShut(queue);
        queue.taskDone();
        assert.throws(() => queue.taskDone(), NotHeldError);
        yield* join;
      }),
    );
  });
}
