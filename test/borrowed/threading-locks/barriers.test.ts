// After CPython 3.13.0, Lib/test/lock_tests.py (PSF-2.0): BarrierTests.
import assert from 'node:assert/strict';
import { ProcessBarrier } from 'meantime/processes';
import { SharedBarrier } from 'meantime/threads';
import { linesOf } from '../../fixtures/calls/calls.js';
import { Ledger } from '../ledger.js';
import { Bunch, N, type Subject, subjects } from './crew.js';
import { abortAndReset, abortInstead, actOnce, ask, comeLate, multipass, resetInstead, wait } from './far.js';

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/lock_tests.py',
    licence: 'PSF-2.0',
    tests: {
      BarrierTests:
        'test_constructor test_barrier test_barrier_10 test_wait_return test_action test_abort test_reset test_abort_and_reset test_timeout test_default_timeout test_single_thread test_repr',
    },
    leftOut: {
      'BarrierTests.test_default_timeout': 'each wait says how long it may take',
      'BarrierTests.test_repr': 'no text of its own: `parties` and `waiting` say it',
    },
  },
  subjects<object & { abort(): unknown }>([
    ['threads', 'SharedBarrier', (n: number) => new SharedBarrier(n)],
    ['processes', 'ProcessBarrier', (n: number) => new ProcessBarrier(n)],
  ]),
);

const sorted = (seen: readonly string[]) => [...seen].sort();

ledger.take('BarrierTests.test_constructor', 'parties are a positive number', ({ make }) => {
  for (const n of [0, -1]) assert.throws(() => make(n), { code: 'MEANTIME_OPTION' });
});

async function inLockstep(subject: Subject, passes: number): Promise<number[][]> {
  const barrier = subject.make(N);
  const bunch = new Bunch(subject, barrier, multipass, { more: [passes] });
  const indices = await bunch.all();
  const words = linesOf(bunch.log).map((line) => line.slice(0, line.lastIndexOf(' ')));
  const expected = Array.from({ length: passes }, (_, pass) => [...Array(N).fill(`comes ${pass}`), ...Array(N).fill(`goes ${pass}`)]);
  assert.deepEqual(words, expected.flat());
  assert.deepEqual([await ask(barrier, 'waiting'), await ask(barrier, 'broken')], [0, false]);
  return indices;
}

ledger.take('BarrierTests.test_barrier', 'nobody goes on before all have come', async (subject) => void (await inLockstep(subject, 1)));

ledger.take('BarrierTests.test_barrier_10', 'ten times over', async (subject) => void (await inLockstep(subject, 10)));

ledger.take('BarrierTests.test_wait_return', 'each gets a number of its own', async (subject) => {
  const indices = (await inLockstep(subject, 1)).flat();
  assert.deepEqual(indices.sort(), [0, 1, 2, 3, 4]);
});

ledger.take('BarrierTests.test_action', 'one of them can act for all: there is no callback for it', async (subject) => {
  const bunch = new Bunch(subject, subject.make(N), actOnce);
  await bunch.all();
  const [first, ...rest] = linesOf(bunch.log);
  assert.deepEqual([first, rest.length, bunch.count('goes')], ['action', N, N]);
});

ledger.take('BarrierTests.test_abort', 'who waits and who comes is told', async (subject) => {
  const barrier = subject.make(N);
  const seen = await new Bunch(subject, barrier, abortInstead).all();
  assert.deepEqual(sorted(seen), [...Array(N - 1).fill('BrokenBarrierError'), 'aborts']);
  assert.equal(await ask(barrier, 'broken'), true);
});

ledger.take('BarrierTests.test_reset', 'who waits is told, and it works again', async (subject) => {
  const seen = await new Bunch(subject, subject.make(N), resetInstead, { more: [N] }).all();
  assert.deepEqual(sorted(seen.map(([first]) => first)), [...Array(N - 1).fill('BrokenBarrierError'), 'resets']);
  assert.deepEqual(
    seen.map(([, second]) => second),
    Array(N).fill('passed'),
  );
});

ledger.take('BarrierTests.test_abort_and_reset', 'a broken one works again after a reset', async (subject) => {
  const seen = await new Bunch(subject, subject.make(N), abortAndReset, { more: [subject.make(N)] }).all();
  assert.deepEqual(sorted(seen.map(([first]) => first)), [...Array(N - 1).fill('BrokenBarrierError'), 'aborts']);
  assert.deepEqual(
    seen.map(([, second]) => second),
    Array(N).fill('passed'),
  );
});

ledger.take('BarrierTests.test_timeout', 'who waits too long has not come, and the barrier is whole', async (subject) => {
  const barrier = subject.make(N);
  const seen = await new Bunch(subject, barrier, comeLate, { more: [N] }).all();
  assert.deepEqual(sorted(seen), [...Array(N - 1).fill('TimeoutError'), 'late']); // in Python it is broken
  // A process that gives up is cut off at once, and says so on the broker's channel: the results of its
  // calls come on another, and may be here first.
  while ((await ask(barrier, 'waiting')) !== 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await ask(barrier, 'broken'), false);
});

ledger.take('BarrierTests.test_single_thread', 'of one party it is no barrier', async ({ make }) => {
  const barrier = make(1);
  assert.deepEqual([await wait(barrier, 'awaiting'), await wait(barrier, 'awaiting')], [0, 0]);
});

ledger.account();
