import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallQueue } from './call-queue.js';

interface Item {
  readonly name: number;
  readonly priority: number;
  seq: number;
  queued: boolean;
  readonly future: { settled: boolean };
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), priority: fc.constantFrom(0, 0, 0, 5, -5, 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('shift' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('putBack' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), which: fc.nat() }) },
);

test('the queue gives what a list sorted by priority and arrival gives, with calls put back and calls cancelled', () => {
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const queue = new CallQueue<Item>();
      const model: Item[] = [];
      const out: Item[] = [];
      let name = 0;
      const insert = (item: Item, front: boolean) => {
        const at = model.findIndex((other) => (front ? other.priority <= item.priority : other.priority < item.priority));
        model.splice(at < 0 ? model.length : at, 0, item);
      };
      for (const s of steps) {
        if (s.kind === 'push') {
          const item = { name: name++, priority: s.priority, seq: 0, queued: false, future: { settled: false } };
          queue.push(item);
          insert(item, false);
        } else if (s.kind === 'shift') {
          const item = queue.shift();
          assert.equal(item?.name, model.shift()?.name);
          if (item) out.push(item);
        } else if (s.kind === 'putBack') {
          const item = out.pop();
          if (!item) continue;
          queue.putBack(item);
          insert(item, true);
        } else if (model.length > 0) {
          const [gone] = model.splice(s.which % model.length, 1);
          gone.future.settled = true;
          queue.forget(gone);
          queue.forget(gone);
        }
        assert.equal(queue.size, model.length);
        assert.equal(queue.peek()?.name, model[0]?.name);
      }
      assert.deepEqual(
        queue.drain().map((item) => item.name),
        model.map((item) => item.name),
      );
    }),
  );
});
