// After CPython 3.13.0, Lib/test/lock_tests.py (PSF-2.0): ConditionTests. Who has noted that it is ready holds the lock until it waits: whoever gets the lock afterwards finds it waiting.
import assert from 'node:assert/strict';
import { ProcessCondition } from 'meantime/processes';
import { SharedCondition, SharedLock } from 'meantime/threads';
import { file } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { Bunch, N, type Subject, subjects } from './crew.js';
import { type ConditionGuard, note, noticeInTime, take, tryOnce, tryTake, wait, waitsForLines, waitsForNotice } from './far.js';

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/lock_tests.py',
    licence: 'PSF-2.0',
    tests: {
      ConditionTests: 'test_acquire test_unacquired_wait test_unacquired_notify test_notify test_timeout test_waitfor test_waitfor_timeout',
    },
    leftOut: {},
  },
  subjects<object>([
    ['threads', 'SharedCondition', () => new SharedCondition()],
    ['processes', 'ProcessCondition', () => new ProcessCondition()],
  ]),
);

const acquire = async (condition: object): Promise<ConditionGuard> => (await take(condition, 'awaiting')) as ConditionGuard;

ledger.take('ConditionTests.test_acquire', 'it is a lock; the one that it was given, where it takes one', async (subject) => {
  const condition = subject.make();
  const guard = await acquire(condition);
  assert.deepEqual(await new Bunch(subject, condition, tryOnce, { n: 1 }).all(), [false]);
  guard.release();
  assert.deepEqual(await new Bunch(subject, condition, tryOnce, { n: 1 }).all(), [true]);
  if (subject.where !== 'threads') return;
  const lock = new SharedLock();
  const over = await new SharedCondition(lock).acquire();
  assert.equal(lock.tryAcquire(), undefined);
  over.release();
  lock.tryAcquire()?.release();
  assert.equal(lock.locked, false);
});

ledger.take(
  ['ConditionTests.test_unacquired_wait', 'ConditionTests.test_unacquired_notify'],
  'nothing of it works through a guard that is released',
  async ({ make }) => {
    const condition = make();
    const guard = await acquire(condition);
    guard.release();
    await assert.rejects(async () => await wait(guard, 'awaiting'), { code: 'MEANTIME_NOT_HELD' });
    assert.throws(() => guard.notify(), { code: 'MEANTIME_NOT_HELD' });
    assert.throws(() => guard.notifyAll(), { code: 'MEANTIME_NOT_HELD' });
    (await tryTake(condition))?.release();
  },
);

async function checkNotify(subject: Subject, condition: object): Promise<void> {
  const bunch = new Bunch(subject, condition, waitsForNotice);
  const counts = () => [bunch.count('first'), bunch.count('second')];
  await bunch.lines('ready', N);
  let guard = await acquire(condition);
  assert.deepEqual(counts(), [0, 0]);
  guard.notify(3);
  guard.release();
  await bunch.lines('first', 3);
  await bunch.lines('ready', N + 3);
  guard = await acquire(condition);
  assert.deepEqual(counts(), [3, 0]);
  guard.notify(N); // some are in their first wait, some in their second
  guard.release();
  await bunch.lines('first', N);
  await bunch.lines('second', 3);
  await bunch.lines('ready', 2 * N);
  guard = await acquire(condition);
  assert.deepEqual(counts(), [N, 3]);
  guard.notifyAll();
  guard.release();
  await bunch.all();
  assert.deepEqual(counts(), [N, N]);
}

ledger.take('ConditionTests.test_notify', 'as many go on as were notified, and a second time', async (subject) => {
  const condition = subject.make();
  await checkNotify(subject, condition);
  await checkNotify(subject, condition);
});

ledger.take('ConditionTests.test_timeout', 'nobody notifies: the time is over, and the lock is held again', async (subject) => {
  for (const [error, ms, held] of await new Bunch(subject, subject.make(), noticeInTime, { more: [200] }).all()) {
    assert.deepEqual([error, held], ['TimeoutError', true]);
    assert.ok(ms >= 120 && ms < 10_000, `${ms}`);
  }
});

ledger.take('ConditionTests.test_waitfor', 'on until it is so, however often notified before', async (subject) => {
  const condition = subject.make();
  const state = file();
  const bunch = new Bunch(subject, condition, waitsForLines, { n: 1, more: [state, 4] });
  await bunch.lines('waits', 1);
  for (let i = 0; i < 4; i++) {
    const guard = await acquire(condition);
    note(state, 'one more');
    guard.notify();
    guard.release();
  }
  assert.deepEqual(await bunch.all(), ['4 lines']);
});

ledger.take('ConditionTests.test_waitfor_timeout', 'it never is so: the time is over, though notified in between', async (subject) => {
  const condition = subject.make();
  const state = file();
  const bunch = new Bunch(subject, condition, waitsForLines, { n: 1, more: [state, 4, 300] });
  await bunch.lines('waits', 1);
  for (let i = 0; i < 3; i++) {
    const guard = await acquire(condition);
    note(state, 'one more');
    guard.notify();
    guard.release();
  }
  assert.deepEqual(await bunch.all(), ['TimeoutError']);
});

ledger.account();
