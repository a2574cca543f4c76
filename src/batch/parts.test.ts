import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, seeded, useClock, useRandom } from '../core/index.js';
import { backoffAfter } from './backoff.js';
import { errorRecord, toJson } from './json.js';
import { DoneSet } from './outputs/done-set.js';
import { TokenBucket } from './rate.js';
import { Reorder } from './reorder.js';

/** A clock that is moved by hand. */
function handClock() {
  let now = 0;
  const timers: { at: number; fn: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    wall: () => now,
    after: (ms, fn) => {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
    soon: (fn) => void timers.push({ at: now, fn }),
  };
  const advance = (ms: number) => {
    const end = now + ms;
    for (;;) {
      timers.sort((a, b) => a.at - b.at);
      if (timers.length === 0 || timers[0].at > end) break;
      const [next] = timers.splice(0, 1);
      now = next.at;
      next.fn();
    }
    now = end;
  };
  return { clock, advance };
}

test('a bucket lets so many start a second, first in first out, and saves up no burst', () => {
  const { clock, advance } = handClock();
  const restore = useClock(clock);
  try {
    const bucket = new TokenBucket(10);
    advance(10_000);
    const started: [number, number][] = [];
    for (let i = 0; i < 21; i++) bucket.take(() => started.push([i, clock.now()]));
    assert.equal(bucket.tryTake(), false, 'nobody overtakes those who wait');
    advance(10_000);
    assert.deepEqual(
      started.map(([i]) => i),
      Array.from({ length: 21 }, (_, i) => i),
    );
    assert.ok(Math.abs(started[20][1] - started[0][1] - 2000) < 1, `${started[20][1]}`);
  } finally {
    restore();
  }
});

test('a wait grows by its factor to its limit, half of it by chance', () => {
  const restore = useRandom(seeded(1));
  try {
    const wait = backoffAfter({ first: 100, factor: 3, most: 1000 });
    for (let i = 0; i < 100; i++) {
      for (const [failures, full] of [
        [1, 100],
        [2, 300],
        [3, 900],
        [4, 1000],
        [400, 1000],
      ]) {
        const ms = wait(failures);
        assert.ok(ms >= full / 2 && ms <= full, `${ms} after ${failures}`);
      }
    }
  } finally {
    restore();
  }
});

test('things come out in order, over those that never come', () => {
  const out: number[] = [];
  const order = new Reorder<{ index: number }>((thing) => out.push(thing.index));
  order.pass(1);
  for (const index of [3, 2, 5, 0]) order.push({ index });
  assert.deepEqual(out, [0, 2, 3]);
  order.pass(4);
  assert.deepEqual(out, [0, 2, 3, 5]);
  assert.equal(order.next, 6);
});

test('a set of ten million indices fits and knows its inputs', () => {
  const done = new DoneSet();
  assert.equal(done.add(9_999_999, '"a"'), true);
  assert.equal(done.add(9_999_999, '"a"'), false);
  assert.equal(done.has(9_999_998), false);
  assert.equal(done.matches(9_999_999, '"a"'), true);
  assert.equal(done.matches(9_999_999, '"b"'), false);
  assert.deepEqual([done.size, done.end], [1, 10_000_000]);
});

test('whatever is thrown becomes plain data', () => {
  const error = new AggregateError([], 'both', { cause: new TypeError('why') });
  const record = errorRecord(error);
  assert.deepEqual(
    [record.name, record.message, record.cause?.name, record.cause?.stack],
    ['AggregateError', 'both', 'TypeError', undefined],
  );
  assert.deepEqual({ ...errorRecord({ a: 1n }) }, { name: 'Thrown', message: '{"a":"1"}' });
  assert.deepEqual({ ...errorRecord(undefined) }, { name: 'Thrown', message: 'undefined' });
  assert.match(
    errorRecord({
      get a() {
        throw new Error('no');
      },
    }).message,
    /cannot be shown/,
  );
});

test('plain values are written as JSON.stringify would, deep and wide ones too', () => {
  let deep: { inner?: unknown } = {};
  for (let i = 0; i < 100; i++) deep = { inner: deep };
  const wide = Array.from({ length: 60_000 }, (_, i) => ({ i }));
  for (const value of [
    null,
    'a\\u2028b',
    1.5,
    true,
    [undefined, () => 1],
    { a: undefined, b: { toJSON: () => 'x' } },
    new Date(5),
    deep,
    wide,
  ]) {
    assert.equal(toJson(value), JSON.stringify(value));
  }
});
