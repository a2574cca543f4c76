// After CPython 3.13.0, Lib/test/lock_tests.py (PSF-2.0): BaseSemaphoreTests, SemaphoreTests and BoundedSemaphoreTests. Permits are given back by the guard that has them: all are bounded.
import assert from 'node:assert/strict';
import { ProcessSemaphore } from 'meantime/processes';
import { SharedSemaphore } from 'meantime/threads';
import { file } from '../../fixtures/calls/pools.js';
import { openGate } from '../concurrent-futures/futures.js';
import { Ledger } from '../ledger.js';
import { Bunch, isFree, N, subjects } from './crew.js';
import { ask, type Guard, holding, permits, permitsInTime, takeBoth, tryBoth, tryTake } from './far.js';

const bounded = 'a guard gives back what it took, and no more: there is nothing to release that was not acquired';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/lock_tests.py',
    licence: 'PSF-2.0',
    tests: {
      BaseSemaphoreTests:
        'test_constructor test_acquire test_acquire_destroy test_acquire_contended test_multirelease test_try_acquire test_try_acquire_contended test_acquire_timeout test_default_value test_with',
      SemaphoreTests: 'test_release_unacquired test_repr',
      BoundedSemaphoreTests: 'test_release_unacquired test_repr',
    },
    leftOut: {
      'BaseSemaphoreTests.test_acquire_destroy': 'a handle holds nothing but its memory: the collector takes both when nobody has them',
      'BaseSemaphoreTests.test_default_value': 'how many permits there are must be said',
      'SemaphoreTests.test_release_unacquired': bounded,
      'SemaphoreTests.test_repr': 'no text of its own',
      'BoundedSemaphoreTests.test_repr': 'no text of its own',
    },
  },
  subjects<object>([
    ['threads', 'SharedSemaphore', (n: number) => new SharedSemaphore(n)],
    ['processes', 'ProcessSemaphore', (n: number) => new ProcessSemaphore(n)],
  ]),
);

const take = async (semaphore: object, n = 1): Promise<Guard> => permits(semaphore, 'awaiting', n);

ledger.take('BaseSemaphoreTests.test_constructor', 'permits are a positive number', ({ make }) => {
  for (const n of [-1, Number.MIN_SAFE_INTEGER, 0, 1.5]) assert.throws(() => make(n), { code: 'MEANTIME_OPTION' });
});

ledger.take('BaseSemaphoreTests.test_acquire', 'as many as there are', async ({ make }) => {
  for (const n of [1, 2]) {
    const semaphore = make(n);
    const guards: Guard[] = [];
    for (let i = 0; i < n; i++) guards.push(await take(semaphore));
    assert.equal(await isFree(semaphore), false);
    for (const guard of guards) guard.release();
    assert.equal(await ask(semaphore, 'available'), n);
  }
});

for (const [name, says, perGuard] of [
  ['BaseSemaphoreTests.test_acquire_contended', 'as many go on as permits are given back, one by one', 1],
  ['BaseSemaphoreTests.test_multirelease', 'as many go on as permits are given back, several at once', 0],
] as const) {
  ledger.take(name, says, async (subject) => {
    const semaphore = subject.make(7);
    // Two portions of 3 and 4, as one guard each or as one a permit.
    const portions: Guard[][] = [];
    for (const n of [3, 4]) {
      if (perGuard === 0) portions.push([await take(semaphore, n)]);
      else portions.push(await Promise.all(Array.from({ length: n }, () => take(semaphore))));
    }
    const path = file();
    const bunch = new Bunch(subject, semaphore, takeBoth, { more: [path] });
    let given = 0;
    for (const portion of portions) {
      for (const guard of portion) guard.release();
      given += portion === portions[0] ? 3 : 4;
      await bunch.lines('has', given);
      assert.equal(bunch.count('has'), given);
    }
    assert.equal(await isFree(semaphore), false);
    openGate(path);
    await bunch.all();
    assert.deepEqual([bunch.count('has'), await ask(semaphore, 'available')], [2 * N, 7]);
  });
}

ledger.take('BaseSemaphoreTests.test_try_acquire', 'without waiting, as long as there are some', async ({ make }) => {
  const semaphore = make(2);
  const guards = [await tryTake(semaphore), await tryTake(semaphore)];
  assert.deepEqual([guards.map((guard) => guard?.held), await tryTake(semaphore)], [[true, true], undefined]);
  guards[0]?.release();
  assert.equal(await isFree(semaphore), true);
  guards[1]?.release();
});

ledger.take('BaseSemaphoreTests.test_try_acquire_contended', 'of ten that try for three, three get one', async (subject) => {
  const semaphore = subject.make(4);
  const guard = await take(semaphore);
  const path = file();
  const bunch = new Bunch(subject, semaphore, tryBoth, { more: [path] });
  await bunch.lines('tried', N);
  openGate(path);
  assert.equal((await bunch.all()).flat().filter(Boolean).length, 3);
  guard.release();
  assert.equal(await ask(semaphore, 'available'), 4);
});

ledger.take('BaseSemaphoreTests.test_acquire_timeout', 'a wait that ends in time, and one that does not', async (subject) => {
  const semaphore = subject.make(2);
  const guards = [await take(semaphore), await take(semaphore)];
  const inTime = (timeout: number) => new Bunch(subject, semaphore, permitsInTime, { n: 1, more: [timeout] }).all();
  assert.equal((await inTime(5))[0][0], 'TimeoutError');
  guards[0].release();
  assert.equal((await inTime(5000))[0][0], 'none');
  const again = await take(semaphore);
  const [[error, ms]] = await inTime(200);
  assert.equal(error, 'TimeoutError');
  assert.ok(ms >= 120 && ms < 10_000, `${ms}`);
  again.release();
  guards[1].release();
  // That it was given up reaches a broker by another way than the end of the call reaches us.
  (await permits(semaphore, 'awaiting', 2, { timeout: 5000 })).release();
});

ledger.take('BaseSemaphoreTests.test_with', 'held for a block, whatever the way out', async ({ make }) => {
  const semaphore = make(2);
  const nested = (error?: Error) =>
    holding(semaphore, async () => {
      assert.equal(await isFree(semaphore), true);
      await holding(semaphore, async () => {
        assert.equal(await isFree(semaphore), false);
        if (error) throw error;
      });
    });
  await nested();
  await assert.rejects(nested(new TypeError('out of both')), TypeError);
  assert.equal(await ask(semaphore, 'available'), 2);
});

ledger.take('BoundedSemaphoreTests.test_release_unacquired', 'never more than there were', async ({ make }) => {
  const semaphore = make(1);
  const guard = await take(semaphore);
  guard.release();
  assert.throws(() => guard.release(), { code: 'MEANTIME_NOT_HELD' });
  assert.equal(await ask(semaphore, 'available'), 1);
});

ledger.account();
