import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  type Connection,
  ProcessCondition,
  ProcessLock,
  ProcessQueue,
  ProcessReentrantLock,
  ProcessSemaphore,
  pipe,
} from 'meantime/processes';
import {
  type CancelScope,
  Condition,
  cancellable,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  RwLock,
  Semaphore,
  withCancelScope,
} from 'meantime/tasks';
import { SharedCondition, SharedLock, SharedQueue, SharedReentrantLock, SharedRwLock, SharedSemaphore } from 'meantime/threads';

/*
 * What was delivered is never lost: somebody asks for a thing that is free, or becomes free in this instant, and its task is cancelled in each of the next microtasks,
 * before it awaits what it asked for and after. Whoever got the thing has given it back; whoever did not has left it where it was.
 */

/** One who asks for a thing that only one can have, in one primitive. */
interface Source {
  /** Asks. What comes can be given back. */
  ask(): PromiseLike<unknown>;
  /** Of what was asked for: given back. */
  back(got: unknown): void;
  /** Whether the one thing is there again. */
  isThere(): Promise<boolean> | boolean;
}

type Guard = { release(): void };
const guarded = (primitive: { tryAcquire(): Guard | undefined; acquire(): PromiseLike<unknown> }): Source => ({
  ask: () => primitive.acquire(),
  back: (got) => (got as Guard).release(),
  isThere() {
    const guard = primitive.tryAcquire();
    guard?.release();
    return guard !== undefined;
  },
});
const byWaiting = (primitive: { acquire(options?: { timeout: number }): PromiseLike<unknown> }): Source => ({
  ask: () => primitive.acquire(),
  back: (got) => (got as Guard).release(),
  isThere: () =>
    Promise.resolve(primitive.acquire({ timeout: 200 })).then(
      (guard) => {
        (guard as Guard).release();
        return true;
      },
      () => false,
    ),
});
const permits = (primitive: { acquire(n: number, options: { timeout: number }): PromiseLike<unknown> }): Source =>
  byWaiting({ acquire: (options) => primitive.acquire(1, options ?? { timeout: 60_000 }) });
const queued = (queue: { tryPut(item: number): boolean; tryGet(): number | undefined; get(): PromiseLike<unknown> }): Source => {
  queue.tryPut(7);
  return {
    ask: () => queue.get(),
    back: (got) => void queue.tryPut(got as number),
    isThere() {
      const item = queue.tryGet();
      if (item !== undefined) queue.tryPut(item);
      return item !== undefined;
    },
  };
};

const connections: Connection[] = [];
const opened = (): Source => {
  const [a, b] = pipe<number, number>();
  connections.push(a, b);
  void b.send(7);
  return {
    ask: () => a.receive(),
    back: (got) => void b.send(got as number),
    isThere: () =>
      a.receive({ timeout: 200 }).then(
        (item) => {
          void b.send(item);
          return true;
        },
        () => false,
      ),
  };
};
after(() => Promise.all(connections.map((connection) => connection.close())));

const rw = (lock: {
  tryRead(): Guard | undefined;
  tryWrite(): Guard | undefined;
  read(): PromiseLike<unknown>;
  write(): PromiseLike<unknown>;
}) => ({
  read: guarded({ acquire: () => lock.read(), tryAcquire: () => lock.tryWrite() }),
  write: guarded({ acquire: () => lock.write(), tryAcquire: () => lock.tryWrite() }),
});

const sources: Record<string, () => Source> = {
  Lock: () => guarded(new Lock()),
  'RwLock.read': () => rw(new RwLock()).read,
  'RwLock.write': () => rw(new RwLock()).write,
  Semaphore: () => guarded(new Semaphore(1)),
  Condition: () => guarded(new Condition()),
  Queue: () => queued(new Queue<number>(1)),
  PriorityQueue: () => queued(new PriorityQueue<number>(1)),
  LifoQueue: () => queued(new LifoQueue<number>(1)),
  SharedLock: () => guarded(new SharedLock()),
  SharedReentrantLock: () => byWaiting(new SharedReentrantLock()),
  'SharedRwLock.read': () => rw(new SharedRwLock()).read,
  'SharedRwLock.write': () => rw(new SharedRwLock()).write,
  SharedSemaphore: () => guarded(new SharedSemaphore(1)),
  SharedCondition: () => guarded(new SharedCondition()),
  SharedQueue: () => queued(new SharedQueue<number>(1)),
  ProcessLock: () => byWaiting(new ProcessLock()),
  ProcessReentrantLock: () => byWaiting(new ProcessReentrantLock()),
  ProcessSemaphore: () => permits(new ProcessSemaphore(1)),
  ProcessCondition: () => byWaiting(new ProcessCondition()),
  ProcessQueue: () => {
    const queue = new ProcessQueue<number>(1);
    void queue.put(7);
    return {
      ask: () => queue.get(),
      back: (got) => void queue.put(got as number),
      isThere: () =>
        queue.get({ timeout: 200 }).then(
          (item) => {
            void queue.put(item);
            return true;
          },
          () => false,
        ),
    };
  },
  'Connection.receive': opened,
};

/** Its last argument takes what was delivered: given back outside of the task, which may be cancelled. */
type Form = (scope: CancelScope, source: Source, delay: number, take: (got: unknown) => void) => unknown;

const forms: Record<string, Form> = {
  async await(_, source, delay, take) {
    const asked = source.ask();
    for (let i = 0; i < delay; i++) await null;
    take(await asked);
  },
  async 'await cancellable'(_, source, delay, take) {
    const asked = source.ask();
    for (let i = 0; i < delay; i++) await null;
    take(await cancellable(asked));
  },
  async 'await after a cancellation that was swallowed'(scope, source, delay, take) {
    const asked = source.ask();
    for (let i = 0; i < delay; i++) await null;
    scope.cancel();
    take(await asked);
  },
  *'yield*'(_, source, delay, take) {
    const asked = source.ask() as unknown as Iterable<unknown>;
    for (let i = 0; i < delay; i++) yield* pause();
    take(yield* asked as Generator<unknown, unknown>);
  },
  *yield(_, source, delay, take) {
    const asked = source.ask();
    for (let i = 0; i < delay; i++) yield* pause();
    take(yield asked);
  },
};

/** A microtask or two that no cancellation cuts short: a plain value, awaited by somebody else. */
function* pause(): Generator<unknown, void, unknown> {
  try {
    yield Promise.resolve();
  } catch {
    // Cancelled in here: what was asked for before is what this is about.
  }
}

for (const [name, make] of Object.entries(sources)) {
  test(`${name}: what was delivered is never lost, in whatever microtask its task is cancelled`, async () => {
    for (const [form, body] of Object.entries(forms)) {
      const source = make();
      // Three times: also when the slice is used up in between, and what is free is delivered in its turn.
      for (let offset = 0; offset <= 20; offset++) {
        for (let delay = 0; delay <= 3; delay++) {
          let scope: CancelScope | undefined;
          const got: unknown[] = [];
          const block = withCancelScope((mine) => {
            scope = mine;
            return body(mine, source, delay, (one) => got.push(one)) as Promise<void>;
          });
          for (let i = 0; i < offset % 7; i++) await null;
          scope?.cancel();
          await block;
          for (const one of got) source.back(one);
          await new Promise((resolve) => setImmediate(resolve));
          assert.ok(await source.isThere(), `${form}, cancelled after ${offset % 7} microtasks, awaited after ${delay}`);
        }
      }
    }
  });
}
