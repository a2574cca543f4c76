import assert from 'node:assert/strict';
import test from 'node:test';
import type { Advice, Point } from '../advice.js';
import { foresee } from './foresee.js';

const machine = { cores: 4, poolThreads: 4 };
const advice = (more: Partial<Advice> = {}): Advice => ({
  name: 'f',
  kind: 'io-bound',
  sure: true,
  confidence: 1,
  settle: undefined,
  shares: { computing: 0.01, blocking: 0, pool: 0, waiting: 0.99 },
  calls: 20,
  failed: 0,
  ms: 50,
  point: { on: 'tasks', workers: 1, concurrency: 64 },
  chunk: 1,
  predictions: [],
  why: ['', ''],
  cautions: [],
  ...more,
});
const contender = (on: Point['on'] | 'loop', workers: number, concurrency: number) => ({
  on,
  workers,
  concurrency,
  label: '',
  advised: false,
});

test('what the advice names is taken from it, the rest from the same model', () => {
  const predict = foresee(advice({ predictions: [{ on: 'threads', workers: 4, concurrency: 1, speedup: 3.5 }] }), 1000, machine);
  assert.equal(predict(contender('threads', 4, 1)), 3.5);
  assert.equal(predict(contender('tasks', 1, 16)), 1000 / 63);
  assert.equal(predict(contender('loop', 1, 1)), undefined);
});

test('where the advice knows of copies that cost, no point of the kind is above what it names', () => {
  const predict = foresee(advice({ predictions: [{ on: 'threads', workers: 4, concurrency: 1, speedup: 2 }] }), 1000, machine);
  assert.equal(predict(contender('threads', 8, 1)), 2);
  assert.equal(predict(contender('threads', 1, 1)), 1);
  assert.equal(predict(contender('processes', 8, 1)), 8);
});

test('few inputs leave slots empty', () => {
  const predict = foresee(advice(), 50, machine);
  assert.equal(predict(contender('tasks', 1, 16)), 12.5);
  assert.equal(predict(contender('threads', 4, 1)), 50 / 13);
});

test('of what was not measured nothing is foreseen', () => {
  assert.equal(foresee(undefined, 10, machine)(contender('tasks', 1, 2)), undefined);
  assert.equal(foresee(advice({ calls: 0 }), 10, machine)(contender('tasks', 1, 2)), undefined);
});
