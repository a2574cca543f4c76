import assert from 'node:assert/strict';
import test from 'node:test';
import type { Comparison, Row } from './comparison.js';
import { barOf, formatComparison } from './format-comparison.js';

const row = (label: string, on: Row['on'], more: Partial<Row> = {}): Row => ({
  on,
  workers: 1,
  concurrency: 1,
  label,
  advised: false,
  state: 'measured',
  reason: undefined,
  rounds: 3,
  ms: 1000,
  fastestMs: 900,
  startMs: 0,
  speedup: 1,
  speedupWithStart: 1,
  predicted: undefined,
  cpuMs: 500,
  cores: 0.5,
  memory: 50 * 2 ** 20,
  failed: 0,
  error: undefined,
  differing: 0,
  ...more,
});

const loop = row('one at a time', 'loop');
const tasks = row('tasks, 16 at a time', 'tasks', { ms: 62.5, speedup: 16, speedupWithStart: 16, advised: true, predicted: 15.5 });
const threads = row('2 threads', 'threads', { ms: 500, startMs: 70, speedup: 2, speedupWithStart: 1.75, failed: 3, error: 'E: no' });
const broken = row('2 processes', 'processes', {
  state: 'failed',
  reason: 'no process could start',
  rounds: 0,
  ms: undefined,
  speedup: undefined,
});

const comparison = (more: Partial<Comparison> = {}): Comparison => ({
  name: 'fetchOne',
  inputs: 1234,
  state: 'finished',
  rounds: 3,
  cores: 2,
  availability: 1,
  rows: [loop, tasks, threads, broken],
  best: tasks,
  bestWithStart: tasks,
  advice: undefined,
  cautions: [{ code: 'failed', text: '3 of 1234 calls failed on 2 threads.' }],
  notes: [],
  ...more,
});

test('a table with a line for each way, its columns one below the other', () => {
  const lines = formatComparison(comparison()).split('\n');
  assert.equal(lines[0], 'fetchOne over 1,234 inputs, 3 rounds, 2 cores');
  const [, , head, one, many, two, none] = lines;
  assert.match(head, /^ +time +speed-up +predicted +start +cores +memory +failed$/);
  assert.match(one, /^one at a time +1\.00 s +1\.00x +0\.50 +50 MB +█.$/);
  assert.match(many, /^tasks, 16 at a time \* +63 ms +16\.0x +15\.5x +0\.50 +50 MB +█{16,20}$/);
  assert.match(two, /^2 threads +500 ms +2\.00x +70 ms .* 3 +██.$/);
  assert.match(none, /^2 processes +failed: no process could start$/);
  const end = head.indexOf('speed-up') + 'speed-up'.length;
  for (const line of [one, many, two]) assert.equal(line[end - 1], 'x', line);
});

test('below it: the best, what to beware of, and how it was measured', () => {
  const text = formatComparison(comparison());
  assert.match(text, /^Best: tasks, 16 at a time, 16\.0x as fast as one at a time\.$/m);
  assert.match(text, /^Beware: 3 of 1234 calls failed on 2 threads\.$/m);
  assert.match(text, /^Times are medians of 3 rounds with the workers up; "start" is/m);
});

test('the best of these inputs alone is named where the start makes a difference', () => {
  const text = formatComparison(comparison({ best: threads, bestWithStart: loop, rows: [loop, threads] }));
  assert.match(text, /^If these 1,?234 inputs are all there is: one at a time, since 2 threads would take 70 ms to start\.$/m);
});

test('the advice stands beside the truth', () => {
  const advice = { name: 'fetchOne', kind: 'io-bound', sure: true, calls: 20 } as Comparison['advice'];
  const line = (more: Partial<Comparison>) => /^Advised: .*$/m.exec(formatComparison(comparison({ advice, ...more })))?.[0];
  assert.equal(line({}), 'Advised: tasks, 16 at a time, since fetchOne is io-bound; predicted 15.5x, measured 16.0x: the best.');
  const slow = { ...tasks, speedup: 8 };
  const fast = { ...threads, speedup: 16 };
  assert.match(line({ rows: [loop, slow, fast], best: fast }) ?? '', /measured 8\.00x: 50 % of the best\.$/);
});

test('when nothing is faster it says so, when nothing was measured too, and what ended early is named', () => {
  assert.match(formatComparison(comparison({ best: loop, bestWithStart: loop })), /No other way is faster by more than 5 %/);
  const nothing = comparison({ best: undefined, bestWithStart: undefined, rows: [broken], state: 'timed-out' });
  assert.match(formatComparison(nothing), /Nothing to compare/);
  assert.match(formatComparison(nothing), /time was up before all was measured/);
  assert.match(formatComparison(comparison({ state: 'stopped' })), /stopped before all was measured/);
});

test('no line is wider than the terminal for the sake of a bar', () => {
  const narrow = formatComparison(comparison(), { columns: 85 });
  assert.ok(!narrow.includes('█'));
  const table = (text: string) => text.split('\n').slice(2, 6);
  for (const line of table(narrow)) assert.ok(line.length <= 85, line);
  for (const line of table(formatComparison(comparison(), { columns: 110 }))) assert.ok(line.length <= 110, line);
});

test('a bar is exact to an eighth of a column, and never nothing', () => {
  assert.equal(barOf(1, 20), '█'.repeat(20));
  assert.equal(barOf(0.5, 3), '█▌');
  assert.equal(barOf(0, 20), '▏');
});

test('a comparison gives a terminal nothing to obey, and no foreign line passes for one of its own', () => {
  const evil = '\u001b]0;x\u0007\u009b2J\u202e\nBest: mine';
  const text = formatComparison(
    comparison({
      name: evil,
      rows: [loop, { ...broken, reason: evil }],
      best: loop,
      bestWithStart: loop,
      cautions: [{ code: 'failed', text: evil }],
      notes: [evil],
    }),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.equal(text.split(`${String.raw`\x1b]0;x\x07\x9b2J\u202e`}\n  Best: mine`).length, 5, text);
  assert.equal(text.match(/^Best: /gm)?.length, 1, text);
});
