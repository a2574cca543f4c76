import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, type Coroutine } from '../core/index.js';
import { FutureSource } from '../futures/index.js';
import { bothForms, compute, failure, forms, isCancelled, virtually } from './borrowed/harness.js';
import { step } from './current.js';
import { cancellable, checkpoint, sleep, withCancelScope, withShield, withTimeout } from './index.js';
import { Scope } from './scope.js';
import { type Awaitable, later, ready, refused, Wait } from './wait.js';
import { Waiters } from './waiters.js';

const failed = new Error('failed');

/** As code in a generator that is being stepped, which gets waits as they are. */
function stepping<R>(fn: () => R): R {
  const scope = new Scope(undefined);
  const former = step(scope);
  try {
    return fn();
  } finally {
    step(former);
    scope.finish('fulfilled', undefined);
  }
}

/** Rejections that nobody has handled while `fn` ran and a turn later. */
async function unhandled(fn: () => unknown): Promise<unknown[]> {
  const seen: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const note = (error: unknown) => seen.push(error);
  process.on('unhandledRejection', note);
  fn();
  for (let i = 0; i < 3; i++) await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  for (const other of others) process.on('unhandledRejection', other);
  return seen;
}

const state = (wait: Wait<unknown>) => ({ pending: wait.pending, isFree: wait.isFree, failed: wait.failed, value: wait.value });

test('a wait is decided once, at once, and is over in its turn', async () => {
  const wait = new Wait<string>('test', undefined);
  assert.deepEqual(state(wait), { pending: true, isFree: true, failed: false, value: undefined });
  assert.equal(wait.next().value, wait);
  assert.equal(wait.fulfil('first'), true);
  assert.deepEqual([wait.fulfil('second'), wait.fail(failed)], [false, false]);
  assert.deepEqual(state(wait), { pending: false, isFree: true, failed: false, value: 'first' });
  assert.deepEqual(wait.next(), { done: false, value: wait }); // not yet
  assert.equal(await wait.handle(), 'first');
  assert.deepEqual(state(wait), { pending: false, isFree: false, failed: false, value: 'first' });
  assert.deepEqual(wait.next(), { done: true, value: 'first' });
});

test('a wait that fails has the error, in its turn too', async () => {
  const wait = new Wait<string>('test', undefined);
  assert.equal(wait.fail(failed), true);
  assert.deepEqual([wait.fail('second'), wait.fulfil('third')], [false, false]);
  assert.deepEqual(state(wait), { pending: false, isFree: true, failed: true, value: failed });
  assert.deepEqual(wait.next(), { done: false, value: wait });
  await assert.rejects(wait.handle(), failed);
  assert.deepEqual(state(wait), { pending: false, isFree: false, failed: true, value: failed });
  assert.throws(() => wait.next(), failed);
});

test('whoever waits for it is told once, and then it is not free', async () => {
  const wait = new Wait<string>('test', undefined);
  const told: unknown[] = [];
  wait.fiber = { goOn: (over) => told.push(over.value, over.failed) };
  assert.equal(wait.isFree, false);
  const handle = wait.handle();
  wait.fulfil('value');
  assert.deepEqual(told, []);
  assert.equal(await handle, 'value');
  assert.deepEqual(told, ['value', false]);
});

test('decided, it leaves the list of its scope and of what it waits for, and takes no notice of a cancellation', async () => {
  for (const decide of [(wait: Wait<string>) => wait.fulfil('value'), (wait: Wait<string>) => wait.fail(failed)]) {
    const scope = new Scope(undefined);
    const list = new Waiters();
    const wait = new Wait<string>('test', scope);
    list.push(wait as Wait<unknown>);
    assert.deepEqual([...scope.waits()], [wait]);
    let cuts = 0;
    wait.onCut = () => cuts++;
    decide(wait);
    assert.deepEqual([[...scope.waits()], list.size], [[], 0]);
    scope.cancel();
    assert.deepEqual(
      await wait.handle().then(
        (value) => value,
        (error) => error,
      ),
      wait.value,
    );
    assert.equal(cuts, 0);
    assert.equal(wait.onCut, undefined);
    scope.finish('fulfilled', undefined);
  }
});

test('cut off, it has left its lists when its maker is told, and fails with the error that its scope has by then', async () => {
  const outer = new Scope(undefined);
  const scope = new Scope(outer);
  const list = new Waiters();
  const wait = new Wait<string>('test', scope);
  list.push(wait as Wait<unknown>);
  const seen: unknown[] = [];
  wait.onCut = () => seen.push(list.size, [...scope.waits()], wait.pending);
  const error = wait.handle().then(undefined, (error) => error);
  scope.cancel('inner');
  assert.deepEqual(seen, [0, [], false]);
  assert.ok(wait.scopeNext === undefined && wait.scopePrev === undefined);
  assert.deepEqual([wait.fulfil('late'), wait.fail(failed), wait.isFree], [false, false, true]);
  outer.cancel('outer');
  assert.equal(((await error) as CancelledError).reason, 'outer');
  assert.deepEqual([wait.failed, wait.isFree, wait.onCut], [true, false, undefined]);
  for (const each of [scope, outer]) each.finish('cancelled', undefined);
});

test('whoever is cut off may hand over what another one of the same scope waits for: that is kept', async () => {
  const scope = new Scope(undefined);
  const [first, second, third] = ['first', 'second', 'third'].map((name) => new Wait<string>(name, scope)) as [
    Wait<string>,
    Wait<string>,
    Wait<string>,
  ];
  second.onCut = () => {
    first.fulfil('too late');
    third.fulfil('in time');
  };
  const all = Promise.allSettled([first.handle(), second.handle(), third.handle()]);
  scope.cancel();
  assert.deepEqual(
    (await all).map((each) => (each.status === 'fulfilled' ? each.value : isCancelled(each.reason))),
    [true, true, 'in time'],
  );
  for (const wait of [first, second, third]) assert.ok(wait.scopeNext === undefined && wait.scopePrev === undefined);
  scope.finish('cancelled', undefined);
});

test('a promise that nobody awaits any more is not reported when it is cut off, and is when it fails', async () => {
  const scope = new Scope(undefined);
  assert.deepEqual(
    await unhandled(() => {
      void new Wait('test', scope).handle();
      scope.cancel();
    }),
    [],
  );
  scope.finish('cancelled', undefined);
  assert.deepEqual(
    await unhandled(() => {
      const wait = new Wait('test', undefined);
      void wait.handle();
      wait.fail(failed);
    }),
    [failed],
  );
  assert.deepEqual(await unhandled(() => void withTimeout(1000, () => Promise.reject(failed))), [failed]);
  assert.deepEqual(await unhandled(() => void refused(new CancelledError())), []);
  assert.deepEqual(await unhandled(() => void refused(failed)), [failed]);
});

test('its promise is one, whenever it is asked for', async () => {
  const wait = new Wait<string>('test', undefined);
  assert.equal(wait.handle(), wait.handle());
  wait.fulfil('value');
  await wait;
  const [over, lost] = [new Wait<string>('test', undefined), new Wait<string>('test', undefined)];
  over.fulfil('over');
  lost.fail(failed);
  await checkpoint();
  assert.equal(await over.handle(), 'over');
  await assert.rejects(lost.handle(), failed);
  assert.equal(over.handle(), over.handle());
});

test('a foreign promise is followed, whatever it comes to; what was cut off before takes nothing of it', async () => {
  const follow = (promise: PromiseLike<unknown>) => {
    const wait = new Wait<unknown>('promise', undefined);
    wait.follow(promise);
    return wait.handle();
  };
  assert.equal(await follow(Promise.resolve('value')), 'value');
  await assert.rejects(follow(Promise.reject(failed)), failed);
  const twice = {
    // biome-ignore lint/suspicious/noThenProperty: somebody else’s thenable, which calls back at once and twice
    then(done: (value: unknown) => void, fail: (error: unknown) => void) {
      done('first');
      fail(failed);
    },
  };
  assert.equal(await follow(twice as PromiseLike<unknown>), 'first');
  const throws = {
    // biome-ignore lint/suspicious/noThenProperty: somebody else’s thenable, which throws
    then() {
      throw failed;
    },
  };
  await assert.rejects(follow(throws as unknown as PromiseLike<unknown>), failed);

  const scope = new Scope(undefined);
  const wait = new Wait<unknown>('promise', scope);
  let settle = (_: string): void => undefined;
  wait.follow(
    new Promise((done) => {
      settle = done;
    }),
  );
  let told = 0;
  wait.fiber = { goOn: () => told++ };
  const error = wait.handle().then(undefined, (error) => error);
  scope.cancel();
  settle('too late');
  assert.ok(isCancelled(await error));
  await checkpoint();
  assert.equal(told, 1);
  const other = new Wait<unknown>('promise', scope);
  other.follow(Promise.resolve('value'));
  assert.equal(await other.handle(), 'value');
  assert.deepEqual([...scope.waits()], []);
  scope.finish('cancelled', undefined);
});

// A wait in a generator that is treated as a promise all the same: all that can be done with one.
const uses: [what: string, use: (wait: Promise<string>) => Promise<unknown>, ofValue: unknown, ofError: unknown][] = [
  ['await', (wait) => (async () => await wait)(), 'value', failed],
  [
    'then',
    (wait) =>
      wait.then(
        (value) => [value],
        (error) => [error],
      ),
    ['value'],
    [failed],
  ],
  ['catch', (wait) => wait.catch((error) => [error]), 'value', [failed]],
  [
    'finally',
    (wait) => {
      let calls = 0;
      const ended = wait.finally(() => calls++);
      return ended.finally(() => assert.equal(calls, 1));
    },
    'value',
    failed,
  ],
];
const makers: [what: string, make: (error?: Error) => Awaitable<string>][] = [
  [
    'a wait',
    (error) => {
      const wait = new Wait<string>('test', undefined);
      if (error) wait.fail(error);
      else wait.fulfil('value');
      return wait.handle();
    },
  ],
  ['what is ready at once', (error) => (error ? refused(error) : ready('value'))],
];
for (const [what, make] of makers) {
  for (const [how, use, ofValue, ofError] of uses) {
    test(`${what}, in a generator, is a promise for those who use it as one: ${how}`, async () => {
      const given = stepping(() => make());
      const lost = stepping(() => make(failed));
      assert.ok(!(given instanceof Promise) && !(lost instanceof Promise));
      assert.deepEqual(await use(given), ofValue);
      assert.deepEqual(await use(lost).catch((error) => error), ofError);
    });
  }
}

const cancellation = new CancelledError();

bothForms('what is ready is given back, what cannot be is thrown, and what is later comes in its turn', function* () {
  assert.equal(yield* ready('value'), 'value');
  assert.equal(yield* failure(refused(failed)), failed);
  const seen: string[] = [];
  const turn = checkpoint();
  const wait = later('later');
  seen.push('before');
  yield* turn;
  assert.equal(yield* wait, 'later');
  assert.deepEqual(seen, ['before']);
});

test('a promise that was made outside of any generator can be waited for in one', () =>
  virtually(function* () {
    const outside = yield* cancellable((async () => [sleep(1), ready('ready'), checkpoint()] as const)());
    const [slept, given, turned] = outside as unknown as [Awaitable<void>, Awaitable<string>, Awaitable<void>];
    yield* slept;
    assert.equal(yield* given, 'ready');
    yield* turned;
  }));

const source = new FutureSource<string>();
source.fulfil('value');
const atOnce: [what: string, wait: () => Awaitable<unknown>, outcome: unknown][] = [
  ['what is ready', () => ready('value'), 'value'],
  ['what cannot be', () => refused(failed), failed],
  ['what is cancelled', () => refused(cancellation), cancellation],
  ['a promise that has settled', () => cancellable(Promise.resolve('value')), 'value'],
  ['a future that has settled', () => source.future as unknown as Awaitable<unknown>, 'value'],
  ['a block', () => withCancelScope(() => 'value') as unknown as Awaitable<unknown>, 'value'],
  ['what is neither a promise nor anything else', () => cancellable('value'), 'value'],
];
for (const [what, wait, outcome] of atOnce) {
  bothForms(`${what} lets the loop have a turn when the time slice is used up, and only then`, function* () {
    for (const isUsedUp of [false, true]) {
      yield* sleep(1); // the slice begins
      let hops = 0;
      void (async () => {
        for (; hops < 100; hops++) await undefined;
      })();
      if (isUsedUp) compute(20);
      // The clock is looked at every few steps.
      for (let i = 0; i < 4; i++) {
        let seen: unknown;
        try {
          seen = yield* wait();
        } catch (error) {
          seen = error;
        }
        assert.equal(seen, outcome);
      }
      assert.equal(hops === 100, isUsedUp);
      yield* sleep(1);
    }
  });
}

bothForms('in what is cancelled, too: whoever swallows it, again and again, does not starve the loop', function* (form) {
  const pending = new FutureSource<string>();
  yield* sleep(1);
  let hops = 0;
  yield* withCancelScope(
    form(function* (scope) {
      scope.cancel();
      void (async () => {
        for (; hops < 100; hops++) await undefined;
      })();
      for (let i = 0; i < 4; i++) {
        compute(20);
        assert.ok(isCancelled(yield* failure(pending.future)));
      }
      assert.equal(hops, 100);
      // A wait that settles in the meantime changes nothing.
      compute(20);
      const wait = Promise.all([1, 2].map(() => pending.future.then(undefined, isCancelled)));
      pending.fulfil('value');
      yield* withShield(
        form(function* () {
          assert.notEqual(yield* cancellable(wait), undefined);
        }),
      );
    }),
  );
});

test('what cannot be, when the time slice is used up, is reported if nobody awaits it, and a cancellation is not', () =>
  virtually(async () => {
    await sleep(1);
    const reported = await unhandled(() => {
      for (let i = 0; i < 4; i++) {
        compute(20);
        void refused(new CancelledError());
        compute(20);
        void refused(failed);
      }
    });
    assert.deepEqual(reported, [failed, failed, failed, failed]);
  }));

test('outside of a generator all of them are promises; inside, what is over at once is no wait', () => {
  for (const each of [ready('value'), later('value'), new Wait('test', undefined).handle()]) assert.ok(each instanceof Promise);
  for (const give of [() => ready('value'), () => refused(failed)]) assert.ok(!(stepping(give) instanceof Wait));
  assert.equal(Object.prototype.toString.call(new Wait('test', undefined)), '[object Wait]');
});

bothForms('an error that comes out of a wait says where it was awaited', function* (form) {
  const makers: (() => Awaitable<unknown>)[] = [
    () => refused(new Error('refused')),
    () => cancellable(Promise.reject(new Error('later'))),
    () => {
      const over = new Wait<unknown>('test', undefined);
      over.fail(new Error('over'));
      return over.handle();
    },
  ];
  for (const make of makers) {
    const wait = make();
    if (make === makers[2]) yield* checkpoint();
    const { stack } = yield* failure(wait);
    if (form === forms[1]?.[1]) assert.match(String(stack), /--- awaited in ---/);
  }
});

test('yield* gives a wait to the runtime as it is, and nothing else', () => {
  const coroutine = stepping(function* (): Coroutine<string> {
    return yield* new Wait<string>('test', undefined).handle();
  });
  const wait = stepping(() => coroutine.next().value) as Wait<string>;
  assert.ok(wait instanceof Wait);
  assert.deepEqual(wait.return('left'), { done: true, value: 'left' });
  assert.throws(() => coroutine.throw(failed), failed);
});
