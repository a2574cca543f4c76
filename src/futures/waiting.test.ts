import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type Clock, clock, TimeoutError, useClock } from '../core/index.js';
import { asCompleted } from './as-completed.js';
import type { Future } from './future.js';
import { FutureSource } from './source.js';
import { wait } from './wait.js';

/** A clock that stands until it is moved. */
function fakeClock(t: TestContext): { advance(ms: number): void; readonly timers: number } {
  let now = 0;
  let timers: { at: number; fn: () => void }[] = [];
  const fake: Clock = {
    ...clock,
    now: () => now,
    after: (ms, fn) => {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return { cancel: () => (timers = timers.filter((other) => other !== timer)) };
    },
  };
  t.after(useClock(fake));
  return {
    advance: (ms) => {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const { fn } of due) fn();
    },
    get timers() {
      return timers.length;
    },
  };
}

const sources = (n: number) => Array.from({ length: n }, () => new FutureSource<number>());
const futures = (all: FutureSource<number>[]) => all.map((source) => source.future);

test('asCompleted yields the futures themselves in the order in which they settle, failures among them', async () => {
  const all = sources(4);
  all[2].fulfil(2);
  const order: Future<number>[] = [];
  const reading = (async () => {
    for await (const future of asCompleted(futures(all))) order.push(future);
  })();
  all[3].reject(new RangeError('three'));
  await null;
  all[0].fulfil(0);
  all[1].future.cancel();
  await reading;
  assert.deepEqual(
    order.map((future) => [all.findIndex((source) => source.future === future), future.state]),
    [
      [2, 'fulfilled'],
      [3, 'rejected'],
      [0, 'fulfilled'],
      [1, 'cancelled'],
    ],
  );
});

test('asCompleted gives each future once, and none for none', async () => {
  const [source] = sources(1);
  source.fulfil(1);
  const seen: unknown[] = [];
  for await (const future of asCompleted([source.future, source.future])) seen.push(future);
  assert.equal(seen.length, 1);
  for await (const _ of asCompleted([])) assert.fail('it gave something');
});

test('asCompleted fails when its time is over, on the clock in force, and leaves no timer', async (t) => {
  const time = fakeClock(t);
  const all = sources(2);
  const iterator = asCompleted(futures(all), { timeout: 1000 });
  all[0].fulfil(0);
  assert.equal((await iterator.next()).value, all[0].future);
  const next = iterator.next();
  time.advance(999);
  time.advance(1);
  await assert.rejects(next, (error: Error) => {
    assert.ok(error instanceof TimeoutError);
    assert.match(error.message, /1 of 2 futures.*1000 ms/);
    return true;
  });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.equal(time.timers, 0);
  assert.equal(all[1].future.state, 'pending', 'the future itself is not touched');
});

test('asCompleted in time leaves no timer either, nor when its loop is left', async (t) => {
  const time = fakeClock(t);
  const all = sources(2);
  for (const source of all) source.fulfil(1);
  for await (const _ of asCompleted(futures(all), { timeout: 1000 }));
  for await (const _ of asCompleted(futures(all), { timeout: 1000 })) break;
  assert.equal(time.timers, 0);
});

test('a signal ends asCompleted and is not listened to afterwards', async () => {
  const controller = new AbortController();
  const iterator = asCompleted(futures(sources(1)), { signal: controller.signal });
  const next = iterator.next();
  controller.abort('enough');
  await assert.rejects(next, { name: 'AbortError', reason: 'enough' });
  const { signal } = new AbortController();
  for await (const _ of asCompleted([], { signal }));
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  await assert.rejects(asCompleted(futures(sources(1)), { signal: AbortSignal.abort() }).next(), { name: 'AbortError' });
});

test('wait until all, any, or the first error', async () => {
  const all = sources(3);
  const [whole, any, error] = (['all', 'any', 'error'] as const).map((until) => wait(futures(all), { until }));
  all[1].fulfil(1);
  assert.deepEqual((await any).done, [all[1].future]);
  assert.equal(error.settled, false);
  all[2].reject(new Error('two'));
  assert.deepEqual((await error).done, [all[1].future, all[2].future], 'in the order they were given');
  assert.deepEqual((await error).pending, [all[0].future]);
  assert.equal(whole.settled, false);
  all[0].fulfil(0);
  assert.equal((await whole).done.length, 3);
  assert.deepEqual(await wait([]), { done: [], pending: [] });
});

test('wait gives what there is when its time is over, and leaves no timer', async (t) => {
  const time = fakeClock(t);
  const all = sources(2);
  const waited = wait(futures(all), { timeout: 50 });
  all[1].fulfil(1);
  time.advance(50);
  assert.deepEqual(await waited, { done: [all[1].future], pending: [all[0].future] });
  const early = wait(futures(all), { timeout: 50, until: 'any' });
  assert.equal(early.state, 'fulfilled');
  const cancelled = wait([all[0].future], { timeout: 50 });
  cancelled.cancel();
  assert.equal(time.timers, 0);
  assert.equal(all[0].future.state, 'pending');
});

test('a signal ends wait', async () => {
  const controller = new AbortController();
  const waited = wait(futures(sources(1)), { signal: controller.signal });
  controller.abort();
  await assert.rejects(async () => await waited, { name: 'AbortError' });
  assert.equal(wait(futures(sources(1)), { signal: controller.signal }).state, 'cancelled');
});
