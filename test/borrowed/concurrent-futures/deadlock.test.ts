// After CPython 3.13.0, Lib/test/test_concurrent_futures/test_deadlock.py (PSF-2.0): what crashes, exits or fails, at each place that a call passes. There the pool is broken
// afterwards, here the next call must work. Arguments and results have no code of their own that runs when they are decoded: what is loaded over there is the module of the function.
import assert from 'node:assert/strict';
import { WorkerLostError } from 'meantime';
import type { Executor } from 'meantime/futures';
import type { ProcessPoolOptions } from 'meantime/processes';
// @ts-expect-error a module without types, found from build/test/
import { identity } from '../../../../test/fixtures/borrowed/at-import.mjs';
import { file, kinds } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import {
  capture,
  crash,
  crashAtEncoding,
  crashLater,
  crashWith,
  exit,
  exitAtEncoding,
  exitLater,
  exitWith,
  fail,
  failAtEncoding,
  garble,
  mul,
  square,
  uncloneable,
} from './calls.js';
import { errorOf, openGate } from './futures.js';

const inCaller = 'it would be the end of the calling program, not of a worker';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/test_deadlock.py',
    licence: 'PSF-2.0',
    tests: {
      ExecutorDeadlockTest:
        'test_error_at_task_pickle test_exit_at_task_unpickle test_error_at_task_unpickle test_crash_at_task_unpickle test_crash_during_func_exec_on_worker test_exit_during_func_exec_on_worker test_error_during_func_exec_on_worker test_crash_during_result_pickle_on_worker test_exit_during_result_pickle_on_worker test_error_during_result_pickle_on_worker test_error_during_result_unpickle_in_result_handler test_exit_during_result_unpickle_in_result_handler test_shutdown_deadlock test_shutdown_deadlock_pickle test_crash_big_data test_gh105829_should_not_deadlock_if_wakeup_pipe_full',
    },
    leftOut: {
      'ExecutorDeadlockTest.test_exit_during_result_unpickle_in_result_handler': `no code of a result runs when it is decoded; ${inCaller}`,
    },
  },
  kinds,
);

const shares = { threads: 'a crash of a thread is that of the whole process' };

/** The call fails with the error; the calls beside and behind it are done. */
async function check(
  make: (options: ProcessPoolOptions) => Executor & AsyncDisposable,
  call: (pool: Executor) => PromiseLike<unknown>,
  options: ProcessPoolOptions = {},
): Promise<Error & { code?: string }> {
  await using pool = make({ workers: 2, ...options });
  const bad = errorOf(call(pool));
  const around = Array.from({ length: 10 }, (_, i) => pool.submit(mul, i, 1));
  const error = await bad;
  assert.deepEqual(
    await Promise.all(around),
    around.map((_, i) => i),
  );
  assert.equal(await pool.submit(mul, 6, 7), 42);
  return error;
}

const isLost = (error: Error) => assert.ok(error instanceof WorkerLostError, `${error}`);

ledger.take(
  'ExecutorDeadlockTest.test_error_at_task_pickle',
  'an argument that cannot be encoded, or fails while it is',
  async ({ make }) => {
    assert.equal((await check(make, (pool) => pool.submit(capture, uncloneable()))).code, 'MEANTIME_NOT_CLONEABLE');
    assert.match(String(await check(make, (pool) => pool.submit(capture, failAtEncoding()))), /no value today/);
  },
);

for (const [name, what] of [
  ['ExecutorDeadlockTest.test_exit_at_task_unpickle', 'exit'],
  ['ExecutorDeadlockTest.test_error_at_task_unpickle', 'error'],
  ['ExecutorDeadlockTest.test_crash_at_task_unpickle', 'crash'],
] as const) {
  ledger.take(
    name,
    `${what} when the worker loads the function`,
    async ({ make }) => {
      const env = { ...process.env, AT_IMPORT: what };
      const error = await check(make, (pool) => pool.submit(identity, 1), { env });
      if (what === 'error') assert.match(`${error}`, /cannot be unpacked/);
      else isLost(error);
    },
    what === 'crash' ? shares : {},
  );
}

ledger.take(
  'ExecutorDeadlockTest.test_crash_during_func_exec_on_worker',
  'crash in the call',
  async ({ make }) => {
    const error = await check(make, (pool) => pool.submit(crash));
    isLost(error);
    assert.equal((error as WorkerLostError).signal, 'SIGSEGV');
  },
  shares,
);

ledger.take('ExecutorDeadlockTest.test_exit_during_func_exec_on_worker', 'exit in the call', async ({ make }) => {
  const error = await check(make, (pool) => pool.submit(exit));
  isLost(error);
  assert.equal((error as WorkerLostError).exitCode, 1);
});

ledger.take('ExecutorDeadlockTest.test_error_during_func_exec_on_worker', 'error in the call', async ({ make }) => {
  assert.equal(String(await check(make, (pool) => pool.submit(fail, 'as it should'))), 'Error: as it should');
});

ledger.take(
  'ExecutorDeadlockTest.test_crash_during_result_pickle_on_worker',
  'crash while the result is encoded',
  async ({ make }) => isLost(await check(make, (pool) => pool.submit(crashAtEncoding))),
  shares,
);

ledger.take('ExecutorDeadlockTest.test_exit_during_result_pickle_on_worker', 'exit while the result is encoded', async ({ make }) => {
  isLost(await check(make, (pool) => pool.submit(exitAtEncoding)));
});

ledger.take(
  'ExecutorDeadlockTest.test_error_during_result_pickle_on_worker',
  'a result that cannot be encoded, or fails while it is',
  async ({ make }) => {
    assert.equal((await check(make, (pool) => pool.submit(uncloneable))).code, 'MEANTIME_NOT_CLONEABLE');
    assert.match(String(await check(make, (pool) => pool.submit(failAtEncoding))), /no value today/);
  },
);

ledger.take(
  'ExecutorDeadlockTest.test_error_during_result_unpickle_in_result_handler',
  'bytes instead of an answer',
  async ({ make }) => isLost(await check(make, (pool) => pool.submit(garble))),
  { threads: 'the answers of a thread are no bytes' },
);

ledger.take('ExecutorDeadlockTest.test_shutdown_deadlock', 'a worker is lost after the shutdown', async ({ name, make }) => {
  const pool = make({ workers: 2 });
  const gate = file();
  const bad = pool.submit(name === 'processes' ? crashLater : exitLater, gate);
  const [queued, end] = [pool.submit(mul, 2, 3), pool.shutdown()];
  const lost = errorOf(bad);
  openGate(gate);
  await end;
  isLost(await lost);
  assert.equal(queued.result(), 6);
});

ledger.take(
  'ExecutorDeadlockTest.test_shutdown_deadlock_pickle',
  'a call that cannot be encoded, and a shutdown right behind it',
  async ({ make }) => {
    const pool = make({ workers: 2 });
    await pool.submit(mul, 1, 42);
    const bad = errorOf(pool.submit(capture, failAtEncoding()));
    const end = pool.shutdown();
    assert.match(String(await bad), /no value today/);
    await end;
    assert.equal(pool.stats().workers, 0);
  },
);

ledger.take('ExecutorDeadlockTest.test_crash_big_data', 'workers die while much is written to them', async ({ name, make }) => {
  await using pool = make({ workers: 2 });
  const data = 'a'.repeat(2 ** 20);
  const bad = name === 'processes' ? crashWith : exitWith;
  const ends = await pool.map(bad, new Array(6).fill(data), { onError: 'settle', chunk: 2 });
  for (const end of ends) assert.ok(end.status === 'rejected' && end.reason instanceof WorkerLostError, `${end.index}`);
  assert.equal(await pool.submit(mul, 6, 7), 42);
});

ledger.take(
  'ExecutorDeadlockTest.test_gh105829_should_not_deadlock_if_wakeup_pipe_full',
  'ten thousand calls before the first worker listens',
  async ({ make }) => {
    await using pool = make({ workers: 2 });
    const calls = Array.from({ length: 10_000 }, (_, i) => pool.submit(square, i));
    assert.deepEqual(
      await Promise.all(calls),
      calls.map((_, i) => i ** 2),
    );
  },
);

ledger.account();
