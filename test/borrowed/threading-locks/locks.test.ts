// After CPython 3.13.0, Lib/test/lock_tests.py (PSF-2.0): BaseLockTests, LockTests and RLockTests, over all locks that threads or processes share.
// A guard stands here for what is held: what is not held cannot be released, because there is nothing to release it by.
import assert from 'node:assert/strict';
import { ProcessLock, ProcessReentrantLock } from 'meantime/processes';
import { SharedLock, SharedReentrantLock, SharedRwLock } from 'meantime/threads';
import { file } from '../../fixtures/calls/pools.js';
import { openGate } from '../concurrent-futures/futures.js';
import { Ledger } from '../ledger.js';
import { Bunch, isFree, N, pool, type Subject, subjects, waitUntilAllWait } from './crew.js';
import {
  depth,
  depths,
  type Guard,
  holding,
  holdUntil,
  note,
  releaseTwice,
  take,
  takeAndRelease,
  takeInTime,
  takeTwice,
  tryOnce,
  tryTake,
} from './far.js';

const plain = subjects<object>([
  ['threads', 'SharedLock', () => new SharedLock()],
  ['threads', 'SharedRwLock', () => new SharedRwLock()],
  ['processes', 'ProcessLock', () => new ProcessLock()],
]);
const reentrant = subjects<object>([
  ['threads', 'SharedReentrantLock', () => new SharedReentrantLock()],
  ['processes', 'ProcessReentrantLock', () => new ProcessReentrantLock()],
]);

const text = 'no text of its own: its properties say it';
const memory = 'a handle holds nothing but its memory: the collector takes both when nobody has them';
const fork = 'there is no fork';
const origin = { source: 'CPython 3.13.0, Lib/test/lock_tests.py', licence: 'PSF-2.0' };

const base = new Ledger(
  {
    ...origin,
    tests: {
      BaseLockTests:
        'test_constructor test_repr test_locked_repr test_acquire_destroy test_acquire_release test_try_acquire test_try_acquire_contended test_acquire_contended test_with test_thread_leak test_timeout test_weakref_exists test_weakref_deleted',
    },
    leftOut: {
      'BaseLockTests.test_repr': text,
      'BaseLockTests.test_locked_repr': text,
      'BaseLockTests.test_acquire_destroy': memory,
      'BaseLockTests.test_weakref_exists': memory,
      'BaseLockTests.test_weakref_deleted': memory,
    },
  },
  [...plain, ...reentrant],
);

base.take(
  ['BaseLockTests.test_constructor', 'BaseLockTests.test_acquire_release', 'BaseLockTests.test_try_acquire'],
  'taken, given back, taken without waiting',
  async ({ make }) => {
    const lock = make();
    const guard = await take(lock, 'awaiting');
    assert.equal(guard.held, true);
    guard.release();
    assert.equal(guard.held, false);
    assert.equal(await isFree(lock), true);
  },
);

base.take('BaseLockTests.test_try_acquire_contended', 'not while somebody else has it', async (subject) => {
  const lock = subject.make();
  const guard = await take(lock, 'awaiting');
  assert.deepEqual(await new Bunch(subject, lock, tryOnce, { n: 1 }).all(), [false]);
  guard.release();
  assert.deepEqual(await new Bunch(subject, lock, tryOnce, { n: 1 }).all(), [true]);
});

base.take('BaseLockTests.test_acquire_contended', 'five wait while it is held, and all get it afterwards', async (subject) => {
  const lock = subject.make();
  const guard = await take(lock, 'awaiting');
  const bunch = new Bunch(subject, lock, takeAndRelease);
  await bunch.lines('asks', N);
  await waitUntilAllWait(lock, N);
  assert.equal(bunch.count('has'), 0);
  note(bunch.log, 'released');
  guard.release();
  await bunch.all();
  assert.equal(bunch.count('has'), N);
  assert.equal(await isFree(lock), true);
});

base.take('BaseLockTests.test_with', 'held for a block, whatever the way out', async (subject) => {
  const lock = subject.make();
  await holding(lock, async () => assert.deepEqual(await new Bunch(subject, lock, tryOnce, { n: 1 }).all(), [false]));
  await new Bunch(subject, lock, takeAndRelease, { n: 1 }).all();
  await assert.rejects(
    async () =>
      await holding(lock, () => {
        throw new TypeError('out of the block');
      }),
    TypeError,
  );
  await new Bunch(subject, lock, takeAndRelease, { n: 1 }).all();
});

base.take('BaseLockTests.test_thread_leak', 'many that come, take it and go leave nothing behind in it', async (subject) => {
  const lock = subject.make();
  await new Bunch(subject, lock, takeAndRelease, { n: 15 }).all();
  assert.equal(await isFree(lock), true);
});

base.take('BaseLockTests.test_timeout', 'a wait that ends in time, and one that does not', async (subject) => {
  const lock = subject.make();
  for (const timeout of [-100, Number.NaN, '1' as never])
    await assert.rejects(async () => await take(lock, 'awaiting', { timeout }), { code: 'MEANTIME_OPTION' });
  const guard = await take(lock, 'awaiting', { timeout: 5000 });
  const [[error, ms]] = await new Bunch(subject, lock, takeInTime, { n: 1, more: [200] }).all();
  assert.equal(error, 'TimeoutError');
  assert.ok(ms >= 120 && ms < 10_000, `${ms}`);
  guard.release();
  const [[none]] = await new Bunch(subject, lock, takeInTime, { n: 1, more: [5000] }).all();
  assert.equal(none, 'none');
});

base.account();

const locks = new Ledger(
  {
    ...origin,
    tests: { LockTests: 'test_reacquire test_different_thread test_state_after_timeout test_at_fork_reinit' },
    leftOut: { 'LockTests.test_at_fork_reinit': fork },
  },
  plain,
);

locks.take('LockTests.test_reacquire', 'who has it cannot take it again: an error, or the end of its time', async (subject) => {
  const lock = subject.make();
  const [error] = await new Bunch(subject, lock, takeTwice, { n: 1 }).all();
  assert.ok(['SelfWaitError', 'TimeoutError'].includes(error), error);
  assert.equal(await isFree(lock), true);
});

/** What is held stays with who took it: its guard goes nowhere. */
async function staysWithItsHolder({ where, make }: Subject): Promise<void> {
  const lock = make();
  const guard = await take(lock, 'awaiting');
  await assert.rejects(async () => await pool(where).submit((held: Guard) => held.release(), guard), { code: 'MEANTIME_NOT_CLONEABLE' });
  assert.equal(guard.held, true);
  guard.release();
  assert.equal(await isFree(lock), true);
}

locks.take('LockTests.test_different_thread', 'only who took it can release it: Python lets anybody', staysWithItsHolder);

locks.take('LockTests.test_state_after_timeout', 'a wait that was given up leaves nothing behind', async (subject) => {
  const lock = subject.make();
  const guard = await take(lock, 'awaiting');
  const [[error]] = await new Bunch(subject, lock, takeInTime, { n: 1, more: [10] }).all();
  assert.equal(error, 'TimeoutError');
  guard.release();
  // That it was given up reaches a broker by another way than the end of the call reaches us.
  (await take(lock, 'awaiting', { timeout: 5000 })).release();
});

locks.account();

const noDepth = { 'ProcessReentrantLock, awaiting': 'how deep it is held is known to its broker and not asked for' };
const reentrants = new Ledger(
  {
    ...origin,
    tests: {
      RLockTests:
        'test_reacquire test_release_unacquired test_release_save_unacquired test_recursion_count test_different_thread test__is_owned',
    },
    leftOut: { 'RLockTests.test_release_save_unacquired': 'a method for conditions that users do not have' },
  },
  reentrant,
);

reentrants.take('RLockTests.test_reacquire', 'who has it may take it again', async (subject) => {
  const lock = subject.make();
  assert.deepEqual(await new Bunch(subject, lock, takeTwice, { n: 1 }).all(), ['twice']);
  assert.equal(await isFree(lock), true);
});

reentrants.take('RLockTests.test_release_unacquired', 'what is not held cannot be released', async (subject) => {
  const lock = subject.make();
  assert.deepEqual(await new Bunch(subject, lock, releaseTwice, { n: 1 }).all(), ['NotHeldError']);
  assert.equal(await isFree(lock), true);
});

reentrants.take(
  'RLockTests.test_recursion_count',
  'how deep it is held, which is nothing to others',
  async (subject) => {
    const lock = subject.make();
    assert.deepEqual(await new Bunch(subject, lock, depths, { n: 1 }).all(), [[0, 1, 2, 3, 2, 1, 0]]);
    const path = file();
    const bunch = new Bunch(subject, lock, holdUntil, { n: 1, more: [path] });
    await bunch.lines('has', 1);
    assert.equal(depth({ on: lock, way: 'awaiting', log: '', name: '' }), 0);
    openGate(path);
    await bunch.all();
  },
  noDepth,
);

reentrants.take(
  ['RLockTests.test_different_thread', 'RLockTests.test__is_owned'],
  'it belongs to one, and to nobody else',
  async (subject) => {
    await staysWithItsHolder(subject);
    const lock = subject.make();
    const path = file();
    const bunch = new Bunch(subject, lock, holdUntil, { n: 1, more: [path] });
    await bunch.lines('has', 1);
    assert.equal(await tryTake(lock), undefined);
    openGate(path);
    await bunch.all();
  },
);

reentrants.account();
