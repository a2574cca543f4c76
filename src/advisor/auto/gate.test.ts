import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Gate, type Place } from './gate.js';
import { StepwiseSize } from './stepwise-size.js';

test('here no more go in than there is room, the others in line', () => {
  const gate = new Gate(2);
  const order: string[] = [];
  const leaves: (() => void)[] = [];
  const enter = (name: string, priority = 0) =>
    gate.enter(
      'here',
      (leave) => {
        order.push(name);
        leaves.push(leave);
      },
      priority,
    );
  enter('a');
  enter('b');
  enter('c');
  const takeBack = enter('d');
  enter('e');
  enter('first', 1);
  assert.deepEqual([order, gate.waiting, gate.take(1)], [['a', 'b'], 4, 0]);
  assert.ok(takeBack());
  assert.ok(!takeBack());
  leaves[0]();
  leaves[1]();
  leaves[2]();
  assert.deepEqual(order, ['a', 'b', 'first', 'c', 'e']);
});

test('what is handed to threads alone waits there, not here; as soon as this thread has a part in it, each is counted', () => {
  const gate = new Gate(1);
  const there: (() => void)[] = [];
  for (let i = 0; i < 5; i++) gate.enter('there', (leave) => there.push(leave));
  assert.equal(there.length, 5);
  const here: (() => void)[] = [];
  gate.enter('here', (leave) => here.push(leave));
  gate.enter('there', (leave) => there.push(leave));
  for (let i = 0; i < 4; i++) there[i]();
  assert.equal(here.length, 0, 'one is still in progress there');
  there[4]();
  assert.equal(here.length, 1);
  assert.equal(there.length, 5, 'and one here');
  here[0]();
  assert.equal(there.length, 6);
});

test('whoever is taken back lets those behind go', () => {
  const gate = new Gate(1);
  const order: string[] = [];
  gate.enter('there', () => order.push('there'));
  const takeBack = gate.enter('here', () => order.push('here'));
  gate.enter('there', () => order.push('there too'));
  assert.deepEqual(order, ['there']);
  takeBack();
  assert.deepEqual(order, ['there', 'there too']);
});

test('open lets everybody go', () => {
  const gate = new Gate(1);
  let went = 0;
  for (let i = 0; i < 10; i++) gate.enter('here', () => went++);
  gate.open();
  assert.deepEqual([went, gate.waiting], [10, 0]);
});

test('whoever comes and goes: with calls here never more than allowed, nobody waits while there is room, everybody goes in', () => {
  const arrival = fc.record({ place: fc.constantFrom<Place>('here', 'there'), priority: fc.constantFrom(0, 0, 0, 1), leaves: fc.nat(3) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(arrival, { maxLength: 40 }), (most, arrivals) => {
      const gate = new Gate(most);
      const inside: { place: Place; leave: () => void }[] = [];
      let went = 0;
      const look = () => {
        const here = inside.filter(({ place }) => place === 'here').length;
        assert.ok(here <= most);
        if (here > 0 && gate.waiting === 0) return;
        if (gate.waiting > 0) assert.ok(inside.length >= Math.min(most, 1), 'somebody waits for nothing');
      };
      for (const { place, priority, leaves } of arrivals) {
        gate.enter(
          place,
          (leave) => {
            if (inside.some((other) => other.place === 'here')) assert.ok(inside.length < most, 'too many');
            if (place === 'here') assert.ok(inside.length < most, 'too many here');
            inside.push({ place, leave });
            went++;
          },
          priority,
        );
        look();
        for (let i = 0; i < leaves && inside.length > 0; i++) {
          inside.shift()?.leave();
          look();
        }
      }
      while (inside.length > 0) inside.shift()?.leave();
      assert.deepEqual([went, gate.waiting, gate.take(most)], [arrivals.length, 0, most]);
    }),
    { numRuns: 2000 },
  );
});

test('a pool changes its size in steps, so that workers on their way out and their successors are not too many together', () => {
  const gate = new Gate(4);
  const size = new StepwiseSize(gate);
  size.begin({ workers: 4, concurrency: 1 });
  const leaves: (() => void)[] = [];
  for (let i = 0; i < 4; i++) gate.enter('there', (leave) => leaves.push(leave));
  assert.deepEqual(size.next({ workers: 2, concurrency: 2 }), { workers: 2, concurrency: 1 });
  gate.enter('there', (leave) => leaves.push(leave));
  for (const leave of leaves.slice(0, 3)) leave();
  assert.deepEqual(size.next({ workers: 2, concurrency: 2 }), { workers: 2, concurrency: 1 });
  leaves[3]();
  assert.deepEqual(size.next({ workers: 2, concurrency: 2 }), { workers: 2, concurrency: 2 }, 'those of before are gone');
  assert.deepEqual(size.next({ workers: 1, concurrency: 4 }), { workers: 1, concurrency: 2 });
  assert.deepEqual(size.next({ workers: 4, concurrency: 1 }), { workers: 1, concurrency: 1 });
  leaves[4]();
  assert.deepEqual(size.next({ workers: 4, concurrency: 1 }), { workers: 4, concurrency: 1 });
});

test('without a limit a pool has the size that is wanted at once', () => {
  const size = new StepwiseSize(undefined);
  size.begin({ workers: 4, concurrency: 1 });
  assert.deepEqual(size.next({ workers: 1, concurrency: 9 }), { workers: 1, concurrency: 9 });
});
