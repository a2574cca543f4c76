import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caution } from './advice.js';
import { cautionsOf, type Seen, workersThatFit } from './cautions.js';

const GB = 1e9;
const nothing = { bytes: 0, ms: 0, refused: undefined };
const seen = (more: Partial<Seen> = {}, measured: Partial<Seen['measured']> = {}): Seen => ({
  measured: {
    windows: [],
    calls: 10,
    failed: 0,
    failure: undefined,
    ms: 5,
    fastest: 5,
    input: nothing,
    result: nothing,
    memory: 1e6,
    changed: [],
    ...measured,
  },
  verdict: {
    shares: { computing: 1, blocking: 0, pool: 0, waiting: 0 },
    ms: 5,
    kind: 'cpu-bound',
    confidence: 1,
    sure: true,
    settle: undefined,
  },
  point: { on: 'threads', workers: 4, concurrency: 1 },
  machine: { cores: 4, poolThreads: 4 },
  writes: [],
  free: 8 * GB,
  stays: undefined,
  ...more,
});
const textOf = (cautions: Caution[], code: Caution['code']): string => cautions.find((caution) => caution.code === code)?.text ?? '';

test('a function without peculiarities has none told of it', () => {
  assert.deepEqual(cautionsOf(seen()), []);
});

test('workers that would need more memory than is free are fewer, and that is said', () => {
  const large = seen({ free: 2 * GB }, { memory: 600e6 });
  assert.equal(workersThatFit(large), 2);
  assert.equal(
    textOf(cautionsOf(large), 'memory'),
    'Its calls took 600 MB at most, so 4 workers would need 2.4 GB, and 2 GB are free: 2 workers at most',
  );
  assert.equal(workersThatFit(seen({ free: 1e6 }, { memory: 600e6 })), 1, 'one there always is');
});

test('many calls in flight count by what goes in and comes out of them', () => {
  const large = { bytes: 10e6, ms: 1, refused: undefined };
  const many = seen({ point: { on: 'threads', workers: 4, concurrency: 64 }, free: 2 * GB }, { input: large });
  assert.equal(workersThatFit(many), 2);
});

test('copies that take a good part of a call are told with their sizes', () => {
  const text = textOf(cautionsOf(seen({}, { input: { bytes: 32e6, ms: 12, refused: undefined } })), 'costly-copies');
  assert.match(text, /32 MB in and 0 B out\) takes 12 ms, and a call itself 5 ms/);
});

test("the pool's size matters for what the pool computes, and only then", () => {
  const machine = { cores: 8, poolThreads: 4 };
  const pooled = { ...seen().verdict, kind: 'pool-bound' as const, shares: { computing: 0.1, blocking: 0, pool: 0.9, waiting: 0 } };
  assert.match(
    textOf(cautionsOf(seen({ machine, verdict: pooled })), 'small-libuv-pool'),
    /4 threads for 8 cores: start with UV_THREADPOOL_SIZE=8/,
  );
  assert.deepEqual(cautionsOf(seen({ machine })), []);
});

test('state that is kept is named once, by whichever way it was seen', () => {
  const text = textOf(cautionsOf(seen({ writes: ['cache'] }, { changed: ['cache', 'hits'] })), 'keeps-state');
  assert.match(text, /calls changed "cache", "hits"/);
  assert.match(textOf(cautionsOf(seen({ writes: ['total'] })), 'keeps-state'), /its text writes to "total"/);
});
