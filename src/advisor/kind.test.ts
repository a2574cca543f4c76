import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Shares, WorkKind } from './advice.js';
import { kindOf, SURE } from './kind.js';

const shares = (computing: number, blocking: number, pool: number): Shares => ({
  computing,
  blocking,
  pool,
  waiting: Math.max(0, 1 - computing - blocking - pool),
});

/** Shares that were measured of real functions, and what those are. */
const measured: [string, Shares, number, WorkKind][] = [
  ['an integer loop', shares(0.995, 0.005, 0), 71, 'cpu-bound'],
  ['readFileSync of a cached file', shares(0.983, 0.017, 0), 8, 'cpu-bound'],
  ['write and fsyncSync', shares(0.216, 0.784, 0), 0.38, 'blocking'],
  ['Atomics.wait', shares(0.004, 0.996, 0), 20, 'blocking'],
  ['spawnSync', shares(0.093, 0.907, 0), 25, 'blocking'],
  ['a timer', shares(0.003, 0, 0.001), 20, 'io-bound'],
  ['an http request', shares(0.029, 0.014, 0.022), 21, 'io-bound'],
  ['pbkdf2 on the pool', shares(0.012, 0.047, 0.941), 5.5, 'pool-bound'],
  ['gzip on the pool', shares(0.098, 0.027, 0.875), 3.9, 'pool-bound'],
  ['a loop and a timer', shares(0.343, 0, 0.001), 41, 'mixed'],
  ['a long loop and a timer', shares(0.823, 0, 0), 85, 'mixed'],
  ['an addition', shares(1, 0, 0), 0.0001, 'tiny'],
];

for (const [name, split, ms, expected] of measured) {
  test(`${name} is ${expected}`, () => assert.equal(kindOf(split, ms).kind, expected));
}

test('the farther from a border, the surer', () => {
  assert.equal(kindOf(shares(1, 0, 0), 10).confidence, 1);
  const close = kindOf(shares(0.52, 0.48, 0), 10);
  assert.equal(close.kind, 'cpu-bound');
  assert.ok(close.confidence < 0.2, String(close.confidence));
  assert.ok(kindOf(shares(0.6, 0.4, 0), 10).confidence > close.confidence);
});

test('what computes, waits and has the pool compute in equal parts is not surely mixed', () => {
  assert.ok(kindOf(shares(0.37, 0, 0.25), 3).confidence < SURE);
  assert.ok(kindOf(shares(0.45, 0, 0), 3).confidence > SURE);
});

test('a time near that of a tiny call makes it unsure, far from it does not', () => {
  const cpu = shares(1, 0, 0);
  assert.ok(kindOf(cpu, 0.0101).confidence < 0.1);
  assert.ok(kindOf(cpu, 0.0099).confidence < 0.1);
  assert.equal(kindOf(cpu, 0.0001).confidence, 1);
  assert.equal(kindOf(cpu, 0.5).confidence, 1);
});

test('what is certain stays the same kind when a twentieth of the time is put down to another share', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const parts = ['computing', 'blocking', 'pool', 'waiting'] as const;
  fc.assert(
    fc.property(fc.tuple(share, share, share, share), fc.constantFrom(...parts), fc.constantFrom(...parts), (raw, from, to) => {
      const sum = raw.reduce((a, b) => a + b, 1e-9);
      const [computing, blocking, pool, waiting] = raw.map((part) => part / sum);
      const split = { computing, blocking, pool, waiting };
      const { kind, confidence } = kindOf(split, 5);
      if (confidence < 0.6 || from === to) return;
      const moved = Math.min(0.05, split[from]);
      assert.equal(kindOf({ ...split, [from]: split[from] - moved, [to]: split[to] + moved }, 5).kind, kind);
    }),
  );
});
