// After CPython 3.13.0, Lib/test/_test_multiprocessing.py (PSF-2.0): what it asks of multiprocessing.Pool, asked of both pools.
import assert from 'node:assert/strict';
import { WorkerLostError } from 'meantime';
import { wait } from 'meantime/futures';
import { file, kinds } from '../../fixtures/calls/pools.js';
import { collector } from '../concurrent-futures/calls.js';
import { openGate } from '../concurrent-futures/futures.js';
import { Ledger } from '../ledger.js';
import { echo, exitWith, fail, gather, hold, pid, square, uncloneable } from './far.js';

const inFutures = 'told in test_traceback, of concurrent.futures';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/_test_multiprocessing.py, of Pool',
    licence: 'PSF-2.0',
    tests: {
      _TestPool:
        'test_apply test_map test_starmap test_starmap_async test_map_async test_map_async_callbacks test_map_unplicklable test_map_chunksize test_map_handle_iterable_exception test_async test_async_timeout test_imap test_imap_handle_iterable_exception test_imap_unordered test_imap_unordered_handle_iterable_exception test_make_pool test_terminate test_empty_iterable test_context test_traceback test_wrapped_exception test_map_no_failfast test_release_task_refs test_enter test_resource_warning',
      _TestPoolWorkerErrors: 'test_async_error_callback test_unpickleable_result',
      _TestPoolWorkerLifetime:
        'test_pool_worker_lifetime test_pool_worker_lifetime_early_close test_pool_maxtasksperchild_invalid test_worker_finalization_via_atexit_handler_of_multiprocessing',
      TestPoolNotLeakOnFailure: 'test_release_unused_processes',
    },
    leftOut: {
      '_TestPool.test_traceback': inFutures,
      '_TestPool.test_wrapped_exception': inFutures,
      '_TestPool.test_context': 'told in test_context_manager_shutdown, of concurrent.futures',
      '_TestPool.test_resource_warning': 'a pool that is forgotten keeps nothing alive, so nothing has to be warned of',
      '_TestPoolWorkerLifetime.test_pool_worker_lifetime': 'told in test_max_tasks_per_child, of concurrent.futures',
      '_TestPoolWorkerLifetime.test_worker_finalization_via_atexit_handler_of_multiprocessing':
        'no finalizers that the library runs at the end of a worker',
      TestPoolNotLeakOnFailure: 'replaces the start of a process by one that fails; told with a real one in test/failures/starting.test.ts',
    },
  },
  kinds,
);

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Inputs that fail on the way. */
function* broken(after: number): Generator<number, void, undefined> {
  yield* upTo(after);
  throw new SyntaxError('someone is broken here');
}

ledger.take(['_TestPool.test_apply', '_TestPool.test_async'], 'a call with arguments', async ({ make }) => {
  await using pool = make({ workers: 2 });
  assert.equal(await pool.submit(square, 5), 25);
  assert.deepEqual(await pool.submit(gather, 1, { x: 3 }), [1, { x: 3 }]);
});

ledger.take(
  ['_TestPool.test_map', '_TestPool.test_map_async', '_TestPool.test_map_chunksize', '_TestPool.test_empty_iterable'],
  'as the map of an array, for one input, many and none',
  async ({ make }) => {
    await using pool = make({ workers: 2 });
    for (const n of [0, 1, 10, 1000]) assert.deepEqual(await pool.map(square, upTo(n)), upTo(n).map(square));
    assert.deepEqual(await pool.map(square, upTo(1000), { chunk: 20 }), upTo(1000).map(square));
    assert.deepEqual(await pool.map(square, [], { chunk: 1 }), []);
  },
);

ledger.take(['_TestPool.test_starmap', '_TestPool.test_starmap_async'], 'inputs that are tuples come as they are', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const tuples = upTo(100).map((n) => [n, 100 - n] as const);
  assert.deepEqual(
    await pool.map(([a, b]: readonly [number, number]) => a * b, tuples),
    tuples.map(([a, b]) => a * b),
  );
});

ledger.take(
  ['_TestPool.test_map_async_callbacks', '_TestPoolWorkerErrors.test_async_error_callback'],
  'whoever asked is told of the end, good or bad',
  async ({ make }) => {
    await using pool = make({ workers: 1 });
    const seen: unknown[] = [];
    await pool.map(Number, ['1']).then((values) => seen.push(values));
    await pool.map(fail, ['bad']).then(undefined, (error) => seen.push(`${error}`));
    assert.deepEqual(seen, [[1], 'RangeError: bad']);
  },
);

ledger.take('_TestPool.test_map_unplicklable', 'an input that cannot travel is an error, and nothing hangs', async ({ make }) => {
  await using pool = make({ workers: 1 });
  await assert.rejects(async () => await pool.map(echo, [() => 1] as unknown[]), { code: 'MEANTIME_NOT_CLONEABLE' });
  assert.equal(await pool.submit(square, 3), 9);
});

ledger.take(
  [
    '_TestPool.test_map_handle_iterable_exception',
    '_TestPool.test_imap_handle_iterable_exception',
    '_TestPool.test_imap_unordered_handle_iterable_exception',
  ],
  'inputs that fail on the way fail the map',
  async ({ make }) => {
    await using pool = make({ workers: 2 });
    for (const after of [0, 1, 10]) {
      for (const options of [{}, { chunk: 1 }, { chunk: 2 }, { ordered: false }]) {
        await assert.rejects(async () => await pool.map(square, broken(after), options), { name: 'SyntaxError', message: /broken here/ });
      }
    }
    assert.equal(await pool.submit(square, 3), 9);
  },
);

ledger.take('_TestPool.test_async_timeout', 'a wait that ends before the call does', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const gate = file();
  const call = pool.submit(hold, gate);
  assert.deepEqual((await wait([call], { timeout: 50 })).pending, [call]);
  openGate(gate);
  await call;
});

ledger.take(['_TestPool.test_imap', '_TestPool.test_imap_unordered'], 'one by one, in order or as they come', async ({ make }) => {
  await using pool = make({ workers: 2 });
  for (const ordered of [true, false]) {
    const seen: number[] = [];
    for await (const value of pool.map(square, upTo(500).values(), { ordered, chunk: 7 })) seen.push(value);
    if (!ordered) seen.sort((a, b) => a - b);
    assert.deepEqual(seen, upTo(500).map(square));
  }
});

ledger.take(
  ['_TestPool.test_make_pool', '_TestPoolWorkerLifetime.test_pool_maxtasksperchild_invalid'],
  'numbers that make no sense',
  ({ make }) => {
    for (const workers of [0, -1, 1.5]) assert.throws(() => make({ workers }), { code: 'MEANTIME_OPTION' });
    for (const maxCallsPerWorker of [0, -1, 0.5, '12' as never])
      assert.throws(() => make({ maxCallsPerWorker }), { code: 'MEANTIME_OPTION' });
  },
);

ledger.take('_TestPool.test_terminate', 'ended at once, whatever is still to do', async ({ make }) => {
  const pool = make({ workers: 2 });
  const gate = file();
  const calls = upTo(1000).map(() => pool.submit(hold, gate));
  await pool.shutdown({ cancelPending: true, grace: 0 });
  assert.ok(calls.every(({ state }) => state === 'cancelled'));
  assert.equal(pool.stats().workers, 0);
});

ledger.take(
  '_TestPool.test_map_no_failfast',
  'the failure of one input does not end the others, where that is wanted',
  async ({ make }) => {
    await using pool = make({ workers: 2 });
    const ends = await pool.map((n: number) => (n === 0 ? JSON.parse('{') : n), upTo(20), { onError: 'settle', chunk: 5 });
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['rejected', ...new Array(19).fill('fulfilled')],
    );
  },
);

ledger.take('_TestPool.test_release_task_refs', 'the pool keeps no inputs of maps that are done', async ({ make }) => {
  const gc = collector();
  await using pool = make({ workers: 2 });
  const refs = await (async () => {
    const inputs = upTo(10).map((n) => ({ n }));
    await pool.map(echo<{ n: number }>, inputs);
    return inputs.map((input) => new WeakRef(input));
  })();
  await pool.submit(square, 1);
  for (let i = 0; i < 100 && refs.some((ref) => ref.deref()); i++) {
    await new Promise(setImmediate);
    gc();
  }
  assert.equal(refs.filter((ref) => ref.deref()).length, 0);
});

ledger.take('_TestPool.test_enter', 'a pool that was left cannot be used again', async ({ make }) => {
  const pool = make({ workers: 1 });
  {
    await using _left = pool;
  }
  await assert.rejects(async () => await pool.submit(square, 1), { code: 'MEANTIME_SHUTDOWN' });
});

ledger.take('_TestPoolWorkerErrors.test_unpickleable_result', 'results that cannot travel cost no worker', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const before = await pool.submit(pid);
  for (let i = 0; i < 20; i++) await assert.rejects(async () => await pool.submit(uncloneable), { code: 'MEANTIME_NOT_CLONEABLE' });
  assert.deepEqual([await pool.submit(pid), pool.stats().lost], [before, 0]);
});

ledger.take(
  '_TestPoolWorkerLifetime.test_pool_worker_lifetime_early_close',
  'shut down while workers are replaced, and lost',
  async ({ make }) => {
    const pool = make({ workers: 2, maxCallsPerWorker: 1 });
    const calls = upTo(6).map((n) => pool.submit(square, n));
    const lost = assert.rejects(async () => await pool.submit(exitWith, 2), WorkerLostError);
    await pool.shutdown();
    await lost;
    assert.deepEqual(
      calls.map((call) => call.result()),
      upTo(6).map(square),
    );
  },
);

ledger.account();
