import assert from 'node:assert/strict';
import './setup/shared-pools.js';
import { test } from 'node:test';
import { AutoExecutor, advise, compare } from 'meantime/advisor';
import { map } from 'meantime/batch';
import { FutureSource, wait } from 'meantime/futures';
import { Manager, Process, ProcessEvent, ProcessLock, ProcessPoolExecutor, ProcessQueue, pipe, toProcess } from 'meantime/processes';
import {
  any,
  Barrier,
  Condition,
  cancellable,
  checkpoint,
  Event,
  gather,
  Lock,
  Queue,
  RateLimiter,
  RwLock,
  race,
  retry,
  run,
  Semaphore,
  sleep,
  TaskExecutor,
  withCancelScope,
  withDeadline,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';
import { AtomicInt32, SharedEvent, SharedLock, SharedQueue, Thread, ThreadPoolExecutor, Timer, toThread } from 'meantime/threads';

/* What can be awaited is a promise to look at: it has `then`, `catch` and `finally`, inside of tasks and of generators too. */

const executors = [
  new TaskExecutor(),
  new ThreadPoolExecutor({ workers: 1 }),
  new ProcessPoolExecutor({ workers: 1 }),
  new AutoExecutor({ maxWorkers: 1 }),
];

const double = (n: number) => 2 * n;
const nothing = () => undefined;

function awaitables(): Record<string, () => unknown> {
  const made: Record<string, () => unknown> = {
    'FutureSource.future': () => {
      const source = new FutureSource<number>();
      source.fulfil(1);
      return source.future;
    },
    wait: () => wait([]),
    'batch map': () => map(double, [1], { on: 'tasks' }),
    'batch map with retries': () => map(double, [1], { on: 'tasks', retries: 1 }),
    sleep: () => sleep(0),
    checkpoint,
    cancellable: () => cancellable(Promise.resolve(1)),
    withTaskGroup: () => withTaskGroup(nothing),
    withTimeout: () => withTimeout(1000, nothing),
    withDeadline: () => withDeadline(new Date(Date.now() + 1000), nothing),
    withShield: () => withShield(nothing),
    withCancelScope: () => withCancelScope(nothing),
    gather: () => gather([nothing]),
    race: () => race([nothing]),
    any: () => any([nothing]),
    retry: () => retry(nothing),
    'RateLimiter.acquire': () => new RateLimiter({ limit: 1, per: 1 }).acquire(),
    'RateLimiter.with': () => new RateLimiter({ limit: 1, per: 1 }).with(nothing),
    'Lock.acquire': () => new Lock().acquire(),
    'Lock.with': () => new Lock().with(nothing),
    'Semaphore.acquire': () => new Semaphore(1).acquire(),
    'RwLock.read': () => new RwLock().read(),
    'RwLock.write': () => new RwLock().write(),
    'RwLock.withRead': () => new RwLock().withRead(nothing),
    'Condition.acquire': () => new Condition().acquire(),
    'Condition: waitFor': () => new Condition().with((guard) => guard.waitFor(() => true)),
    'Event.wait': () => {
      const event = new Event();
      event.set();
      return event.wait();
    },
    'Barrier.wait': () => new Barrier(1).wait(),
    'Queue.put': () => new Queue(1).put(1),
    'Queue.join': () => new Queue(1).join(),
    'Queue.get': () => {
      const queue = new Queue<number>(1);
      queue.tryPut(1);
      return queue.get();
    },
    'SharedLock.acquire': () => new SharedLock().acquire(),
    'SharedLock.with': () => new SharedLock().with(nothing),
    'SharedEvent.wait': () => {
      const event = new SharedEvent();
      event.set();
      return event.wait();
    },
    'SharedQueue.put': () => new SharedQueue(1).put(1),
    'AtomicInt32.wait': () => new AtomicInt32(1).wait(0),
    'Timer.finished': () => Timer.once(0, nothing).finished,
    Thread: () => Thread.start(double, 1),
    'Thread.join': () => Thread.start(double, 1).join(),
    toThread: () => toThread(double, 1),
    Process: () => Process.start(double, 1),
    toProcess: () => toProcess(double, 1),
    'ProcessLock.with': () => new ProcessLock().with(nothing),
    'ProcessQueue.put': () => new ProcessQueue(1).put(1),
    'ProcessEvent.set': () => {
      const event = new ProcessEvent();
      event.set();
      return event.wait();
    },
    advise: () => advise(double, [1], { budget: 1 }),
    compare: () => compare(double, [1], { on: 'tasks', rounds: 1, advice: false }),
  };
  for (const executor of executors) {
    const { name } = executor.constructor;
    made[`${name}.submit`] = () => executor.submit(double, 1);
    made[`${name}.map`] = () => executor.map(double, [1]);
    made[`${name}.with().map`] = () => executor.with({ retries: 1 }).map(double, [1]);
  }
  return made;
}

/** Looks at it, and uses all three. */
async function holds(name: string, value: unknown): Promise<void> {
  const promise = value as Promise<unknown>;
  for (const method of ['then', 'catch', 'finally'] as const) assert.equal(typeof promise[method], 'function', `${name}.${method}`);
  const seen: string[] = [];
  const kept = promise.catch(() => seen.push('failed'));
  await promise.finally(() => seen.push('ended'));
  await kept;
  await promise;
  assert.deepEqual(seen, ['ended'], name);
}

for (const [name, make] of Object.entries(awaitables())) {
  test(`${name} has then, catch and finally`, { timeout: 60_000 }, async () => {
    await holds(name, make());
    await run(async () => {
      await holds(`${name}, in a task`, make());
    });
  });
}

test('they reject as promises do', async () => {
  const failing = () => {
    throw new Error('no');
  };
  for (const results of [
    new TaskExecutor().map(failing, [1]),
    map(failing, [1], { on: 'tasks' }),
    map(failing, [1], { on: 'tasks', retries: 1, backoff: 1 }),
  ]) {
    assert.equal(await results.catch((error: Error) => error.message), 'no');
    await assert.rejects(
      results.finally(() => undefined),
      { message: 'no' },
    );
  }
});

test('calls of pipes and of managed objects, too', async () => {
  const [a, b] = pipe();
  await holds('send', a.send(1));
  await holds('receive', b.receive());
  await holds('close', a.close());
  const manager = new Manager();
  const made = manager.create(Set);
  await holds('create', made);
  await holds('a method', (await made).has(1 as never));
  await holds('objects', manager.objects());
  await holds('shutdown', manager.shutdown());
  for (const executor of executors) await holds('shutdown', executor.shutdown());
});
