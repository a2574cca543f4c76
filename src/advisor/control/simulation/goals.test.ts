import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConcurrencyControl } from '../concurrency-control.js';
import { backends, moreBackends } from './backend.js';
import { judge, type Oracle, oracles } from './judge.js';

/** Virtual ms. The bench runs twice as long, and its table says how others do. */
const LENGTH = 30_000;
/** Fixed, because a control may be unlucky once in some fifty runs; the bench has the distribution. */
const SEEDS = [1, 2, 3];
const FOLLOW = 3000;
/** The bench tries more of them. */
const LIMITS = [1, 2, 3, 4, 5, 6, 16, 17, 18, 20, 24, 27, 30, 48, 64, 71, 80];

const all = (known: readonly Oracle[]): string =>
  known.map(({ limit, rate }) => `${limit} in flight, ${Math.round(rate * 1000)} calls a second`).join(', then ');

for (const backend of backends(LENGTH)) {
  test(`the control reaches its goals: ${backend.title}`, (t) => {
    const known = oracles(backend, LENGTH, LIMITS);
    t.diagnostic(`best: ${all(known)}; seeds ${SEEDS.join(', ')}`);
    for (const seed of SEEDS) {
      const did = judge(backend, new ConcurrencyControl({ most: 1000 }), known, LENGTH, seed);
      const said = `seed ${seed}: ${JSON.stringify(did)}`;
      assert.ok(did.throughput >= 0.9, said);
      assert.ok(did.excess <= 1.5, said);
      assert.ok(did.reached <= FOLLOW && did.followed <= FOLLOW, said);
      if (backend.refuses) assert.ok(did.accepted >= 0.95, said);
    }
  });
}

for (const backend of moreBackends(LENGTH).filter(
  ({ turn, id }) => turn !== undefined || id === 'lockstep' || id === 'cpu-1' || id === 'one',
)) {
  test(`and elsewhere: ${backend.title}`, (t) => {
    const known = oracles(backend, LENGTH, LIMITS);
    t.diagnostic(`best: ${all(known)}; seeds ${SEEDS.join(', ')}`);
    for (const seed of SEEDS) {
      const did = judge(backend, new ConcurrencyControl({ most: 1000 }), known, LENGTH, seed);
      const said = `seed ${seed}: ${JSON.stringify(did)}`;
      assert.ok(did.throughput >= 0.85, said);
      assert.ok(did.excess <= 1.5, said);
      assert.ok(did.followed <= FOLLOW, said);
      assert.ok(did.accepted >= 0.95, said);
    }
  });
}
