import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, echo, where } from '../fixtures/calls/calls.js';
import { kinds } from '../fixtures/calls/pools.js';
import { throwingResult } from '../fixtures/reviewed/calls.js';
import { within } from '../fixtures/reviewed/within.js';

/** What throws when it is read must not be read unguarded by whoever finds out why it cannot travel. */
const throwing = () => ({
  get broken() {
    throw new RangeError('the getter of an argument');
  },
});

for (const { name, make } of kinds) {
  test(`${name}: an argument with a getter that throws fails that call alone`, { timeout: 60_000 }, async () => {
    await using pool = make({ workers: 1 });
    const worker = await pool.submit(where);
    const [bad, beside] = [pool.submit(echo, throwing()), pool.submit(add, 1, 2)];
    await assert.rejects(within('the call', bad), { name: 'NotCloneableError' });
    assert.equal(await within('the call beside it', beside), 3);
    assert.deepEqual([await within('a later call', pool.submit(where)), pool.stats().lost], [worker, 0]);
  });

  test(`${name}: a result with a getter that throws fails that call alone`, { timeout: 60_000 }, async () => {
    await using pool = make({ workers: 1 });
    const worker = await pool.submit(where);
    const [bad, beside] = [pool.submit(throwingResult), pool.submit(add, 1, 2)];
    await assert.rejects(within('the call', bad), { name: 'NotCloneableError' });
    assert.equal(await within('the call beside it', beside), 3);
    assert.deepEqual([await within('a later call', pool.submit(where)), pool.stats().lost], [worker, 0]);
  });
}
