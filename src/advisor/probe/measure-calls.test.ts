import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock } from '../../core/index.js';
import { copying } from './copying.js';
import { measureCalls } from './measure-calls.js';
import { changedSince, stateOf } from './module-state.js';
import { otherThreads } from './other-threads.js';
import { reading, since, spin } from './readings.js';

const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));

test('there are enough windows to tell one from another, and enough time in them', async () => {
  const inputs: unknown[] = [];
  const measured = await measureCalls(
    async (input) => {
      inputs.push(input);
      await wait(4);
    },
    ['a', 'b', 'c'],
    { budget: 150, until: 10_000 },
  );
  assert.equal(measured.windows.length, 3);
  assert.ok(measured.windows.reduce((sum, { wall }) => sum + wall, 0) >= 150);
  assert.equal(measured.calls, inputs.length);
  assert.deepEqual(inputs.slice(0, 4), ['a', 'b', 'c', 'a'], 'in turn');
  assert.ok(measured.ms >= 3, String(measured.ms));
  for (const { calls, availability } of measured.windows) assert.ok(calls > 0 && availability > 0 && availability <= 1);
});

test('a long call is called no more often than it takes to compare two', async () => {
  let calls = 0;
  const measured = await measureCalls(
    async () => {
      calls++;
      await wait(400);
    },
    [1],
    { budget: 150, until: 10_000 },
  );
  assert.ok(calls <= 3, String(calls));
  assert.equal(measured.windows.length, 2);
});

test('when time is up it makes do with what it has', async () => {
  let calls = 0;
  const measured = await measureCalls(
    async () => {
      calls++;
      await wait(400);
    },
    [1],
    { budget: 150, until: 500 },
  );
  assert.ok(calls <= 2, String(calls));
  assert.equal(measured.windows.length, 1);
});

test('failures are counted, and the first is kept', async () => {
  const measured = await measureCalls(
    (n) => {
      if (n === 2) throw new RangeError('no two');
      return n;
    },
    [1, 2],
    { budget: 30, until: 10_000 },
  );
  assert.ok(Math.abs(measured.failed * 2 - measured.calls) <= 1, `${measured.failed} of ${measured.calls}`);
  assert.equal(measured.failure, 'RangeError: no two');
});

test('copying: bytes and time of a value; what cannot be copied says why', () => {
  const { bytes, ms } = copying([new Uint8Array(1e6)]);
  assert.ok(bytes >= 1e6 && bytes < 1.01e6 && ms > 0);
  assert.match(copying([() => 1]).refused ?? '', /could not be cloned/);
  assert.deepEqual(copying([]), { bytes: 0, ms: 0, refused: undefined });
});

test("a module's state: what changed is named, functions and what cannot be written down are not", () => {
  const exports = {
    limit: 1,
    cache: new Map<string, number>(),
    run: () => 1,
    mixed: { go: () => 1 },
    default: { inner: [1], fn: () => 1 },
  };
  const before = stateOf(exports);
  assert.deepEqual([...before.keys()].sort(), ['cache', 'inner', 'limit']);
  assert.deepEqual(changedSince(before, exports), []);
  exports.cache.set('a', 1);
  exports.default.inner.push(2);
  assert.deepEqual(changedSince(before, exports).sort(), ['cache', 'inner']);
});

test('a spin gets a part of a processor, and a wait uses none', async () => {
  const availability = spin(20);
  assert.ok(availability > 0 && availability <= 1, String(availability));
  const from = reading();
  await wait(40);
  const { wall, busy, thread } = since(from);
  assert.ok(wall >= 39 && busy < wall, `${busy} of ${wall}`);
  assert.ok(thread === undefined || thread < wall / 2, String(thread));
});

test("what Node's pool computes is another thread's, what this one computes is not", {
  skip: process.platform !== 'linux' && 'threads are told apart by /proc',
}, async () => {
  const { pbkdf2, pbkdf2Sync } = process.getBuiltinModule('node:crypto');
  const computed = () => otherThreads()?.computed as number;
  const derive = () => new Promise((resolve) => pbkdf2('password', 'salt', 100_000, 64, 'sha512', resolve));
  const before = computed();
  const began = clock.now();
  pbkdf2Sync('password', 'salt', 100_000, 64, 'sha512');
  const here = computed() - before;
  const took = clock.now() - began;
  await derive();
  const there = computed() - before - here;
  assert.ok(here < 5, `${here} of ${took} ms`);
  assert.ok(there > 10 * here + 5, `${there} ms`);
});
