import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SEED } from './sync/trial.js';
import { Wait } from './wait.js';
import { Waiters } from './waiters.js';

/** How a list is to be linked, from the waits that are in it. */
function check(list: Waiters, waits: Wait<unknown>[], gone: Wait<unknown>[]): void {
  assert.deepEqual([...list], waits);
  assert.equal(list.size, waits.length);
  assert.equal(list.first, waits[0]);
  for (const [i, wait] of waits.entries()) {
    assert.ok(wait.list === list && wait.ahead === waits[i - 1] && wait.behind === waits[i + 1], `the links of number ${i}`);
  }
  for (const wait of gone)
    assert.ok(wait.list === undefined && wait.ahead === undefined && wait.behind === undefined, 'the links of one that is gone');
}

test('a list of waits is what an array would be, and leaves no link in what has gone', (t) => {
  t.diagnostic(`SEED=${SEED}`);
  // `undefined`: another one comes; a number: that one of those who are there goes.
  const steps = fc.array(fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 2 }), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (all) => {
      const list = new Waiters();
      const waits: Wait<unknown>[] = [];
      const gone: Wait<unknown>[] = [];
      for (const step of all) {
        if (step === undefined) {
          const wait = new Wait<unknown>('test', undefined);
          list.push(wait);
          waits.push(wait);
        } else if (waits.length > 0) {
          const [wait] = waits.splice(step % waits.length, 1) as [Wait<unknown>];
          list.remove(wait);
          gone.push(wait);
        }
        check(list, waits, gone);
      }
    }),
    { seed: SEED },
  );
});
