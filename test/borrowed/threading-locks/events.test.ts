// After CPython 3.13.0, Lib/test/lock_tests.py (PSF-2.0): EventTests.
import assert from 'node:assert/strict';
import { ProcessEvent } from 'meantime/processes';
import { SharedEvent } from 'meantime/threads';
import { Ledger } from '../ledger.js';
import { Bunch, N, type Subject, subjects, waitUntilAllWait } from './crew.js';
import { ask, waitInTime, waitOnce, waitTwice } from './far.js';

interface AnyEvent {
  set(): unknown;
  clear(): unknown;
}

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/lock_tests.py',
    licence: 'PSF-2.0',
    tests: { EventTests: 'test_is_set test_notify test_timeout test_set_and_clear test_at_fork_reinit test_repr' },
    leftOut: { 'EventTests.test_at_fork_reinit': 'there is no fork', 'EventTests.test_repr': 'no text of its own' },
  },
  subjects<AnyEvent>([
    ['threads', 'SharedEvent', () => new SharedEvent()],
    ['processes', 'ProcessEvent', () => new ProcessEvent()],
  ]),
);

ledger.take('EventTests.test_is_set', 'set and cleared, also twice', async ({ make }) => {
  const event = make();
  const seen = [await ask(event, 'isSet')];
  for (const step of ['set', 'set', 'clear', 'clear'] as const) {
    await event[step]();
    seen.push(await ask(event, 'isSet'));
  }
  assert.deepEqual(seen, [false, true, true, false, false]);
});

async function checkNotify(subject: Subject<AnyEvent>, event: AnyEvent): Promise<void> {
  const bunch = new Bunch(subject, event, waitTwice);
  await bunch.lines('waits', N);
  await waitUntilAllWait(event, N);
  assert.equal(bunch.count('first'), 0);
  await event.set();
  await bunch.all();
  assert.deepEqual([bunch.count('first'), bunch.count('second')], [N, N]);
}

ledger.take('EventTests.test_notify', 'all who wait go on, and who comes afterwards does not wait', async (subject) => {
  const event = subject.make();
  await checkNotify(subject, event);
  await event.set();
  await event.clear();
  await checkNotify(subject, event);
});

ledger.take('EventTests.test_timeout', 'a wait that ends in time, and one that does not', async (subject) => {
  const event = subject.make();
  for (const error of (await new Bunch(subject, event, waitInTime, { more: [0] }).all()).map(([name]) => name))
    assert.equal(error, 'TimeoutError');
  for (const [error, ms] of await new Bunch(subject, event, waitInTime, { more: [200] }).all()) {
    assert.equal(error, 'TimeoutError');
    assert.ok(ms >= 120 && ms < 10_000, `${ms}`);
  }
  await event.set();
  // A broker has to be asked, which takes more than no time.
  for (const timeout of subject.where === 'threads' ? [0, 5000] : [5000]) {
    for (const [error] of await new Bunch(subject, event, waitInTime, { more: [timeout] }).all()) assert.equal(error, 'none');
  }
});

ledger.take('EventTests.test_set_and_clear', 'who waited goes on, though it is cleared before anybody has run', async (subject) => {
  const event = subject.make();
  const bunch = new Bunch(subject, event, waitOnce);
  await bunch.lines('waits', N);
  await waitUntilAllWait(event, N);
  event.set();
  event.clear();
  await bunch.all();
  assert.equal(bunch.count('woke'), N);
});

ledger.account();
