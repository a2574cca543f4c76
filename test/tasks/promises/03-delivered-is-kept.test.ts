/**
 * Promise 3: a waiter that was handed a lock, a permit, an item or a result has it, even if a cancellation or a deadline lands in the same turn; it is cancelled at its next wait. What was not handed
 * over when it was cut off goes to another. Timers that fire in that turn are in src/tasks/promises/03-timers.test.ts, on a virtual clock.
 */
import assert from 'node:assert/strict';
import { FutureSource } from 'meantime/futures';
import {
  Barrier,
  type CancelScope,
  Condition,
  checkpoint,
  Event,
  type Guard,
  LifoQueue,
  Lock,
  now,
  PriorityQueue,
  Queue,
  RwLock,
  Semaphore,
  sleep,
  type Task,
  type TaskGroup,
  withCancelScope,
  withTaskGroup,
} from 'meantime/tasks';
import { bothForms, type Coroutine, type Form, isCancelled } from './forms.js';

interface HandOver {
  /** What the waiter does. */
  wait(): Iterable<unknown>;
  /** Hands it what it waits for, in one step. */
  hand(): void;
  /** What is to be seen in the end, for a waiter that got it, and for one that was cut off before. */
  check(got: unknown): void;
}

function guarded(wait: () => Iterable<unknown>, held: Guard | undefined, isFree: () => boolean): HandOver {
  return {
    wait,
    hand: () => held?.release(),
    check(got) {
      assert.equal(isFree(), got === undefined, 'held by who got it, and else by nobody');
      (got as Guard | undefined)?.release();
      assert.equal(isFree(), true);
    },
  };
}

function getting(queue: Queue<number>): HandOver {
  return {
    wait: () => queue.get(),
    hand: () => void queue.tryPut(7),
    check: (got) => assert.deepEqual([got ?? queue.tryGet(), queue.size], [7, 0], 'exactly one has the item'),
  };
}

function putting(queue: Queue<number>): HandOver {
  queue.tryPut(1);
  let taken: number | undefined;
  return {
    *wait() {
      yield* queue.put(2);
      return 'put';
    },
    hand: () => {
      taken = queue.tryGet();
    },
    check: (got) => assert.deepEqual([taken, queue.tryGet(), queue.tryGet()], [1, got === undefined ? undefined : 2, undefined]),
  };
}

const handOvers: Record<string, () => HandOver> = {
  lock() {
    const lock = new Lock();
    return guarded(
      () => lock.acquire(),
      lock.tryAcquire(),
      () => !lock.locked,
    );
  },
  'two permits of a semaphore'() {
    const semaphore = new Semaphore(2);
    return guarded(
      () => semaphore.acquire(2),
      semaphore.tryAcquire(2),
      () => semaphore.available === 2,
    );
  },
  'RwLock, to read'() {
    const lock = new RwLock();
    return guarded(
      () => lock.read(),
      lock.tryWrite(),
      () => lock.readers === 0 && !lock.writing,
    );
  },
  'RwLock, to write'() {
    const lock = new RwLock();
    return guarded(
      () => lock.write(),
      lock.tryRead(),
      () => lock.readers === 0 && !lock.writing,
    );
  },
  'the lock of a condition'() {
    const lock = new Lock();
    const condition = new Condition(lock);
    return guarded(
      () => condition.acquire(),
      lock.tryAcquire(),
      () => !lock.locked,
    );
  },
  event() {
    const event = new Event();
    return {
      *wait() {
        yield* event.wait();
        return 'went on';
      },
      hand() {
        event.set();
        event.clear();
      },
      check: () => assert.equal(event.waiting, 0),
    };
  },
  barrier() {
    const barrier = new Barrier(2);
    return {
      wait: () => barrier.wait(),
      // Whoever comes in the place of one who was cut off waits alone.
      hand: () => void withCancelScope(() => barrier.wait()).cancel(),
      check: (got) => assert.deepEqual([got, barrier.waiting, barrier.broken], [got === undefined ? undefined : 0, 0, false]),
    };
  },
  'queue.get': () => getting(new Queue(2)),
  'LifoQueue.get': () => getting(new LifoQueue(2)),
  'PriorityQueue.get': () => getting(new PriorityQueue(2)),
  'queue.put': () => putting(new Queue(1)),
  'LifoQueue.put': () => putting(new LifoQueue(1)),
  'PriorityQueue.put': () => putting(new PriorityQueue(1)),
  'queue.join'() {
    const queue = new Queue<number>(1);
    queue.tryPut(1);
    return {
      *wait() {
        yield* queue.join();
        return 'joined';
      },
      hand: () => queue.taskDone(),
      check: () => assert.throws(() => queue.taskDone()),
    };
  },
  'the result of a future'() {
    const source = new FutureSource<number>();
    return {
      wait: () => source.future,
      hand: () => source.fulfil(1),
      check: (got) => assert.deepEqual([got ?? 1, source.future.result()], [1, 1]),
    };
  },
};

/** How the waiter is cancelled. */
const cancels = {
  'its task': (task: Task<unknown>) => void task.cancel(),
  'a deadline': (_: Task<unknown>, scope: CancelScope) => void scope.reschedule(now() - 1),
  'a scope inside the task': (_: Task<unknown>, scope: CancelScope) => void scope.cancel(),
};

/** One waiter, parked; `decide` is called in one step; gives what it got, and whether it went on after its next wait. */
function* raced(form: Form, { wait }: HandOver, decide: (task: Task<unknown>, scope: CancelScope) => void): Coroutine<[unknown, boolean]> {
  let [got, wentOn]: [unknown, boolean] = [undefined, false];
  let inner: CancelScope | undefined;
  yield* withTaskGroup(
    form(function* (group: TaskGroup) {
      const task = group.spawn(
        form(function* () {
          try {
            yield* withCancelScope(
              form(function* (scope: CancelScope) {
                inner = scope;
                got = yield* wait() as Coroutine<unknown>;
                yield* checkpoint();
                wentOn = true;
              }),
            );
          } catch (error) {
            assert.ok(isCancelled(error) || (error as Error).name === 'TimeoutError', String(error));
          }
        }),
      );
      yield* sleep(1);
      assert.equal(task.settled, false);
      decide(task, inner as CancelScope);
    }),
  );
  return [got, wentOn];
}

for (const [name, make] of Object.entries(handOvers)) {
  bothForms(`3: ${name}, handed over and then cancelled in the same turn: it is there, and the next wait throws`, function* (form) {
    for (const [way, cancel] of Object.entries(cancels)) {
      const handOver = make();
      const [got, wentOn] = yield* raced(form, handOver, (task, scope) => {
        handOver.hand();
        cancel(task, scope);
      });
      assert.ok(got !== undefined, `${way}: it was lost`);
      assert.equal(wentOn, false, way);
      handOver.check(got);
    }
  });

  bothForms(`3: ${name}, cancelled and then handed over in the same turn: it is not lost`, function* (form) {
    for (const [way, cancel] of Object.entries(cancels)) {
      const handOver = make();
      const [got] = yield* raced(form, handOver, (task, scope) => {
        cancel(task, scope);
        handOver.hand();
      });
      assert.equal(got, undefined, way);
      handOver.check(got);
    }
  });
}

bothForms('3: a notification is kept as well, or goes to the next one', function* (form) {
  for (const order of ['notified first', 'cancelled first'] as const) {
    const condition = new Condition();
    const seen: string[] = [];
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const [a] = ['a', 'b'].map((name) =>
          group.spawn(
            form(function* () {
              using guard = yield* condition.acquire();
              yield* guard.wait();
              seen.push(name);
              yield* checkpoint();
              seen.push(`${name} went on`);
            }),
          ),
        );
        yield* sleep(1);
        const guard = yield* condition.acquire();
        if (order === 'cancelled first') a.cancel();
        guard.notify();
        if (order === 'notified first') a.cancel();
        guard.release();
        yield* sleep(1);
        assert.deepEqual(seen, order === 'notified first' ? ['a'] : ['b', 'b went on']);
        group.cancel();
      }),
    );
  }
});

bothForms('3: the result of a task, and its failure', function* (form) {
  for (const fails of [false, true]) {
    const event = new Event();
    const seen: unknown[] = [];
    const boom = new RangeError('boom');
    yield* withTaskGroup(
      form(function* (group: TaskGroup) {
        const inner = withTaskGroup(
          form(function* (own: TaskGroup) {
            return yield* own.spawn(
              form(function* () {
                yield* event.wait();
                if (fails) throw boom;
                return 1;
              }),
            );
          }),
        );
        const waiter = group.spawn(
          form(function* () {
            try {
              seen.push(yield* inner);
            } catch (error) {
              seen.push(error);
            }
            yield* checkpoint();
            seen.push('went on');
          }),
        );
        yield* sleep(1);
        event.set();
        while (!inner.settled) yield* checkpoint();
        waiter.cancel();
      }),
    );
    assert.deepEqual(seen, [fails ? boom : 1]);
  }
});
