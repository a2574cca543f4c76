import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Executor, watchFuture } from '../../futures/index.js';
import { add, later, nested } from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';
import { countTo } from '../stream-calls.js';

/** Runs `body` while every object seems to have these properties. */
async function polluted(properties: Record<string, unknown>, body: () => Promise<void>): Promise<void> {
  const all = Object.prototype as Record<string, unknown>;
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(all, name, { value, configurable: true, writable: true, enumerable: true });
  }
  try {
    await body();
  } finally {
    for (const name of Object.keys(properties)) delete all[name];
  }
}

export const surroundings: readonly ExecutorPromise[] = [
  promise('AsyncLocalStorage of the caller is intact after await, inside then and in maps', async (rig) => {
    const executor = rig.make();
    const storage = new AsyncLocalStorage<string>();
    const one = (name: string) =>
      storage.run(name, async () => {
        assert.equal(await executor.submit(add, 1, 2), 3);
        assert.equal(storage.getStore(), name, 'after await');
        await executor.submit(later, 1).then(() => assert.equal(storage.getStore(), name, 'inside then'));
        await executor.submit(later, 1).finally(() => assert.equal(storage.getStore(), name, 'inside finally'));
        for await (const _ of executor.map(later, [1, 2, 3])) assert.equal(storage.getStore(), name, 'in a map');
        for await (const _ of executor.stream(countTo, 3)) assert.equal(storage.getStore(), name, 'in a stream');
        await Promise.all([executor.submit(add, 1, 1), executor.map(later, [1, 2])]);
        assert.equal(storage.getStore(), name, 'after Promise.all');
      });
    await Promise.all([one('a'), one('b'), one('c')]);
    assert.equal(storage.getStore(), undefined);
  }),

  promise('a future is a promise to everything that takes one', async (rig) => {
    const executor = rig.make();
    const future = executor.submit(add, 1, 2);
    const seen: string[] = [];
    watchFuture(future, ({ state }) => seen.push(state));
    assert.equal(await Promise.race([future, new Promise(() => undefined)]), 3);
    assert.deepEqual(await Promise.all([future, future, 4]), [3, 3, 4]);
    assert.equal(await new Promise((resolve) => resolve(future)), 3);
    assert.equal(await (async () => future)(), 3);
    assert.equal(await future.then((sum) => sum + 1), 4);
    assert.deepEqual(seen, ['fulfilled']);
  }),

  promise('an executor inside a call of another works', async (rig) => {
    const executor = rig.make();
    assert.deepEqual(await Promise.all([executor.submit(nested, 1), executor.submit(nested, 2)]), [4, 6]);
  }),

  promise('options are read as own properties: a polluted prototype changes nothing', async (rig) => {
    const evil = rig.file();
    const script = `${rig.file()}.mjs`;
    writeFileSync(script, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(evil)}, 'loaded');`);
    const url = pathToFileURL(script).href;
    const pools = { workers: 0, concurrency: -1, initializer: url, idleTimeout: 'soon', memoryLimit: -1, maxCallsPerWorker: 0, grace: -1 };
    const node = { execArgv: ['--import', url], filename: script, eval: true, argv: ['evil'], cwd: '/nowhere', stdout: 'file' };
    const child = { NODE_OPTIONS: `--import ${url}`, env: { NODE_OPTIONS: `--import ${url}` }, shell: true, argv0: 'sh', uid: 12345 };
    const use = async (executor: Executor) => {
      assert.equal(await executor.submit(add, 1, 2), 3);
      assert.deepEqual(await executor.map(later, [1, 2]), [1, 2]);
      assert.equal(await executor.with({ retries: 1 }).submit(later, 5), 5);
      const values: number[] = [];
      for await (const value of executor.stream(countTo, 3)) values.push(value);
      assert.deepEqual(values, [1, 2, 3]);
    };
    await polluted({ ...pools, ...node, ...child }, async () => {
      const executor = rig.make({ workers: 1 });
      await use(executor);
      await executor.shutdown();
    });
    const executor = rig.make({ workers: 1 });
    await use(executor); // Node itself cannot start a worker with an inherited `signal`
    const calls = { signal: AbortSignal.abort(), timeout: 0, deadline: 0, priority: 'high', retries: -1, transfer: [evil], name: 5 };
    const maps = { onError: 'settle', buffer: -3, chunk: -1, ordered: 7, cancelPending: true };
    await polluted({ ...calls, ...maps }, async () => {
      await use(executor);
      await executor.shutdown();
    });
    assert.equal(existsSync(evil), false, 'it loaded a file that an inherited option named');
  }),
];
