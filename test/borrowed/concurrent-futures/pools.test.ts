// After CPython 3.13.0, Lib/test/test_concurrent_futures/test_thread_pool.py and test_process_pool.py (PSF-2.0): what is asked there of one pool is asked here of both.
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { WorkerLostError } from 'meantime';
import { linesOf, where } from '../../fixtures/calls/calls.js';
import { file, kinds, until } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { crash, exit, fail, hold, isCollected, keepWeakly, logAndWait, makeObject, mul, square } from './calls.js';
import { errorOf, openGate } from './futures.js';

const lazily = 'a map begins when it is first looked at, so that endless inputs are possible';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/test_thread_pool.py and test_process_pool.py',
    licence: 'PSF-2.0',
    tests: {
      ThreadPoolExecutorTest:
        'test_map_submits_without_iteration test_default_workers test_saturation test_idle_thread_reuse test_hang_global_shutdown_lock test_executor_map_current_future_cancel',
      ProcessPoolExecutorTest:
        'test_max_workers_too_large test_killed_child test_map_chunksize test_traceback test_ressources_gced_in_workers test_saturation test_idle_process_reuse_one test_idle_process_reuse_multiple test_max_tasks_per_child test_max_tasks_per_child_defaults_to_spawn_context test_max_tasks_early_shutdown test_python_finalization_error',
    },
    leftOut: {
      'ThreadPoolExecutorTest.test_map_submits_without_iteration': lazily,
      'ThreadPoolExecutorTest.test_hang_global_shutdown_lock': 'a lock that is copied by a fork: there is no fork',
      'ProcessPoolExecutorTest.test_max_workers_too_large': 'a limit of a wait for many handles on Windows that Node does not have',
      'ProcessPoolExecutorTest.test_max_tasks_per_child_defaults_to_spawn_context': 'there is one way to start a process, and it is that',
      'ProcessPoolExecutorTest.test_python_finalization_error':
        'replaces the start of a thread of the interpreter that comes too late at its end; there is none here',
    },
  },
  kinds,
);

ledger.take('ThreadPoolExecutorTest.test_default_workers', 'as many workers as this process may use cores', async ({ make }) => {
  await using pool = make({});
  const gate = file();
  const calls = Array.from({ length: availableParallelism() + 2 }, () => pool.submit(hold, gate));
  await until('all workers are busy', () => pool.stats().running === availableParallelism());
  assert.equal(pool.stats().workers, availableParallelism());
  openGate(gate);
  await Promise.all(calls);
});

ledger.take(
  ['ThreadPoolExecutorTest.test_saturation', 'ProcessPoolExecutorTest.test_saturation'],
  'fifteen times as many calls as workers start no more workers',
  async ({ make }) => {
    await using pool = make({ workers: 3 });
    const gate = file();
    const calls = Array.from({ length: 45 }, () => pool.submit(hold, gate));
    await until('all workers are busy', () => pool.stats().running === 3);
    assert.deepEqual([pool.stats().workers, pool.stats().queued], [3, 42]);
    openGate(gate);
    await Promise.all(calls);
    assert.equal(pool.stats().workers, 3);
  },
);

ledger.take(
  ['ThreadPoolExecutorTest.test_idle_thread_reuse', 'ProcessPoolExecutorTest.test_idle_process_reuse_one'],
  'an idle worker takes the next call',
  async ({ make }) => {
    await using pool = make({ workers: 4 });
    for (const [x, y] of [
      [21, 2],
      [6, 7],
      [3, 14],
    ])
      assert.equal(await pool.submit(mul, x, y), 42);
    assert.equal(pool.stats().workers, 1);
  },
);

ledger.take(
  'ProcessPoolExecutorTest.test_idle_process_reuse_multiple',
  'no more workers than were ever needed at a time',
  async ({ make }) => {
    await using pool = make({ workers: 4 });
    await pool.submit(mul, 12, 7);
    for (let i = 0; i < 3; i++) await Promise.all([pool.submit(mul, 33, 25), pool.submit(mul, 25, 26)]);
    assert.ok(pool.stats().workers <= 3, `${pool.stats().workers}`);
  },
);

ledger.take(
  'ThreadPoolExecutorTest.test_executor_map_current_future_cancel',
  'a map that is left cancels what has not begun',
  async ({ make }) => {
    await using pool = make({ workers: 1 });
    const [log, gate] = [file(), file()];
    const first = pool.submit(logAndWait, { log, gate, name: 'first' });
    await until('the first runs', () => linesOf(log).length === 1);
    const inputs = ['second', 'third'].map((name) => ({ log, gate, name }));
    const results = pool.map(logAndWait, inputs, { chunk: 1, deadline: 20 })[Symbol.asyncIterator]();
    await assert.rejects(results.next(), { name: 'TimeoutError' });
    openGate(gate);
    await first;
    await pool.submit(mul, 1, 1); // behind whatever might still have been queued
    assert.deepEqual(linesOf(log), ['first started', 'first stopped']);
  },
);

ledger.take('ProcessPoolExecutorTest.test_killed_child', 'what ran in it is lost, and the pool is not broken', async ({ name, make }) => {
  await using pool = make({ workers: 1 });
  const error = await errorOf(pool.submit(name === 'processes' ? crash : exit));
  assert.ok(error instanceof WorkerLostError);
  assert.equal(await pool.submit(mul, 2, 8), 16); // Python's pool refuses everything from now on
});

ledger.take(
  'ProcessPoolExecutorTest.test_map_chunksize',
  'chunks that do not divide, divide, and are larger than the whole',
  async ({ make }) => {
    await using pool = make({ workers: 2 });
    const inputs = Array.from({ length: 40 }, (_, i) => i);
    for (const chunk of [6, 50, 40]) assert.deepEqual(await pool.map(square, inputs, { chunk }), inputs.map(square));
    await assert.rejects(async () => await pool.map(square, inputs, { chunk: -1 }), { code: 'MEANTIME_OPTION' });
  },
);

ledger.take('ProcessPoolExecutorTest.test_traceback', 'the far stack, and below it the near one', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const submitHere = () => pool.submit(fail, '123');
  const error = await errorOf(submitHere());
  assert.equal(error.message, '123');
  assert.match(error.stack ?? '', /at fail [\s\S]*in the worker[\s\S]*at submitHere/);
});

ledger.take(
  'ProcessPoolExecutorTest.test_ressources_gced_in_workers',
  'a worker keeps nothing of the arguments of what is done',
  async ({ make }) => {
    await using pool = make({ workers: 1 });
    await pool.submit(keepWeakly, makeObject(1));
    assert.equal(await pool.submit(isCollected), true);
  },
);

ledger.take('ProcessPoolExecutorTest.test_max_tasks_per_child', 'a worker is replaced after its calls', async ({ make }) => {
  await using pool = make({ workers: 1, maxCallsPerWorker: 3 });
  const seen: string[] = [];
  for (let i = 0; i < 4; i++) {
    seen.push(await pool.submit(where));
    assert.ok(pool.stats().workers <= 1);
  }
  assert.deepEqual(
    seen.map((one) => one === seen[0]),
    [true, true, true, false],
  );
});

ledger.take(
  'ProcessPoolExecutorTest.test_max_tasks_early_shutdown',
  'shut down while every call needs a worker of its own',
  async ({ make }) => {
    const pool = make({ workers: 3, maxCallsPerWorker: 1 });
    const calls = Array.from({ length: 6 }, (_, i) => pool.submit(mul, i, i));
    await pool.shutdown();
    assert.deepEqual(
      calls.map((call) => call.result()),
      [0, 1, 4, 9, 16, 25],
    );
  },
);

ledger.account();
