import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Advice, WorkKind } from './advice.js';
import { explain } from './explain.js';
import { formatAdvice } from './format-advice.js';

const shares = { computing: 0.4, blocking: 0.1, pool: 0.1, waiting: 0.4 };
const machine = { cores: 4, poolThreads: 4 };
const kinds: WorkKind[] = ['cpu-bound', 'blocking', 'pool-bound', 'io-bound', 'mixed', 'tiny'];

test('every kind has two sentences, and no word that a newcomer would have to look up', () => {
  for (const kind of kinds) {
    for (const on of ['tasks', 'threads'] as const) {
      for (const concurrency of [1, 8]) {
        const point = { on, workers: on === 'tasks' ? 1 : 4, concurrency };
        for (const sentence of explain({ kind, shares, ms: 5, point, speedup: 3.4 }, machine)) {
          assert.match(sentence, /^[A-Z].*\.$/);
          assert.doesNotMatch(sentence, /event loop|libuv|isolate|undefined|NaN/);
        }
      }
    }
  }
});

test('with one core it says that there is one', () => {
  const point = { on: 'tasks', workers: 1, concurrency: 1 } as const;
  const [, then] = explain({ kind: 'cpu-bound', shares, ms: 5, point, speedup: 1 }, { cores: 1, poolThreads: 4 });
  assert.match(then, /one core/);
});

const advice: Advice = {
  name: 'resize',
  kind: 'mixed',
  sure: true,
  confidence: 0.9,
  settle: undefined,
  shares,
  calls: 1234,
  failed: 2,
  ms: 12.34,
  point: { on: 'threads', workers: 4, concurrency: 4 },
  chunk: 1,
  predictions: [
    { on: 'tasks', workers: 1, concurrency: 4, speedup: 2 },
    { on: 'threads', workers: 4, concurrency: 4, speedup: 7.96 },
    { on: 'processes', workers: 1, concurrency: 4, speedup: 2 },
  ],
  why: ['It does both.', 'So do both.'],
  cautions: [{ code: 'keeps-state', text: 'It keeps state' }],
};

test('the text of an advice: the bar has each share, the advised point its arrow', () => {
  assert.equal(
    formatAdvice(advice),
    `resize is mixed (sure)

  ████████████████████▓▓▓▓▓▒▒▒▒▒░░░░░░░░░░░░░░░░░░░░
  █  40 %  computing on the thread
  ▓  10 %  holding the thread without computing
  ▒  10 %  computing on Node's own pool
  ░  40 %  waiting, with nothing to do here

  A call takes 12 ms; 1,234 calls were made, 2 failed

It does both.
So do both.

Run it on 4 threads, 4 calls at a time in each, 1 input in a message
    tasks: 4 calls at a time on this thread          2x
  → 4 threads, 4 calls at a time in each             8x
    1 process, 4 calls at a time in each             2x
    (predicted, against one call at a time here)

! keeps-state: It keeps state`,
  );
});

test('what is not sure says so, and what would settle it; what was not measured has no bar', () => {
  const unsure = formatAdvice({ ...advice, sure: false, confidence: 0.2, settle: 'more inputs: its calls are not all alike' });
  assert.match(unsure, /^resize is probably mixed, but that is not sure \(20 %\)/);
  assert.match(unsure, /What would settle it: more inputs/);
  const unmeasured = formatAdvice({ ...advice, calls: 0, failed: 0, predictions: [], sure: false });
  assert.match(unmeasured, /^resize: nothing could be measured/);
  assert.doesNotMatch(unmeasured, /█|predicted/);
});

test('the text of an advice gives a terminal nothing to obey, and no foreign line passes for one of its own', () => {
  const evil = '\u001b]0;x\u0007\u009b2J\u202e\nRun it on';
  const foreign = { name: evil, settle: evil, why: [evil, evil] as const, cautions: [{ code: 'ended-its-process' as const, text: evil }] };
  for (const calls of [0, 1234]) {
    const text = formatAdvice({ ...advice, ...foreign, calls });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.equal(text.split(`${String.raw`\x1b]0;x\x07\x9b2J\u202e`}\n  Run it on`).length, 6, text);
    assert.equal(text.match(/^Run it on/gm)?.length, 1, text);
  }
});
