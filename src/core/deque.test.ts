import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Deque } from './deque.js';

test('a deque does what an array does, whatever is done to it', () => {
  const steps = fc.array(
    fc.oneof(
      fc.constant('shift'),
      fc.constant('burst'),
      fc.nat().map(String),
      fc.nat().map((n) => `u${n}`),
    ),
  );
  fc.assert(
    fc.property(steps, (all) => {
      const deque = new Deque<string>();
      const model: string[] = [];
      for (const step of all) {
        if (step === 'shift') assert.equal(deque.shift(), model.shift());
        else if (step.startsWith('u')) {
          deque.unshift(step);
          model.unshift(step);
        } else {
          for (let i = step === 'burst' ? 40 : 1; i > 0; i--) {
            deque.push(step);
            model.push(step);
          }
        }
        assert.equal(deque.size, model.length);
        assert.equal(deque.peek(), model[0]);
      }
      assert.deepEqual([...deque], model);
    }),
  );
});

test('a deque that was very full and is empty works on', () => {
  const deque = new Deque<number>();
  for (let i = 0; i < 10_000; i++) deque.push(i);
  for (let i = 0; i < 10_000; i++) assert.equal(deque.shift(), i);
  assert.equal(deque.shift(), undefined);
  deque.push(0);
  assert.equal(deque.peek(), 0);
  assert.equal(deque.shift(), 0);
  deque.unshift(1);
  deque.push(2);
  assert.deepEqual([...deque], [1, 2]);
});
