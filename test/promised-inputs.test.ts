import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AutoExecutor, compare } from 'meantime/advisor';
import { list, map } from 'meantime/batch';
import type { Executor, Settled } from 'meantime/futures';
import { ProcessPoolExecutor } from 'meantime/processes';
import { TaskExecutor } from 'meantime/tasks';
import { ThreadPoolExecutor } from 'meantime/threads';

/* Promises as inputs: one answer everywhere. Each is waited for; one that rejects is the failure of its input, at its index. */

const double = (n: number) => 2 * n;
const no = new Error('no');
const given = (): (number | Promise<number>)[] => [
  1,
  Promise.resolve(2),
  Promise.reject(no),
  4,
  new Promise((done) => setTimeout(done, 5, 5)),
];
function* oneByOne() {
  yield 1;
  yield Promise.resolve(2);
  yield Promise.reject(no);
  yield 4;
  yield Promise.resolve(5);
}
const later = (): AsyncIterable<number | Promise<number>> => {
  const all = given();
  all.map((each) => each instanceof Promise && each.catch(() => undefined));
  let at = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => (at < all.length ? { done: false, value: all[at++] } : { done: true, value: undefined }),
    }),
  };
};
const shapes: Record<string, () => Iterable<number | Promise<number>> | AsyncIterable<number | Promise<number>>> = {
  array: given,
  'set of promises': () => new Set(given()),
  generator: oneByOne,
  'async iterable': later,
};
const executors: Record<string, () => Executor> = {
  TaskExecutor: () => new TaskExecutor({ concurrency: 2 }),
  ThreadPoolExecutor: () => new ThreadPoolExecutor({ workers: 1 }),
  ProcessPoolExecutor: () => new ProcessPoolExecutor({ workers: 1 }),
  AutoExecutor: () => new AutoExecutor({ maxWorkers: 1 }),
};
const expected = [
  ['fulfilled', 2, 0],
  ['fulfilled', 4, 1],
  ['rejected', no, 2],
  ['fulfilled', 8, 3],
  ['fulfilled', 10, 4],
];
const short = (outcome: Settled<number, unknown>) => [
  outcome.status,
  outcome.status === 'fulfilled' ? outcome.value : outcome.reason,
  outcome.index,
];

for (const [name, make] of Object.entries(executors)) {
  test(`${name}: promises as inputs are waited for, in arrays and in whatever can be iterated`, { timeout: 60_000 }, async () => {
    const executor = make();
    for (const [shape, inputs] of Object.entries(shapes)) {
      for (const retries of [0, 2]) {
        const settled = await executor.map(double, inputs(), { onError: 'settle', retries });
        assert.deepEqual(settled.map(short), expected, shape);
        const seen: unknown[] = [];
        await assert.rejects(
          async () => {
            for await (const value of executor.map(double, inputs(), { retries })) seen.push(value);
          },
          (error) => error === no,
        );
        assert.deepEqual(seen, [2, 4], shape);
      }
    }
    await executor.shutdown();
  });
}

const batches: Record<string, object> = {
  plain: {},
  'with retries': { retries: 2, backoff: 1 },
  'with progress': { onProgress: () => undefined },
  'with a rate': { rate: 1000 },
};
for (const [name, options] of Object.entries(batches)) {
  test(`map ${name}: promises as inputs are waited for; one that rejected is not tried again`, { timeout: 60_000 }, async () => {
    for (const [shape, inputs] of Object.entries({ ...shapes, list: () => list(given()) })) {
      let calls = 0;
      const counted = (n: number) => {
        calls++;
        return double(n);
      };
      const settled = await map(counted, inputs(), { on: 'tasks', onError: 'settle', ...options });
      assert.deepEqual(settled.map(short), expected, shape);
      assert.equal(calls, 4, shape);
    }
  });
}

test('a promise that rejects long before its turn is no unhandled rejection', async () => {
  const executor = new TaskExecutor({ concurrency: 1 });
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', listen);
  const results = executor.map(double, [1, Promise.reject(no)]);
  const others = map(double, [1, Promise.reject(no)], { on: 'tasks' });
  await new Promise((done) => setTimeout(done, 5));
  await assert.rejects(results, (error) => error === no);
  await assert.rejects(others, (error) => error === no);
  process.off('unhandledRejection', listen);
  assert.deepEqual(unhandled, []);
  await executor.shutdown();
});

test('compare waits for them, too', async () => {
  const { inputs } = await compare(double, [Promise.resolve(1), 2], { on: 'tasks', rounds: 1, advice: false });
  assert.equal(inputs, 2);
  await assert.rejects(compare(double, [1, Promise.reject(no)], { on: 'tasks', advice: false }), (error) => error === no);
});
