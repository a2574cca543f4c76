// After CPython 3.13.0, Lib/test/test_concurrent_futures/test_init.py (PSF-2.0).
import assert from 'node:assert/strict';
import { kinds } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { failToInitialize, initialize, mul, statusOf } from './calls.js';
import { errorOf } from './futures.js';

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/test_init.py',
    licence: 'PSF-2.0',
    tests: {
      InitializerMixin: 'test_initializer',
      FailingInitializerMixin: 'test_initializer',
      FailingInitializerResourcesTest: 'test_spawn test_forkserver',
    },
    leftOut: { FailingInitializerResourcesTest: 'that nothing is left of such a pool is looked at after every file here' },
  },
  kinds,
);

ledger.take('InitializerMixin.test_initializer', 'it has run in every worker before its first call', async ({ make }) => {
  await using pool = make({ workers: 2, initializer: [initialize, 'initialized'] });
  const calls = Array.from({ length: 8 }, () => pool.submit(statusOf));
  assert.deepEqual(await Promise.all(calls), new Array(8).fill('initialized'));
  assert.equal(statusOf(), 'uninitialized');
});

ledger.take('FailingInitializerMixin.test_initializer', 'its own error reaches every call, and nothing storms', async ({ make }) => {
  await using pool = make({ workers: 2, initializer: failToInitialize });
  const errors = await Promise.all(Array.from({ length: 4 }, () => errorOf(pool.submit(mul, 1, 2))));
  for (const error of errors) assert.match(`${error} ${error.cause ?? ''}`, /RangeError: error in initializer/);
  assert.match(`${await errorOf(pool.submit(mul, 1, 2))}`, /error in initializer/);
  assert.equal(pool.stats().running, 0);
});

ledger.account();
