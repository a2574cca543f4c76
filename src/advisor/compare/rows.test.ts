import assert from 'node:assert/strict';
import test from 'node:test';
import type { Contender } from './comparison.js';
import type { Pass } from './passes.js';
import { bestOf, type Entry, rowsOf } from './rows.js';

const contender = (on: Contender['on'], workers = 1, concurrency = 1): Contender => ({
  on,
  workers,
  concurrency,
  label: `${on} ${workers}x${concurrency}`,
  advised: false,
});
const pass = (ms: number, more: Partial<Pass> = {}): Pass => ({
  startMs: 0,
  ms,
  cpuMs: ms / 2,
  memory: 100,
  outcomes: [{ value: 1 }, { value: 2 }],
  ...more,
});
const entry = (who: Contender, ...passes: Pass[]): Entry => ({ contender: who, passes, miss: undefined });
const rows = (...entries: Entry[]) => rowsOf(entries, entries[0].passes[0]?.outcomes, () => undefined);

test('figures are medians over the passes, speed-ups against one at a time, with and without the start', () => {
  const [loop, threads] = rows(
    entry(contender('loop'), pass(100), pass(110), pass(400)),
    entry(contender('threads', 2), pass(50, { startMs: 60 }), pass(55, { startMs: 55 }), pass(900, { startMs: 50 })),
  );
  assert.equal(loop.ms, 110);
  assert.equal(loop.fastestMs, 100);
  assert.equal(loop.speedup, 1);
  assert.equal(loop.speedupWithStart, 1);
  assert.equal(threads.speedup, 2);
  assert.equal(threads.startMs, 55);
  assert.equal(threads.speedupWithStart, 1);
  assert.equal(threads.cores, 27.5 / 55);
});

test('a way whose calls all failed has no speed-up, however fast it was; some failures are counted', () => {
  const [, none, some] = rows(
    entry(contender('loop'), pass(100)),
    entry(contender('tasks'), pass(1, { outcomes: [{ failed: 'E: no' }, { failed: 'E: no' }] })),
    entry(contender('threads'), pass(50, { outcomes: [{ value: 1 }, { failed: 'E: no' }] })),
  );
  assert.equal(none.state, 'failed');
  assert.equal(none.speedup, undefined);
  assert.match(none.reason ?? '', /every call failed: E: no/);
  assert.equal(some.state, 'measured');
  assert.equal(some.failed, 1);
  assert.equal(some.error, 'E: no');
});

test('without one at a time there is nothing to compare to', () => {
  const all = rows(
    { contender: contender('loop'), passes: [], miss: { state: 'never-returned', reason: 'the call of input 1' } },
    entry(contender('threads'), pass(50)),
  );
  assert.equal(all[0].state, 'never-returned');
  assert.equal(all[1].speedup, undefined);
  assert.equal(bestOf(all, 'speedup'), undefined);
});

test('of ways as fast as the best, the simplest is the best', () => {
  const all = rows(
    entry(contender('loop'), pass(1000)),
    entry(contender('tasks', 1, 16), pass(560)),
    entry(contender('threads', 4), pass(500)),
    entry(contender('threads', 2), pass(510)),
    entry(contender('processes', 2), pass(495)),
  );
  assert.equal(bestOf(all, 'speedup')?.label, 'threads 2x1');
});

test('the start can make another one the best, and so can failures', () => {
  const all = rows(
    entry(contender('loop'), pass(100)),
    entry(contender('tasks', 1, 16), pass(10, { outcomes: [{ value: 1 }, { failed: 'E: too many' }] })),
    entry(contender('threads', 2), pass(50, { startMs: 60 })),
  );
  assert.equal(bestOf(all, 'speedup')?.on, 'threads');
  assert.equal(bestOf(all, 'speedupWithStart')?.on, 'loop');
});

test('of less than ten milliseconds nobody can tell how many cores were busy', () => {
  assert.equal(rows(entry(contender('loop'), pass(9)))[0].cores, undefined);
  assert.equal(rows(entry(contender('loop'), pass(10)))[0].cores, 0.5);
});
