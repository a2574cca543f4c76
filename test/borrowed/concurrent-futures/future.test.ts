// After CPython 3.13.0, Lib/test/test_concurrent_futures/test_future.py (PSF-2.0): `whenSettled` is add_done_callback, `FutureSource` has set_result and set_exception.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Future, FutureSource, wait, whenSettled } from 'meantime/futures';
import { Ledger } from '../ledger.js';
import { cancelled, errorOf, failed, running, succeeded } from './futures.js';

const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/test_concurrent_futures/test_future.py',
    licence: 'PSF-2.0',
    tests: {
      FutureTests:
        'test_done_callback_with_result test_done_callback_with_exception test_done_callback_with_cancel test_done_callback_raises test_done_callback_already_successful test_done_callback_already_failed test_done_callback_already_cancelled test_done_callback_raises_already_succeeded test_repr test_cancel test_cancelled test_done test_running test_result_with_timeout test_result_with_success test_result_with_cancel test_exception_with_timeout test_exception_with_success test_multiple_set_result test_multiple_set_exception',
    },
    leftOut: { 'FutureTests.test_repr': 'a Future has no text of its own: `state` says it' },
  },
  [{ name: 'Future' }],
);

function outcome(future: Future<unknown>): unknown {
  try {
    return future.result();
  } catch (error) {
    return error;
  }
}

/** What a callback sees, whether it comes before the end or after it. */
function watched<T>(source: FutureSource<T>, end: () => void, when: 'before' | 'after'): unknown {
  let seen: unknown = 'nothing';
  const look = () => whenSettled(source.future, (future) => (seen = [future.state, outcome(future)]));
  if (when === 'before') look();
  end();
  if (when === 'after') look();
  return seen;
}

for (const [name, when] of [
  ['FutureTests.test_done_callback_with_result', 'before'],
  ['FutureTests.test_done_callback_already_successful', 'after'],
] as const) {
  ledger.take(name, `a callback set ${when} the result sees it`, () => {
    const source = new FutureSource<number>();
    assert.deepEqual(
      watched(source, () => source.fulfil(5), when),
      ['fulfilled', 5],
    );
  });
}

for (const [name, when] of [
  ['FutureTests.test_done_callback_with_exception', 'before'],
  ['FutureTests.test_done_callback_already_failed', 'after'],
] as const) {
  ledger.take(name, `a callback set ${when} the failure sees it`, () => {
    const source = new FutureSource<number>();
    const error = new Error('test');
    assert.deepEqual(
      watched(source, () => source.reject(error), when),
      ['rejected', error],
    );
  });
}

for (const [name, when] of [
  ['FutureTests.test_done_callback_with_cancel', 'before'],
  ['FutureTests.test_done_callback_already_cancelled', 'after'],
] as const) {
  ledger.take(name, `a callback set ${when} the cancellation sees it`, () => {
    const source = new FutureSource<number>();
    const [state] = watched(source, () => assert.equal(source.future.cancel(), true), when) as [string];
    assert.equal(state, 'cancelled');
  });
}

/** What is thrown where nobody catches it, while `act` runs and until it has been told. */
async function uncaught(act: () => void): Promise<unknown> {
  // The runner listens, too, and would take it for a failure of this file.
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const told = once(process, 'uncaughtException');
  try {
    act();
    return (await told)[0];
  } finally {
    for (const other of others) process.on('uncaughtException', other);
  }
}

ledger.take('FutureTests.test_done_callback_raises', 'a callback that throws spoils it for no other, and is told of', async () => {
  const source = new FutureSource<number>();
  const seen: string[] = [];
  const error = await uncaught(() => {
    whenSettled(source.future, () => {
      seen.push('raising');
      throw new Error('doh!');
    });
    whenSettled(source.future, () => seen.push('other'));
    source.fulfil(5);
  });
  assert.deepEqual([seen, String(error)], [['raising', 'other'], 'Error: doh!']);
});

ledger.take(
  'FutureTests.test_done_callback_raises_already_succeeded',
  'set after the end it runs at once, and its error is an uncaught one',
  async () => {
    const future = succeeded(5);
    const error = await uncaught(() => {
      whenSettled(future, () => {
        throw new Error('doh!');
      });
    });
    assert.equal(String(error), 'Error: doh!');
    assert.equal(future.result(), 5);
  },
);

ledger.take('FutureTests.test_cancel', 'only what has not ended can be cancelled', () => {
  const [pending, busy] = [new FutureSource<number>(), running()];
  assert.deepEqual([pending.future.cancel(), pending.future.state], [true, 'cancelled']);
  assert.deepEqual([busy.future.cancel(), busy.future.state], [true, 'cancelled']); // Python cannot: what runs there cannot be stopped
  for (const [future, state] of [
    [cancelled(), 'cancelled'],
    [failed(new Error('before')), 'rejected'],
    [succeeded(5), 'fulfilled'],
  ] as const) {
    assert.deepEqual([future.cancel(), future.state], [false, state]);
  }
});

const inAllStates = () => [new FutureSource<number>().future, running().future, cancelled(), failed(new Error('before')), succeeded(42)];

ledger.take(['FutureTests.test_cancelled', 'FutureTests.test_done', 'FutureTests.test_running'], 'the state says which it is', () => {
  assert.deepEqual(
    inAllStates().map(({ state, settled }) => [state, settled]),
    [
      ['pending', false],
      ['running', false],
      ['cancelled', true],
      ['rejected', true],
      ['fulfilled', true],
    ],
  );
});

ledger.take(
  ['FutureTests.test_result_with_timeout', 'FutureTests.test_exception_with_timeout'],
  'a result that is asked for with no time to wait',
  async () => {
    const expected = ['MEANTIME_NOT_SETTLED', 'MEANTIME_NOT_SETTLED', 'ABORT_ERR'];
    const all = inAllStates();
    assert.deepEqual(
      all.map(outcome).map((seen) => (seen as { code?: string }).code ?? seen),
      [...expected, outcome(all[3]), 42],
    );
    assert.equal(String(outcome(all[3])), 'Error: before');
    const { done } = await wait<Future<unknown>>(all, { timeout: 0 });
    assert.deepEqual(done, all.slice(2));
  },
);

ledger.take('FutureTests.test_result_with_success', 'a result that comes while somebody waits', async () => {
  const source = new FutureSource<number>();
  setImmediate(() => source.fulfil(42));
  assert.equal(await source.future, 42);
});

ledger.take('FutureTests.test_result_with_cancel', 'a cancellation that comes while somebody waits', async () => {
  const source = new FutureSource<number>();
  setImmediate(() => source.future.cancel());
  assert.equal((await errorOf(source.future)).name, 'AbortError');
});

ledger.take('FutureTests.test_exception_with_success', 'a failure that comes while somebody waits', async () => {
  const source = new FutureSource<number>();
  const error = new Error('late');
  setImmediate(() => source.reject(error));
  assert.equal(await errorOf(source.future), error);
});

ledger.take('FutureTests.test_multiple_set_result', 'the first outcome stands, and the second is told so', () => {
  const source = new FutureSource<number>();
  assert.deepEqual([source.fulfil(1), source.fulfil(2), source.reject(new Error('late'))], [true, false, false]);
  assert.equal(source.future.result(), 1);
});

ledger.take('FutureTests.test_multiple_set_exception', 'the first failure stands', async () => {
  const source = new FutureSource<number>();
  const error = new RangeError('first');
  assert.deepEqual([source.reject(error), source.reject(new Error('late'))], [true, false]);
  assert.equal(await errorOf(source.future), error);
});

ledger.account();
