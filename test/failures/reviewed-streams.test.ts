import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { TaskExecutor } from 'meantime/tasks';
import { add, echo, exit, holdUntil, linesOf, pauseAndReturn } from '../fixtures/calls/calls.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';
import { failAbove, slowly, yieldThenWait } from '../fixtures/reviewed/calls.js';
import { within } from '../fixtures/reviewed/within.js';

/** What a review found about streams, maps over slow sources, the caller's context and broadcasts. */
const limit = { timeout: 60_000 };

for (const { name, make } of kinds) {
  test(`${name}: a value of a stream leaves before its generator waits`, limit, async () => {
    await using pool = make({ workers: 1 });
    for (let round = 0; round < 4; round++) {
      const gate = file();
      const stream = pool.stream(yieldThenWait, gate)[Symbol.asyncIterator]();
      assert.deepEqual(await within('the first value', stream.next()), { done: false, value: 'started' });
      writeFileSync(gate, ''); // only now can the generator go on
      assert.deepEqual(await within('the second value', stream.next()), { done: false, value: 'done' });
      assert.equal((await within('the end', stream.next())).done, true);
    }
  });

  test(`${name}: inputs of a slow source are not held back for a full chunk while a worker is idle`, limit, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(slowly, 1);
    let seen = 0;
    let wake = () => {};
    async function* feedback() {
      yield 1;
      await new Promise((resolve) => setTimeout(resolve, 10)); // the first is under way
      yield 2;
      while (seen < 2) await new Promise<void>((resolve) => (wake = resolve)); // more comes only once both were delivered
      yield 3;
    }
    const run = async () => {
      for await (const value of pool.map(slowly, feedback(), { chunk: 4 })) {
        assert.equal(value, ++seen);
        wake();
      }
    };
    await within('the map', run());
    assert.equal(seen, 3);
  });

  test(`${name}: the generator that feeds a map runs in the context of the map's caller`, limit, async () => {
    await using pool = make({ workers: 1 });
    const storage = new AsyncLocalStorage<string>();
    const seen = new Set<string | undefined>();
    await storage.run('another', () => pool.submit(add, 1, 2)); // the pool's own sources of events are born in this context
    await storage.run('mine', async () => {
      function* inputs() {
        for (let i = 0; i < 5000; i++) {
          seen.add(storage.getStore());
          yield i;
        }
      }
      await within('the map', pool.map(echo, inputs()));
    });
    assert.deepEqual([...seen], ['mine']);
  });

  test(`${name}: a shutdown waits for a broadcast`, limit, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(add, 1, 2);
    const [held, gate] = [file(), file()];
    const broadcast = pool.broadcast(holdUntil, held, gate);
    await until('it is held', () => linesOf(held).length === 1);
    const end = pool.shutdown();
    writeFileSync(gate, '');
    assert.deepEqual(await within('the broadcast', broadcast), ['released']);
    await within('the shutdown', end);
    assert.equal(pool.stats().workers, 0);
  });

  test(`${name}: a shutdown waits for a broadcast whose workers have not started yet`, limit, async () => {
    await using pool = make({ workers: 1 });
    const broadcast = pool.broadcast(pauseAndReturn, 50, 'told');
    await within('the shutdown', pool.shutdown());
    assert.deepEqual([broadcast.state, pool.stats().workers], ['fulfilled', 0]);
    assert.deepEqual(broadcast.result(), ['told']);
  });

  test(`${name}: a worker that runs a broadcast is not idle`, limit, async () => {
    await using pool = make({ workers: 1, idleTimeout: 40 });
    const broadcast = pool.broadcast(pauseAndReturn, 400, 'told'); // ten times as long
    assert.deepEqual(await within('the broadcast', broadcast), ['told']);
  });

  test(`${name}: a broadcast that failed is not run on later workers`, limit, async () => {
    await using pool = make({ workers: 1 });
    await assert.rejects(within('the broadcast', pool.broadcast(failAbove, 2)), { message: 'a bad setting' });
    await assert.rejects(within('the call that ends its worker', pool.submit(exit, file(), 1)), { name: 'WorkerLostError' });
    assert.equal(await within('a call on the next worker', pool.submit(add, 1, 2)), 3);
  });

  test(`${name}: a broadcast whose argument cannot travel fails alone, and later workers start`, limit, async () => {
    await using pool = make({ workers: 1 });
    await assert.rejects(
      within(
        'the broadcast',
        pool.broadcast(echo, () => 1),
      ),
      { name: 'NotCloneableError' },
    );
    await assert.rejects(within('the call that ends its worker', pool.submit(exit, file(), 1)), { name: 'WorkerLostError' });
    assert.equal(await within('a call on the next worker', pool.submit(add, 1, 2)), 3);
    await within('the shutdown', pool.shutdown());
  });
}

test('tasks: a call runs in the context of its caller, also when it had to wait', limit, async () => {
  await using executor = new TaskExecutor({ concurrency: 1 });
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const note = async () => {
    seen.push(storage.getStore());
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(storage.getStore());
  };
  await within('the calls', Promise.all(['A', 'B', 'C'].map((id) => storage.run(id, () => executor.submit(note)))));
  assert.deepEqual(seen, ['A', 'A', 'B', 'B', 'C', 'C']);
});
