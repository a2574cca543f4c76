import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Scope } from './scope.js';
import { SEED } from './sync/trial.js';
import { roots } from './tree.js';
import { Wait } from './wait.js';

const step = fc.oneof(
  fc.record({ kind: fc.constant('make' as const), inside: fc.nat() }),
  fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
);

/** How the children of a scope are to be linked. */
function checkChildren(scope: Scope, children: Scope[]): void {
  assert.equal(scope.first, children[0]);
  assert.equal(scope.last, children.at(-1));
  for (const [i, child] of children.entries()) {
    assert.ok(child.left === children[i - 1] && child.right === children[i + 1], `the links of number ${i}`);
    assert.ok(child.outer === scope && child.level === scope.level + 1);
  }
}

test('the tree of scopes is what arrays of children would be, and leaves no link in one that has ended', (t) => {
  t.diagnostic(`SEED=${SEED}`);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const root = new Scope(undefined);
      assert.ok(roots.has(root) && root.level === 0);
      const children = new Map<Scope, Scope[]>([[root, []]]);
      const gone: Scope[] = [];
      for (const each of steps) {
        const open = [...children.keys()];
        if (each.kind === 'make') {
          const outer = open[each.inside % open.length] as Scope;
          const scope = new Scope(outer);
          children.get(outer)?.push(scope);
          children.set(scope, []);
          assert.ok(!roots.has(scope));
        } else {
          // One that nothing is inside of, as it is with those that are not given up.
          const leaves = open.filter((scope) => scope !== root && children.get(scope)?.length === 0);
          if (leaves.length === 0) continue;
          const scope = leaves[each.which % leaves.length] as Scope;
          scope.finish('fulfilled', undefined);
          children.delete(scope);
          const siblings = children.get(scope.outer as Scope) as Scope[];
          siblings.splice(siblings.indexOf(scope), 1);
          gone.push(scope);
        }
        for (const [scope, inside] of children) checkChildren(scope, inside);
        for (const scope of gone) assert.ok(scope.left === undefined && scope.right === undefined, 'the links of one that is gone');
      }
      root.finish('fulfilled', undefined);
      assert.ok(!roots.has(root));
    }),
    { seed: SEED },
  );
});

test('whether one is inside the other is a matter of the tree', () => {
  const root = new Scope(undefined);
  const [a, b] = [new Scope(root), new Scope(root)];
  const inA = new Scope(a);
  const alone = new Scope(undefined);
  const all = { root, a, b, inA, alone };
  const inside = Object.entries(all).flatMap(([name, scope]) =>
    Object.entries(all)
      .filter(([, other]) => scope.isInside(other))
      .map(([other]) => `${name} in ${other}`),
  );
  assert.deepEqual(inside, [
    'root in root',
    'a in root',
    'a in a',
    'b in root',
    'b in b',
    'inA in root',
    'inA in a',
    'inA in inA',
    'alone in alone',
  ]);
  assert.equal(inA.isInside({ level: 0 }), false);
  assert.deepEqual([inA.isBlockIn(a), inA.isBlockIn(b), a.isBlockIn(inA), inA.isBlockIn(undefined)], [true, false, false, false]);
  assert.equal(root.title, 'a scope');
  for (const scope of [inA, a, b, root, alone]) scope.finish('fulfilled', undefined);
});

test('what is parked in a scope is listed as an array would list it, the longest first', (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const steps = fc.array(fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 2 }), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (all) => {
      const scope = new Scope(undefined);
      const waits: Wait<unknown>[] = [];
      for (const each of all) {
        if (each === undefined) waits.push(new Wait<unknown>('test', scope));
        else if (waits.length > 0) {
          const [wait] = waits.splice(each % waits.length, 1) as [Wait<unknown>];
          scope.unpark(wait);
          assert.ok(wait.scopeNext === undefined && wait.scopePrev === undefined);
        }
        assert.deepEqual([...scope.waits()], waits);
        assert.equal(scope.parked, waits.at(-1));
        for (const [i, wait] of waits.entries()) {
          assert.equal(wait.scopeNext, waits[(i + 1) % waits.length]);
          assert.equal(wait.scopePrev, waits[(i + waits.length - 1) % waits.length]);
        }
      }
      scope.finish('fulfilled', undefined);
    }),
    { seed: SEED },
  );
});

test('a scope is untouched as long as nothing was done with it that its end would have to look after', () => {
  const touches: ((scope: Scope) => void)[] = [
    (scope) => new Scope(scope),
    (scope) => scope.addDefer(() => undefined, 1),
    (scope) => new Wait('test', scope),
    (scope) => scope.mark(new Error('cancelled')),
  ];
  for (const touch of touches) {
    const scope = new Scope(undefined);
    assert.ok(scope.isUntouched);
    touch(scope);
    assert.ok(!scope.isUntouched, touch.toString());
    scope.first?.finish('fulfilled', undefined);
    scope.finish('fulfilled', undefined);
  }
});
