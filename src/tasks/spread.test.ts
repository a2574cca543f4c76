import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CancelledError } from '../core/index.js';
import { Scope } from './scope.js';
import { spread } from './spread.js';
import { SEED } from './sync/trial.js';
import { roots } from './tree.js';

/** A scope that notes when it is marked. */
class Noting extends Scope {
  readonly number: number;
  readonly marked: number[];
  readonly #shield: boolean;

  constructor(outer: Noting | undefined, number: number, shield: boolean, marked: number[]) {
    super(outer, shield);
    this.number = number;
    this.#shield = shield;
    this.marked = marked;
  }

  override get shield(): boolean {
    return this.#shield;
  }

  override mark(error: Error): ReturnType<Scope['mark']> {
    this.marked.push(this.number);
    return super.mark(error);
  }
}

/** The scopes that a cancellation comes to, in their order: told by recursion. */
function due(top: Noting): number[] {
  const numbers = [top.number];
  for (let at = top.first as Noting | undefined; at !== undefined; at = at.right as Noting | undefined)
    if (!at.shield) numbers.push(...due(at));
  return numbers;
}

test('a cancellation comes to a scope and all below it, but for shields: parents first, then in the order of making', (t) => {
  t.diagnostic(`SEED=${SEED}`);
  // Each scope is inside one of those before it.
  const tree = fc.array(fc.record({ inside: fc.nat(), shield: fc.nat({ max: 5 }).map((n) => n === 0) }), { maxLength: 30 });
  fc.assert(
    fc.property(tree, fc.nat(), (made, which) => {
      const marked: number[] = [];
      const scopes = [new Noting(undefined, 0, false, marked)];
      for (const { inside, shield } of made) scopes.push(new Noting(scopes[inside % scopes.length], scopes.length, shield, marked));
      const top = scopes[which % scopes.length] as Noting;
      const error = new CancelledError();
      spread(top, error);
      const expected = due(top);
      assert.deepEqual(marked, expected);
      for (const scope of scopes) assert.equal(scope.error, expected.includes(scope.number) ? error : undefined);
      for (const scope of scopes.reverse()) scope.finish('cancelled', error);
      assert.ok(!roots.has(top));
    }),
    { seed: SEED },
  );
});

test('signals abort once, when the whole tree is in order: a listener finds everything cancelled', () => {
  const outer = new Scope(undefined);
  const inner = new Scope(outer);
  const last = new Scope(outer);
  const seen: unknown[] = [];
  const { signal } = outer;
  signal.addEventListener('abort', () =>
    seen.push(
      'outer',
      [outer, inner, last].map((scope) => scope.cancelled),
    ),
  );
  inner.signal.addEventListener('abort', () => seen.push('inner'));
  const [first, second] = [new CancelledError(), new CancelledError()];
  inner.cancelBecause(() => first);
  assert.deepEqual(seen, ['inner']);
  outer.cancelBecause(() => second);
  assert.deepEqual(seen, ['inner', 'outer', [true, true, true]]);
  assert.equal(signal.reason, second);
  assert.equal(inner.signal.reason, first);
  assert.equal(inner.error, second);
  const order: string[] = [];
  const another = new Scope(undefined);
  const within = new Scope(another);
  within.signal.addEventListener('abort', () => order.push('inner'));
  another.signal.addEventListener('abort', () => order.push('outer'));
  another.cancel();
  assert.deepEqual(order, ['outer', 'inner']);
  for (const scope of [within, another, inner, last, outer]) scope.finish('cancelled', second);
});
