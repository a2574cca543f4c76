import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InFlight } from './in-flight.js';

test('what is in flight is what a Map of numbers would hold', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant({ kind: 'push' as const, n: 0 }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('delete' as const), n: fc.nat(300) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const, n: 0 }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'burst' as const, n: 0 }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const flight = new InFlight<{ n: number }>();
      const model = new Map<number, { n: number }>();
      let next = 0;
      const push = () => {
        const item = { n: next };
        assert.equal(flight.push(item), next);
        model.set(next++, item);
      };
      for (const { kind, n } of steps) {
        if (kind === 'push') push();
        else if (kind === 'burst') for (let i = 0; i < 70; i++) push();
        else if (kind === 'clear') {
          flight.clear();
          model.clear();
        } else {
          flight.delete(n);
          model.delete(n);
        }
        assert.deepEqual([flight.size, flight.next, [...flight][0]], [model.size, next, model.values().next().value]);
      }
      assert.deepEqual([...flight], [...model.values()]);
      for (let n = -1; n <= next; n++) assert.equal(flight.get(n), model.get(n));
    }),
  );
});
