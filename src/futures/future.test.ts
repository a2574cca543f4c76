import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { test } from 'node:test';
import { CancelledError, NotSettledError, TimeoutError } from '../core/index.js';
import { cancellation, type FutureCell, isFuture, watchFuture } from './future.js';
import { FutureSource } from './source.js';

/** How many native promises are made while `body` runs. */
function promisesMade(body: () => void): number {
  let made = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') made++;
    },
  });
  hook.enable();
  body();
  hook.disable();
  return made;
}

test('a future costs no native promise until somebody awaits it', () => {
  let last: FutureSource<number> | undefined;
  const made = promisesMade(() => {
    for (let i = 0; i < 100; i++) {
      const source = new FutureSource<number>();
      watchFuture(source.future, () => undefined);
      source.start();
      source.fulfil(i);
      source.future.result();
      last = source;
    }
    const cancelled = new FutureSource<number>();
    cancelled.future.cancel();
  });
  assert.equal(made, 0);
  assert.ok(promisesMade(() => void last?.future.then()) > 0);
});

test('the first outcome stands', async () => {
  const source = new FutureSource<number>();
  assert.equal(source.fulfil(1), true);
  assert.equal(source.fulfil(2), false);
  assert.equal(source.reject(new Error('late')), false);
  assert.equal(source.future.cancel(), false);
  assert.equal(await source.future, 1);
  assert.equal(source.future.state, 'fulfilled');
});

test('states: pending, running, back to pending, and the end', () => {
  const source = new FutureSource<number>();
  const { future } = source;
  assert.deepEqual([future.state, future.settled], ['pending', false]);
  assert.throws(() => future.result(), NotSettledError);
  source.start();
  assert.equal(future.state, 'running');
  source.requeue();
  assert.equal(future.state, 'pending');
  source.reject(new CancelledError());
  assert.equal(future.state, 'cancelled');
  source.start();
  assert.equal(future.state, 'cancelled');
});

test('then, catch and finally work before and after the end', async () => {
  const early = new FutureSource<number>();
  const seen: string[] = [];
  const all = [
    early.future.then((n) => seen.push(`then ${n}`)),
    early.future.finally(() => seen.push('finally')),
    (async () => seen.push(`await ${await early.future}`))(),
  ];
  early.fulfil(5);
  await Promise.all(all);
  assert.deepEqual(seen.sort(), ['await 5', 'finally', 'then 5']);
  const failed = new FutureSource<number>();
  failed.future.catch(() => undefined);
  failed.reject(new RangeError('no'));
  await assert.rejects(async () => await failed.future, RangeError);
  assert.equal(await failed.future.catch((error) => (error as Error).message), 'no');
});

test('watchers are called in order, within the settling, and can be taken back', () => {
  const source = new FutureSource<number>();
  const seen: string[] = [];
  watchFuture(source.future, () => seen.push('a'));
  const undo = watchFuture(source.future, () => seen.push('b'));
  watchFuture(source.future, ({ state }) => seen.push(state));
  undo();
  source.fulfil(1);
  assert.deepEqual(seen, ['a', 'fulfilled']);
  watchFuture(source.future, () => seen.push('late, at once'));
  assert.equal(seen.length, 3);
});

test('a failure that was looked at, and a cancellation that was not, are no unhandledRejection', async () => {
  const seen: unknown[] = [];
  const watch = (error: unknown) => seen.push(error);
  process.on('unhandledRejection', watch);
  const watched = new FutureSource<number>();
  watchFuture(watched.future, () => undefined);
  watched.reject(new Error('watched'));
  const asked = new FutureSource<number>();
  asked.reject(new Error('asked for'));
  assert.throws(() => asked.future.result(), /asked for/);
  const cancelled = new FutureSource<number>();
  const silent = cancelled.future.then(
    () => undefined,
    () => undefined,
  );
  cancelled.future.cancel();
  new FutureSource<number>().future.cancel();
  await silent;
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', watch);
  assert.deepEqual(seen, []);
});

test('yield* in a generator gives the value and throws the error', () => {
  const source = new FutureSource<number>();
  function* task() {
    return (yield* source.future) + 1;
  }
  const running = task();
  assert.equal(running.next().value, source.future);
  source.fulfil(41);
  assert.deepEqual(running.next(undefined as never), { done: true, value: 42 });
});

test('what a cancellation throws: errors of cancellation and time as they are, any other reason kept', () => {
  const timeout = new TimeoutError('late');
  assert.equal(cancellation(timeout), timeout);
  const late = new DOMException('late', 'TimeoutError');
  assert.ok(cancellation(late) === late);
  const abort = new DOMException('stop', 'AbortError');
  const told = cancellation(abort) as CancelledError;
  assert.ok(told instanceof CancelledError && told.reason === abort, 'what an AbortController gives without a reason');
  const other = cancellation(new Error('why')) as CancelledError;
  assert.ok(other instanceof CancelledError);
  assert.match(other.message, /why/);
  assert.equal((other.reason as Error).message, 'why');
  assert.equal((cancellation('text') as CancelledError).reason, 'text');
  assert.ok(cancellation() instanceof CancelledError);
});

test('a future is known by its brand', () => {
  assert.ok(isFuture(new FutureSource().future));
  for (const other of [Promise.resolve(), {}, null, undefined, () => 1]) assert.equal(isFuture(other), false);
  assert.equal(Object.prototype.toString.call(new FutureSource().future), '[object Future]');
});

test('onCancel takes over cancelling', () => {
  const source = new FutureSource<number>();
  const reasons: unknown[] = [];
  source.onCancel((reason) => reasons.push(reason));
  assert.equal(source.future.cancel('please'), true);
  assert.deepEqual([reasons, source.future.state], [['please'], 'pending']);
  source.fulfil(1);
  assert.equal(source.future.state, 'fulfilled');
});

test('whoever was cut off has looked, also where others are told in passing', async () => {
  const reported: unknown[] = [];
  const report = (error: unknown) => reported.push((error as Error).message);
  // The runner listens too, and would fail this test.
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', report);
  for (const [looks, passes] of [
    [true, true],
    [true, false],
    [false, true],
  ]) {
    const source = new FutureSource<number>();
    const cell = source.future as unknown as FutureCell<number>;
    let told = 0;
    if (passes) cell.passBy(() => told++);
    const watcher = () => undefined;
    if (looks) {
      cell.watch(watcher);
      cell.lookAway(watcher);
    }
    source.reject(new Error(`looks ${looks}, passes ${passes}`));
    await new Promise(setImmediate);
    assert.equal(told, passes ? 1 : 0);
  }
  process.removeListener('unhandledRejection', report);
  for (const other of others) process.on('unhandledRejection', other);
  assert.deepEqual(reported, ['looks false, passes true']);
});
