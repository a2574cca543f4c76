// After CPython 3.13.0, Lib/test/test_concurrent_futures/test_as_completed.py (PSF-2.0).
import assert from 'node:assert/strict';
import { asCompleted, type Future, FutureSource, whenSettled } from 'meantime/futures';
import { file, kinds } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { collector, hold, mul } from './calls.js';
import { cancelled, failed, openGate, running, succeeded } from './futures.js';

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/test_as_completed.py',
    licence: 'PSF-2.0',
    tests: {
      AsCompletedTests:
        'test_no_timeout test_future_times_out test_duplicate_futures test_free_reference_yielded_future test_correct_timeout_exception_msg',
    },
    leftOut: {},
  },
  kinds,
);

async function all(
  futures: Iterable<Future<unknown>>,
  timeout?: number,
): Promise<{ seen: Set<Future<unknown>>; count: number; error?: Error }> {
  const seen = new Set<Future<unknown>>();
  let count = 0;
  try {
    for await (const future of asCompleted(futures, timeout === undefined ? undefined : { timeout })) {
      count++;
      seen.add(future as Future<unknown>);
    }
  } catch (error) {
    return { seen, count, error: error as Error };
  }
  return { seen, count };
}

ledger.take('AsCompletedTests.test_no_timeout', 'each comes once, whatever its end', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const given: Future<unknown>[] = [
    cancelled(),
    failed(new Error('before')),
    succeeded(42),
    pool.submit(mul, 2, 21),
    pool.submit(mul, 7, 6),
  ];
  assert.deepEqual(await all(given), { seen: new Set(given), count: 5 });
});

ledger.take('AsCompletedTests.test_future_times_out', 'what has settled comes before the timeout does', async ({ make }) => {
  await using pool = make({ workers: 2 });
  const gate = file();
  for (const timeout of [0, 100]) {
    const before: Future<unknown>[] = [cancelled(), failed(new Error('before')), succeeded(42)];
    const { seen, error } = await all([...before, pool.submit(hold, gate)], timeout);
    assert.deepEqual([seen, error?.name], [new Set(before), 'TimeoutError'], `timeout ${timeout}`);
  }
  openGate(gate);
});

ledger.take('AsCompletedTests.test_duplicate_futures', 'the same future three times, from any iterable, comes once', async ({ make }) => {
  await using pool = make({ workers: 1 });
  const gate = file();
  const future = pool.submit(hold, gate);
  function* thrice() {
    for (let i = 0; i < 3; i++) yield future;
  }
  const reading = all(thrice());
  openGate(gate);
  assert.equal((await reading).count, 1);
});

ledger.take('AsCompletedTests.test_free_reference_yielded_future', 'it keeps nothing of what it has given', async ({ make }) => {
  const gc = collector();
  await using pool = make({ workers: 1 });
  const rest = new FutureSource<void>();
  const given: WeakRef<object>[] = [];
  const calls = function* () {
    for (let n = 0; n < 8; n++) yield pool.submit(mul, n, n) as Future<unknown>;
    yield rest.future;
  };
  for await (const future of asCompleted(calls())) {
    if (future === (rest.future as unknown)) continue;
    given.push(new WeakRef(future));
    if (given.length < 8) continue;
    // The last is still in the hands of this loop.
    for (let i = 0; i < 100 && given.slice(0, 7).some((one) => one.deref()); i++) {
      await new Promise(setImmediate);
      gc();
    }
    assert.equal(given.slice(0, 7).filter((one) => one.deref()).length, 0);
    rest.fulfil();
  }
});

ledger.take('AsCompletedTests.test_correct_timeout_exception_msg', 'the error says how many of how many are missing', async () => {
  const [pending, runs] = [new FutureSource<number>().future, running().future];
  const { error } = await all([cancelled(), pending, runs, succeeded(1)], 0);
  assert.match(String(error), /2 of 4 futures/);
  whenSettled(runs, () => undefined);
});

ledger.account();
