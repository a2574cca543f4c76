/** Promise 7: timers and IO have their turn every few milliseconds, also when every wait resolves at once. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FutureSource } from 'meantime/futures';
import {
  cancellable,
  checkpoint,
  Event,
  Lock,
  now,
  Queue,
  RwLock,
  Semaphore,
  sleep,
  type TaskGroup,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { bothForms, type Coroutine, type Form } from './forms.js';

/** Ten tasks that spin until this has happened, or until nobody could doubt that it never will (ms). */
const PATIENCE = 20_000;

/** Everything that resolves at once. */
function* waits(form: Form): Coroutine<Record<string, () => Iterable<unknown>>> {
  const [lock, semaphore, rw, set, queue] = [new Lock(), new Semaphore(100), new RwLock(), new Event(), new Queue<number>(100)];
  set.set();
  const source = new FutureSource<number>();
  source.fulfil(1);
  const task = yield* withTaskGroup(function* (group: TaskGroup) {
    const spawned = group.spawn(() => 1);
    yield* spawned;
    return [spawned];
  });
  const value = () => 1;
  const promise = Promise.resolve(1);
  return {
    checkpoint,
    'sleep(0)': () => sleep(0),
    *lock() {
      using _guard = yield* lock.acquire();
    },
    'lock.with': () => lock.with(value),
    *semaphore() {
      using _permit = yield* semaphore.acquire();
    },
    *rwlock() {
      using _guard = yield* rw.read();
    },
    event: () => set.wait(),
    *queue() {
      yield* queue.put(1);
      yield* queue.get();
    },
    'cancellable(value)': () => cancellable(1),
    'cancellable(promise)': () => cancellable(promise),
    'a task that has ended': () => task[0],
    'a future that has settled': () => source.future,
    withTimeout: () => withTimeout(10_000, value),
    'withTimeout, of a coroutine': () =>
      withTimeout(
        10_000,
        form(function* () {
          yield* checkpoint();
        }),
      ),
    withShield: () => withShield(value),
    withCancelScope: () => withCancelScope(value),
    withTaskGroup: () => withTaskGroup((group) => void group.spawn(value)),
  };
}

const kinds = [
  'checkpoint',
  'sleep(0)',
  'lock',
  'lock.with',
  'semaphore',
  'rwlock',
  'event',
  'queue',
  'cancellable(value)',
  'cancellable(promise)',
  'a task that has ended',
  'a future that has settled',
  'withTimeout',
  'withTimeout, of a coroutine',
  'withShield',
  'withCancelScope',
  'withTaskGroup',
]; // prettier-ignore

for (const kind of kinds) {
  bothForms(`7: ten tasks that spin on ${kind} keep no timer from firing`, function* (form) {
    const wait = (yield* waits(form))[kind];
    const started = now();
    let [ticks, rounds, isDone] = [0, 0, false];
    const tick = () => {
      if (++ticks < 20) setTimeout(tick, 1);
      else isDone = true;
    };
    setTimeout(tick, 1);
    yield* withTaskGroup((group) => {
      for (let n = 0; n < 10; n++)
        group.spawn(
          form(function* () {
            while (!isDone && now() - started < PATIENCE) {
              rounds++;
              yield* wait() as Coroutine<unknown>;
            }
          }),
        );
    });
    assert.deepEqual([ticks, isDone], [20, true]);
    assert.ok(rounds > ticks, 'they did spin');
    assert.ok(now() - started < PATIENCE);
  });
}

test('7: nor IO: a file is read and a socket answers meanwhile', async () => {
  const server = createServer((socket) => void socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const seen: string[] = [];
  const started = now();
  await withTaskGroup((group) => {
    for (let n = 0; n < 10; n++)
      group.spawn(function* () {
        while (seen.length < 2 && now() - started < PATIENCE) yield* checkpoint();
      });
    group.spawn(async () => {
      await readFile(fileURLToPath(import.meta.url));
      seen.push('read');
    });
    group.spawn(async () => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      socket.write('ping');
      const [data] = await once(socket, 'data');
      assert.equal(String(data), 'ping');
      socket.destroy();
      seen.push('answered');
    });
  });
  assert.deepEqual(seen.sort(), ['answered', 'read']);
  server.close();
  await once(server, 'close');
});

test('7: a time limit cuts off a task that spins', async () => {
  for (const wait of [checkpoint, () => sleep(0)]) {
    await assert.rejects(
      withTimeout(5, async () => {
        for (;;) await wait();
      }),
      { name: 'TimeoutError' },
    );
  }
});
