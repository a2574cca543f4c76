import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap } from './heap.js';

test('a heap gives what a sorted list gives, also when pushes and pops are mixed', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant('pop'))), (steps) => {
      let seq = 0;
      type Item = { rank: number; seq: number };
      const before = (a: Item, b: Item) => a.rank < b.rank || (a.rank === b.rank && a.seq < b.seq);
      const heap = new Heap<Item>(before);
      const model: Item[] = [];
      for (const step of steps) {
        if (step === 'pop') assert.deepEqual(heap.pop(), model.shift());
        else {
          const item = { rank: step as number, seq: seq++ };
          heap.push(item);
          model.push(item);
          model.sort((a, b) => (before(a, b) ? -1 : 1));
        }
        assert.deepEqual(heap.peek(), model[0]);
        assert.equal(heap.size, model.length);
      }
      assert.deepEqual(new Set(heap), new Set(model));
    }),
  );
});
