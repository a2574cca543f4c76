// After CPython 3.13.0, Lib/test/test_concurrent_futures/test_shutdown.py (PSF-2.0). Whole programs are in test/fixtures/borrowed/shutdown.mjs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { linesOf, pid } from '../../fixtures/calls/calls.js';
import { file, isGone, kinds, until } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { hold, magnitude, mul } from './calls.js';
import { openGate } from './futures.js';

const ofThread = "a thread's name cannot be read in it on Node 20; the pool has it for its messages";
const forgotten =
  'there is no end of a variable at which something could happen; the program that forgets its pool is test_interpreter_shutdown';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/test_shutdown.py',
    licence: 'PSF-2.0',
    tests: {
      ExecutorShutdownTest:
        'test_run_after_shutdown test_interpreter_shutdown test_submit_after_interpreter_shutdown test_hang_issue12364 test_cancel_futures test_hang_gh83386 test_hang_gh94440',
      ThreadPoolShutdownTest:
        'test_threads_terminate test_context_manager_shutdown test_del_shutdown test_shutdown_no_wait test_thread_names_assigned test_thread_names_default test_cancel_futures_wait_false',
      ProcessPoolShutdownTest: 'test_processes_terminate test_context_manager_shutdown test_del_shutdown test_shutdown_no_wait',
    },
    leftOut: {
      'ThreadPoolShutdownTest.test_thread_names_assigned': ofThread,
      'ThreadPoolShutdownTest.test_thread_names_default': ofThread,
      'ThreadPoolShutdownTest.test_del_shutdown': forgotten,
      'ProcessPoolShutdownTest.test_del_shutdown': forgotten,
    },
  },
  kinds,
);

const program = fileURLToPath(new URL('../../../../test/fixtures/borrowed/shutdown.mjs', import.meta.url));

/** What a program writes, which has to end by itself and with nothing on stderr. */
async function output(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: string[][] = [[], []];
  child.stdout.on('data', (chunk) => out.push(`${chunk}`));
  child.stderr.on('data', (chunk) => err.push(`${chunk}`));
  const [code] = await once(child, 'close');
  assert.deepEqual([code, err.join('')], [0, '']);
  return out.join('').trim();
}

const inputs = Array.from({ length: 10 }, (_, i) => i - 5);

ledger.take('ExecutorShutdownTest.test_run_after_shutdown', 'what comes after it is refused', async ({ make }) => {
  const pool = make({ workers: 1 });
  await pool.shutdown();
  await assert.rejects(async () => await pool.submit(mul, 2, 5), { code: 'MEANTIME_SHUTDOWN' });
});

ledger.take(
  'ExecutorShutdownTest.test_interpreter_shutdown',
  'a program that forgets its pool ends when its calls have',
  async ({ name }) => {
    assert.equal(await output(name, 'forgotten'), 'apple');
  },
);

ledger.take(
  'ExecutorShutdownTest.test_submit_after_interpreter_shutdown',
  'a call made while the program exits does not hold it',
  async ({ name }) => {
    const log = file();
    assert.match(await output(name, 'at exit', log), /^apple(\npear)?$/); // it may have been sent, and a process may then run it
    assert.deepEqual(linesOf(log), ['submitted']);
  },
);

ledger.take(
  'ExecutorShutdownTest.test_hang_issue12364',
  'fifty calls behind few workers, and a shutdown right behind them',
  async ({ make }) => {
    const pool = make({ workers: 3 });
    const gate = file();
    const calls = Array.from({ length: 50 }, () => pool.submit(hold, gate));
    const end = pool.shutdown();
    openGate(gate);
    await end;
    for (const call of calls) assert.equal(call.result(), undefined);
  },
);

ledger.take('ExecutorShutdownTest.test_cancel_futures', 'what is queued is cancelled, what runs is finished', async ({ make }) => {
  const pool = make({ workers: 3 });
  const gate = file();
  const calls = Array.from({ length: 50 }, () => pool.submit(hold, gate));
  await until('all workers are busy', () => pool.stats().running === 3);
  const end = pool.shutdown({ cancelPending: true });
  openGate(gate);
  await end;
  const states = calls.map(({ state }) => state);
  assert.deepEqual([states.filter((s) => s === 'fulfilled').length, states.filter((s) => s === 'cancelled').length], [3, 47]);
});

ledger.take('ExecutorShutdownTest.test_hang_gh83386', 'a shutdown that nobody awaits, with a call that runs', async ({ name }) => {
  assert.equal(await output(name, 'not awaited'), 'apple');
});

ledger.take('ThreadPoolShutdownTest.test_cancel_futures_wait_false', 'the same, and what waits is cancelled', async ({ name }) => {
  // The call may or may not have been sent by then; if not, its cancellation is not an unhandled rejection.
  assert.match(await output(name, 'pending cancelled'), /^(apple)?$/);
});

ledger.take('ExecutorShutdownTest.test_hang_gh94440', 'a call that is cancelled right before', async ({ make }) => {
  const pool = make({ workers: 1 });
  await pool.submit(mul, 1, 1);
  const call = pool.submit(mul, 1, 2);
  assert.equal(call.cancel(), true);
  await pool.shutdown();
  assert.equal(call.state, 'cancelled');
});

ledger.take(
  ['ThreadPoolShutdownTest.test_threads_terminate', 'ProcessPoolShutdownTest.test_processes_terminate'],
  'as many workers as there were calls, and none is left',
  async ({ name, make }) => {
    const pool = make({ workers: 5 });
    const gate = file();
    const pids = await Promise.all([pool.submit(pid), pool.submit(pid), pool.submit(pid)]);
    const calls = [1, 2, 3].map(() => pool.submit(hold, gate));
    await until('three are busy', () => pool.stats().running === 3);
    assert.equal(pool.stats().workers, 3);
    openGate(gate);
    await pool.shutdown();
    await Promise.all(calls);
    assert.equal(pool.stats().workers, 0);
    if (name === 'processes') assert.ok(pids.every(isGone));
  },
);

ledger.take(
  ['ThreadPoolShutdownTest.test_context_manager_shutdown', 'ProcessPoolShutdownTest.test_context_manager_shutdown'],
  'left with the block that holds it',
  async ({ make }) => {
    let left: ReturnType<typeof make>;
    {
      await using pool = make({ workers: 5 });
      left = pool;
      assert.deepEqual(await pool.map(magnitude, inputs), inputs.map(magnitude));
    }
    assert.equal(left.stats().workers, 0);
  },
);

ledger.take(
  ['ThreadPoolShutdownTest.test_shutdown_no_wait', 'ProcessPoolShutdownTest.test_shutdown_no_wait'],
  'a map that has begun is delivered in full',
  async ({ make }) => {
    const pool = make({ workers: 5 });
    const results = pool.map(magnitude, inputs, { chunk: 1 });
    const all = results.then((values) => values);
    const seen = pool.submit(mul, 1, 1);
    await until('all have been taken', () => pool.stats().queued + pool.stats().running + pool.stats().done >= inputs.length + 1);
    const end = pool.shutdown();
    assert.deepEqual(await all, inputs.map(magnitude));
    await end;
    assert.deepEqual([seen.result(), pool.stats().workers], [1, 0]);
  },
);

ledger.account();
