// After CPython 3.13.0, Lib/test/test_concurrent_futures/executor.py (PSF-2.0).
import assert from 'node:assert/strict';
import { NotCallableError } from 'meantime';
import { file, kinds } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { capture, collector, divmod, holdOrReturn, keepWeakly, makeObject, mul, square } from './calls.js';
import { openGate } from './futures.js';

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/executor.py',
    licence: 'PSF-2.0',
    tests: {
      ExecutorTest:
        'test_submit test_submit_keyword test_map test_map_exception test_map_timeout test_shutdown_race_issue12456 test_no_stale_references test_max_workers_negative test_free_reference',
    },
    leftOut: {},
  },
  kinds,
);

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

ledger.take('ExecutorTest.test_submit', 'a call and its result', async ({ make }) => {
  await using pool = make({ workers: 2 });
  assert.equal(await pool.submit(Math.pow, 2, 8), 256);
});

ledger.take('ExecutorTest.test_submit_keyword', 'no name of an option is taken from the arguments', async ({ make }) => {
  await using pool = make({ workers: 2 });
  assert.equal(await pool.submit(mul, 2, 8), 16);
  const options = { fn: 3, self: 2, timeout: 0, signal: 'green' };
  assert.deepEqual(await pool.submit(capture, 1, options), [1, options]);
  await assert.rejects(async () => await pool.submit(undefined as never), NotCallableError);
  await assert.rejects(async () => await pool.submit({ fn: capture } as never, 1 as never), NotCallableError);
});

ledger.take('ExecutorTest.test_map', 'results in the order of the inputs, also in chunks', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const expected = upTo(10).map(square);
  assert.deepEqual(await pool.map(square, upTo(10)), expected);
  assert.deepEqual(await pool.map(square, upTo(10), { chunk: 3 }), expected);
});

ledger.take('ExecutorTest.test_map_exception', 'what comes before a failure is delivered, then the failure', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const inputs = [2, 3, 0, 5].map((b) => [1, b] as const);
  const results = pool.map(divmod, inputs)[Symbol.asyncIterator]();
  assert.deepEqual((await results.next()).value, [0, 1]);
  assert.deepEqual((await results.next()).value, [0, 1]);
  await assert.rejects(results.next(), RangeError);
});

ledger.take('ExecutorTest.test_map_timeout', 'what was in time is delivered, then the TimeoutError', async ({ make }) => {
  await using pool = make({ workers: 2, grace: 0 });
  const results: unknown[] = [];
  await assert.rejects(
    async () => {
      for await (const result of pool.map(holdOrReturn, [0, 0, file()], { timeout: 300 })) results.push(result);
    },
    { name: 'TimeoutError' },
  );
  assert.deepEqual(results, [0, 0]);
});

ledger.take('ExecutorTest.test_shutdown_race_issue12456', 'shut down right behind a full queue', async ({ make }) => {
  const pool = make({ workers: 2 });
  const results = Promise.all(pool.map(String, new Array(3).fill(2)) as unknown as PromiseLike<string>[]).catch(() => undefined);
  const calls = upTo(3).map((n) => pool.submit(square, n));
  await pool.shutdown();
  assert.deepEqual(
    calls.map((call) => call.result()),
    [0, 1, 4],
  );
  await results;
});

ledger.take('ExecutorTest.test_no_stale_references', 'neither call nor pool keeps the arguments of what is done', async ({ make }) => {
  const gc = collector();
  await using pool = make({ workers: 2 });
  const ref = await (async () => {
    const argument = makeObject(1);
    await pool.submit(keepWeakly, argument); // the future is dropped
    return new WeakRef(argument);
  })();
  await pool.submit(mul, 1, 2); // the last message is no longer that one
  for (let i = 0; i < 100 && ref.deref(); i++) {
    await new Promise(setImmediate);
    gc();
  }
  assert.equal(ref.deref(), undefined);
});

ledger.take('ExecutorTest.test_max_workers_negative', 'no workers, or fewer', ({ make }) => {
  for (const workers of [0, -1]) assert.throws(() => make({ workers }), { code: 'MEANTIME_OPTION', message: /workers/ });
});

ledger.take('ExecutorTest.test_free_reference', 'a map keeps nothing of what it has delivered', async ({ make }) => {
  const gc = collector();
  await using pool = make({ workers: 2 });
  const gate = file();
  const given: WeakRef<object>[] = [];
  async function* inputs() {
    yield* upTo(10);
    while (given.length < 9) await new Promise(setImmediate);
  }
  for await (const object of pool.map(makeObject, inputs(), { chunk: 1 })) {
    given.push(new WeakRef(object));
    if (given.length !== 9) continue;
    for (let i = 0; i < 100 && given.slice(0, 8).some((one) => one.deref()); i++) {
      await new Promise(setImmediate);
      gc();
    }
    assert.equal(given.slice(0, 8).filter((one) => one.deref()).length, 0);
  }
  assert.equal(given.length, 10);
  openGate(gate);
});

ledger.account();
