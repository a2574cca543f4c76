import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PriorityStore } from './priority-store.js';
import { SEED } from './trial.js';

test('a store gives what a stable sort gives, also when some comparisons throw: then it is as it was', (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        rank: fc.integer({ min: 0, max: 4 }),
        failAfter: fc.option(fc.nat({ max: 3 })),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), failAfter: fc.option(fc.nat({ max: 3 })) }) },
  );
  let failures = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      let left = Number.POSITIVE_INFINITY;
      const store = new PriorityStore<{ rank: number; id: number }>((a, b) => {
        if (left-- <= 0) throw new RangeError('cannot compare');
        return a.rank < b.rank;
      });
      const model: { rank: number; id: number }[] = [];
      for (const [id, { kind, failAfter, ...add }] of steps.entries()) {
        if (kind === 'take' && model.length === 0) continue;
        left = failAfter ?? Number.POSITIVE_INFINITY;
        try {
          if (kind === 'take') assert.deepEqual(store.take(), model.shift());
          else {
            const item = { rank: (add as { rank: number }).rank, id };
            store.add(item);
            model.push(item);
            model.sort((a, b) => a.rank - b.rank || a.id - b.id);
          }
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          failures++;
        }
        assert.equal(store.size, model.length);
      }
      left = Number.POSITIVE_INFINITY;
      while (model.length > 0) assert.deepEqual(store.take(), model.shift());
    }),
    { seed: SEED, numRuns: 300 },
  );
  assert.ok(failures > 0);
});
