import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement, Window } from './probe/measurement.js';
import { verdictOf } from './verdict.js';

const copied = { bytes: 8, ms: 0.001, refused: undefined };
const window = (computing: number, more: Partial<Window> = {}): Window => ({
  wall: 50,
  busy: 50 * computing,
  thread: 50 * computing,
  process: 50 * computing,
  calls: 5,
  availability: 1,
  ...more,
});
const measured = (windows: Window[], more: Partial<Measurement> = {}): Measurement => ({
  windows,
  calls: 20,
  failed: 0,
  failure: undefined,
  ms: 10,
  fastest: 1,
  input: copied,
  result: copied,
  memory: 0,
  changed: [],
  ...more,
});

test('windows that agree and are far from any border make it sure', () => {
  const { kind, sure, settle, confidence, ms } = verdictOf(measured([window(1), window(1), window(1)]));
  assert.equal(kind, 'cpu-bound');
  assert.equal(confidence, 1);
  assert.ok(sure);
  assert.equal(settle, undefined);
  assert.equal(ms, 10);
});

test('too few samples: not sure, whatever they say', () => {
  const { sure, settle, confidence } = verdictOf(measured([window(1), window(1)]));
  assert.ok(!sure);
  assert.match(settle ?? '', /longer look: 100 ms/);
  assert.ok(confidence < 0.45);
});

test('windows that disagree: more inputs, or a quieter machine where there are neighbours', () => {
  const torn = [window(1), window(0.05), window(0.05)];
  const quiet = verdictOf(measured(torn));
  assert.ok(!quiet.sure);
  assert.match(quiet.settle ?? '', /more inputs/);
  const busy = verdictOf(measured(torn.map((one) => ({ ...one, availability: 0.5 }))));
  assert.match(busy.settle ?? '', /quieter machine/);
});

test('close to a border: the other side is named', () => {
  const close = window(0.27);
  const { kind, sure, settle } = verdictOf(measured([close, close, close]));
  assert.equal(kind, 'mixed');
  assert.ok(!sure);
  assert.match(settle ?? '', /close to being io-bound/);
});

test('calls that all fail say nothing of those that do not', () => {
  const { sure, confidence, settle } = verdictOf(measured([window(1), window(1), window(1)], { calls: 20, failed: 20 }));
  assert.ok(!sure && confidence === 0);
  assert.match(settle ?? '', /does not fail/);
});

test('what a call takes is what it would take on an idle machine', () => {
  const half = { ...window(1), thread: 25, queued: 25, process: 25, processQueued: 25, availability: 0.5 };
  assert.equal(verdictOf(measured([half, half, half])).ms, 5);
  assert.equal(verdictOf(measured([half, half, half], { fastest: 9 })).ms, 9, 'no less than the fastest took');
  assert.equal(verdictOf(measured([half, half, half], { ms: 0.2 })).ms, 0.2, 'a short call is over before the processor is taken away');
});

test('less trust, less confidence', () => {
  assert.equal(verdictOf(measured([window(1), window(1), window(1)]), 0.8).confidence, 0.8);
});
