import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AutoExecutor } from 'meantime/advisor';
import { list, map, runJob } from 'meantime/batch';
import type { Executor } from 'meantime/futures';
import { TaskExecutor } from 'meantime/tasks';
import { SharedArray, ThreadPoolExecutor } from 'meantime/threads';

/* However executors are wrapped: retries are counted once, and what is said nearest to the call counts. */

const calls = new SharedArray('i32', 1);
const fails = (counted: SharedArray<'i32'>): never => {
  counted.atomic(0).add(1);
  throw new Error('no');
};
const counting = async (act: () => PromiseLike<unknown>): Promise<number> => {
  calls.atomic(0).store(0);
  await Promise.resolve(act()).then(
    () => undefined,
    () => undefined,
  );
  return calls.atomic(0).load();
};

const executors: Record<string, () => Executor> = {
  TaskExecutor: () => new TaskExecutor(),
  ThreadPoolExecutor: () => new ThreadPoolExecutor({ workers: 1 }),
  'AutoExecutor, here': () => new AutoExecutor({ maxWorkers: 1 }),
  'AutoExecutor, on threads': () => new AutoExecutor({ maxWorkers: 1, isolate: true }),
};
type Batch = { retries?: number; backoff?: number; ordered?: boolean; onProgress?: () => void };
const rows: Record<string, [expected: number, act: (executor: Executor) => PromiseLike<unknown>]> = {
  submit: [1, (executor) => executor.submit(fails, calls)],
  'a view': [3, (executor) => executor.with({ retries: 2 }).submit(fails, calls)],
  'a view of a view': [2, (executor) => executor.with({ retries: 2 }).with({ retries: 1 }).submit(fails, calls)],
  'a view of a view that says nothing of it': [3, (executor) => executor.with({ retries: 2 }).with({ name: 'view' }).submit(fails, calls)],
  'a view of a view that says none': [1, (executor) => executor.with({ retries: 2 }).with({ retries: 0 }).submit(fails, calls)],
  'a map': [3, (executor) => executor.map(fails, [calls], { retries: 2 })],
  'a map of a view': [3, (executor) => executor.with({ retries: 2 }).map(fails, [calls])],
  'a map of a view, both say': [2, (executor) => executor.with({ retries: 2 }).map(fails, [calls], { retries: 1 })],
  'a map of a view, which says none': [1, (executor) => executor.with({ retries: 2 }).map(fails, [calls], { retries: 0 })],
};
for (const [name, options, expected] of [
  ['says nothing', {}, 3],
  ['says nothing, with progress', { onProgress: () => undefined }, 3],
  ['says as many', { retries: 2 }, 3],
  ['says fewer', { retries: 1 }, 2],
  ['says more', { retries: 4 }, 5],
  ['says none', { retries: 0 }, 1],
  ['says none, with progress', { retries: 0, onProgress: () => undefined }, 1],
] as [string, Batch, number][]) {
  rows[`a batch map over a view of two: ${name}`] = [
    expected,
    (executor) => map(fails, [calls], { on: executor.with({ retries: 2 }), backoff: 1, ...options }),
  ];
  rows[`a job over a view of two: ${name}`] = [
    expected,
    (executor) =>
      runJob({ fn: fails, source: list([calls]), on: executor.with({ retries: 2 }), errors: '/dev/null', backoff: 1, ...options }),
  ];
}

for (const [kind, make] of Object.entries(executors)) {
  test(`${kind}: retries are counted once`, { timeout: 60_000 }, async () => {
    const executor = make();
    for (const [name, [expected, act]] of Object.entries(rows)) assert.equal(await counting(() => act(executor)), expected, name);
    await executor.shutdown();
  });
}
