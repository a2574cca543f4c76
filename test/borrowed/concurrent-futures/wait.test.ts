// After CPython 3.13.0, Lib/test/test_concurrent_futures/test_wait.py (PSF-2.0). Where the original sleeps, a call here waits for a gate. A cancelled future
// is settled at once: there is no second state that says that somebody has been told.
import assert from 'node:assert/strict';
import { type Future, FutureSource, wait } from 'meantime/futures';
import { file, kinds } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { divmod, hold, holdAndFail, mul } from './calls.js';
import { cancelled, failed, openGate, succeeded } from './futures.js';

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/test_wait.py',
    licence: 'PSF-2.0',
    tests: {
      WaitTests:
        'test_20369 test_first_completed test_first_completed_some_already_completed test_first_exception test_first_exception_some_already_complete test_first_exception_one_already_failed test_all_completed test_timeout',
      ThreadPoolWaitTests: 'test_pending_calls_race',
    },
    leftOut: {},
  },
  kinds,
);

const never = () => new FutureSource<never>().future;

ledger.take('WaitTests.test_20369', 'the same future twice', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const gate = file();
  const future = pool.submit(hold, gate);
  const waiting = wait([future, future]);
  openGate(gate);
  const { done, pending } = await waiting;
  assert.deepEqual([new Set(done), pending], [new Set([future]), []]);
});

ledger.take('WaitTests.test_first_completed', 'until any', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const gate = file();
  const [none, quick, slow] = [never(), pool.submit(mul, 21, 2), pool.submit(hold, gate)];
  const { done, pending } = await wait<Future<unknown>>([none, quick, slow], { until: 'any' });
  assert.deepEqual([done, pending], [[quick], [none, slow]]);
  openGate(gate);
});

ledger.take('WaitTests.test_first_completed_some_already_completed', 'until any, and some have settled before', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const gate = file();
  const [a, b, slow] = [cancelled(), succeeded(42), pool.submit(hold, gate)];
  const { done, pending } = await wait<Future<unknown>>([a, b, slow], { until: 'any' });
  assert.deepEqual([done, pending], [[a, b], [slow]]);
  openGate(gate);
});

ledger.take('WaitTests.test_first_exception', 'until an error: a success does not end it', async ({ make }) => {
  await using pool = make({ workers: 3 });
  const [first, second] = [file(), file()];
  const [good, bad, slow] = [pool.submit(mul, 2, 21), pool.submit(holdAndFail, first), pool.submit(hold, second)];
  const waiting = wait<Future<unknown>>([good, bad, slow], { until: 'error' });
  await good;
  assert.equal(waiting.settled, false);
  openGate(first);
  const { done, pending } = await waiting;
  assert.deepEqual([done, pending], [[good, bad], [slow]]);
  openGate(second);
});

ledger.take('WaitTests.test_first_exception_some_already_complete', 'until an error, and some have settled before', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const gate = file();
  const [done1, none, bad, slow] = [succeeded(42), never(), pool.submit(divmod, [21, 0] as const), pool.submit(hold, gate)];
  const { done, pending } = await wait<Future<unknown>>([done1, none, bad, slow], { until: 'error' });
  assert.deepEqual(
    [done, pending],
    [
      [done1, bad],
      [none, slow],
    ],
  );
  openGate(gate);
});

ledger.take('WaitTests.test_first_exception_one_already_failed', 'until an error that is there already', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const gate = file();
  const [bad, slow] = [failed(new Error('before')), pool.submit(hold, gate)];
  const { done, pending } = await wait<Future<unknown>>([bad, slow], { until: 'error' });
  assert.deepEqual([done, pending], [[bad], [slow]]);
  openGate(gate);
});

ledger.take('WaitTests.test_all_completed', 'until all: errors do not end it', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const all: Future<unknown>[] = [succeeded(42), cancelled(), failed(new Error('before'))];
  all.push(pool.submit(divmod, [2, 0] as const), pool.submit(mul, 2, 21));
  const { done, pending } = await wait(all);
  assert.deepEqual([done, pending], [all, []]);
});

ledger.take('WaitTests.test_timeout', 'what has settled when the time is over', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const gate = file();
  const before: Future<unknown>[] = [cancelled(), failed(new Error('before')), succeeded(42)];
  const slow = pool.submit(hold, gate);
  const { done, pending } = await wait([...before, slow], { timeout: 50 });
  assert.deepEqual([done, pending], [before, [slow]]);
  openGate(gate);
});

ledger.take('ThreadPoolWaitTests.test_pending_calls_race', 'a hundred that end at once', async ({ make }) => {
  await using pool = make({ workers: 2, concurrency: 50 });
  const gate = file();
  const all = Array.from({ length: 100 }, () => pool.submit(hold, gate));
  openGate(gate);
  assert.deepEqual(await wait(all), { done: all, pending: [] });
});

ledger.account();
