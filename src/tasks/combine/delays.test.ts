import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded, useRandom } from '../../core/index.js';
import { type Delay, decorrelated, exponential, fixed } from './delays.js';

const failure = new Error('failed');
/** The waits before the attempts 2 to `n + 1`, each told the one before. */
function waits(delay: Delay, n: number): number[] {
  const out: number[] = [];
  for (let attempt = 1; attempt <= n; attempt++) out.push(delay(failure, attempt, out.at(-1) ?? 0) as number);
  return out;
}
/** Runs `fn` with chances that are all `value`. */
function withChance<T>(value: number, fn: () => T): T {
  const restore = useRandom(() => value);
  try {
    return fn();
  } finally {
    restore();
  }
}

test('fixed waits the same each time', () => {
  assert.deepEqual(waits(fixed(7), 3), [7, 7, 7]);
});

test('exponential doubles from 100 ms up to 30 s, and chance takes all of it or half of it away', () => {
  const whole = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000];
  assert.deepEqual(waits(exponential({ jitter: 'none' }), 11), whole);
  const half = whole.map((ms) => ms / 2);
  assert.deepEqual(
    withChance(0.5, () => waits(exponential(), 11)),
    half,
  );
  assert.deepEqual(
    withChance(0, () => waits(exponential({ jitter: 'equal' }), 11)),
    half,
  );
  assert.deepEqual(
    withChance(0, () => waits(exponential({ jitter: 'full' }), 2)),
    [0, 0],
  );
});

test('exponential takes its first wait, its factor and its longest', () => {
  assert.deepEqual(waits(exponential({ first: 1, factor: 3, max: 20, jitter: 'none' }), 4), [1, 3, 9, 20]);
  assert.deepEqual(waits(exponential({ first: 0, jitter: 'none' }), 2), [0, 0]);
  assert.equal(exponential({ jitter: 'none' })(failure, 5000, 0), 30_000);
});

test('decorrelated stays between the first wait and three times the one before', () => {
  assert.deepEqual(
    withChance(0, () => waits(decorrelated({ first: 10 }), 3)),
    [10, 10, 10],
  );
  assert.deepEqual(
    withChance(1, () => waits(decorrelated({ first: 10, max: 200 }), 4)),
    [30, 90, 200, 200],
  );
  const seed = Math.trunc(Math.random() * 2 ** 31);
  const restore = useRandom(seeded(seed));
  let previous = 0;
  for (const ms of waits(decorrelated({ first: 10, max: 5000 }), 1000)) {
    assert.ok(ms >= 10 && ms <= Math.min(5000, 3 * Math.max(10, previous)), `${ms} ms after ${previous} ms, seed ${seed}`);
    previous = ms;
  }
  restore();
});

test('what is out of range is refused, by name', () => {
  const option = (message: RegExp) => ({ code: 'MEANTIME_OPTION', message });
  assert.throws(() => fixed(-1), option(/fixed expects a number of milliseconds, 0 or more, got -1/));
  assert.throws(() => fixed(Number.NaN), option(/got NaN/));
  assert.throws(() => exponential({ factor: 0.5 }), option(/"factor" expects a number, 1 or more, got 0.5/));
  assert.throws(() => exponential({ first: -1 }), option(/"first"/));
  assert.throws(() => exponential({ jitter: 'some' as 'full' }), option(/"jitter" expects one of "full", "equal", "none"/));
  assert.throws(() => decorrelated({ max: Number.NaN }), option(/"max"/));
  assert.throws(() => decorrelated({ frist: 1 } as object), option(/did you mean "first"/));
});
