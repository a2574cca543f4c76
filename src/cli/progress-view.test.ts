import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Progress } from '../batch/index.js';
import { chooseView, describe } from './progress-view.js';

const progress: Progress = {
  done: 1200,
  skipped: 34,
  failed: 3,
  total: 10_000,
  rate: 456.7,
  eta: 19_200,
  elapsed: 65_000,
  memory: 120 * 2 ** 20,
  point: undefined,
};

/** A stream that says it is a terminal of so many columns, and what has been written to it. */
function screen(columns: number | undefined): { stream: NodeJS.WriteStream; text(): string } {
  const stream = Object.assign(new PassThrough(), { isTTY: columns !== undefined, columns });
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

test('the line says how far, how fast, how long, what failed, and memory', () => {
  assert.equal(describe(progress), '1,234/10,000 (12 %)  457/s  19 s left  3 failed  120 MB');
  assert.equal(describe({ ...progress, total: undefined, eta: undefined, failed: 0, rate: 0.25 }), '1,234  0.3/s  120 MB');
});

test('on a terminal one line is redrawn, never wider than it, and cleared for what is said in between', () => {
  const { stream, text } = screen(30);
  const view = chooseView({ json: false, quiet: false }, stream);
  view.start('f over x', progress);
  view.progress(progress);
  view.failure({ index: 7, input: 'seven', reason: new RangeError('too odd') });
  view.end(progress, 'finished', 0);
  const drawn = text().split('\r');
  assert.equal(drawn[1], `${describe(progress).slice(0, 29)}\u001b[K`);
  assert.ok(text().includes('\r\u001b[Kinput 7 ("seven") failed: RangeError: too odd\n'));
  assert.match(text(), /Done: 1,200 inputs in 1:05 min, 34 done before, 3 failed\n$/);
});

test('elsewhere it is plain lines, without a control character', () => {
  const { stream, text } = screen(undefined);
  const view = chooseView({ json: false, quiet: false }, stream);
  assert.equal(view.every, 5000);
  view.start('f over x', progress);
  view.progress(progress);
  for (let index = 0; index < 9; index++) view.failure({ index, input: index, reason: 'no' });
  view.end(progress, 'stopped', 2);
  assert.ok(!text().includes('\r') && !text().includes('\u001b'));
  assert.equal(text().match(/failed: no/g)?.length, 5);
  assert.match(text(), /further failures are only recorded\nEnded: 1,200 inputs .* 5 failed\n$/);
});

test('quiet says nothing', () => {
  const { stream, text } = screen(80);
  const view = chooseView({ json: false, quiet: true }, stream);
  view.start('f', progress);
  view.progress(progress);
  view.failure({ index: 1, input: 1, reason: 'x' });
  view.note('x');
  view.end(progress, 'finished', 0);
  assert.equal(text(), '');
});
