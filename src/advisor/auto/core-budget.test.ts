import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Allowance } from './allowance.js';
import { CoreBudget, type Member } from './core-budget.js';
import { workersThatFit } from './memory-room.js';

const budgetOf = (...wants: number[]): [CoreBudget, Member[]] => {
  const budget = new CoreBudget();
  const members = wants.map((wanted) => ({ wanted }));
  for (const member of members) budget.join(member);
  return [budget, members];
};
const shares = (cores: number, ...wants: number[]) => {
  const [budget, members] = budgetOf(...wants);
  return members.map((member) => budget.share(member, cores));
};

test('whoever is alone has all cores, two that compute have half each, and nobody has none', () => {
  assert.deepEqual(shares(8, 3), [8]);
  assert.deepEqual(shares(8, 8, 8), [4, 4]);
  assert.deepEqual(shares(2, 2, 2, 2), [1, 1, 1]);
  assert.deepEqual(shares(8, 0, 8), [4, 8]);
  assert.deepEqual(shares(8, 1, 8, 8), [2, 3, 3], 'what one does not want is shared by the others');
});

test('who leaves gives all back', () => {
  const [budget, [one, two]] = budgetOf(4, 4);
  budget.leave(two);
  assert.equal(budget.share(one, 4), 4);
});

test('the shares are fair: what all get fits, whoever gets less than it wants gets no less than any other, and nothing wanted is left over', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 }),
      fc.array(fc.double({ min: 0, max: 64, noNaN: true }), { minLength: 1, maxLength: 8 }),
      (cores, wants) => {
        const given = shares(cores, ...wants);
        const used = given.map((share, i) => Math.min(share, wants[i]));
        const sum = used.reduce((all, share) => all + share, 0);
        // Everybody has one, however many there are.
        assert.ok(sum <= Math.max(cores, wants.length) + 1e-6, `${used} of ${cores}`);
        for (const [i, share] of given.entries()) {
          assert.ok(share >= 1 && share <= cores);
          // The fair part of whoever wants more is the same for all, but for what is rounded off.
          for (const [k, other] of used.entries())
            if (share < wants[i]) assert.ok(share + 1 >= Math.floor(other), `${wants}: ${given}, ${i} against ${k}`);
          if (share + 1 <= wants[i]) assert.ok(sum >= cores - wants.length || share === cores, `${wants}: ${given} of ${cores}`);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('a share of cores is as many workers as compute for that long, and comes and goes with its work', () => {
  const [one, two] = [new Allowance(4, undefined), new Allowance(4, undefined)];
  one.saw(4);
  assert.ok(one.most(4, 4) > 4, 'what its memory has room for');
  two.saw(4);
  assert.equal(two.most(4, 4), 2);
  assert.equal(one.most(4, 4), 2);
  assert.match(one.reason, /other executors/);
  // Two that hold their threads and compute next to nothing take nothing from each other.
  two.saw(0.1);
  two.most(30, 30);
  assert.ok(one.most(4, 4) >= 2);
  two.leave();
  assert.ok(one.most(4, 4) > 4);
  one.leave();
});

test('as many workers fit as the memory has room for, counted by what those that are there have taken', () => {
  const MB = 2 ** 20;
  assert.equal(workersThatFit(0, 0, 320 * MB, undefined), 10, 'one that is not there yet takes what a bare thread does');
  assert.equal(workersThatFit(2, 400 * MB, 1000 * MB, undefined), 2 + 5);
  assert.equal(workersThatFit(2, 400 * MB, 1000 * MB, 500 * MB), 2 + 2, 'a limit is what it may grow to');
  assert.equal(workersThatFit(0, 0, 0, undefined), 1, 'one there always is');
  assert.equal(workersThatFit(4, 40 * MB, 0, undefined), 4, 'those that are there stay');
});
