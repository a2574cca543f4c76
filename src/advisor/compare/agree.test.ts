import assert from 'node:assert/strict';
import test from 'node:test';
import { differing } from './agree.js';

class Box {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

test('answers are compared by what is in them', () => {
  const expected = [{ value: 1 }, { value: { a: [1, new Map([['x', new Set([2])]])] } }, { value: Number.NaN }];
  assert.equal(differing(expected, structuredClone(expected)), 0);
  assert.equal(differing(expected, [{ value: 2 }, { value: { a: [1, new Map([['x', new Set([3])]])] } }, { value: Number.NaN }]), 2);
});

test('a class that was lost on the way is no difference, what is in it is', () => {
  assert.equal(differing([{ value: { value: [1] } }], [{ value: new Box([1]) }]), 0);
  assert.equal(differing([{ value: new Uint8Array([1]) }], [{ value: Buffer.from([1]) }]), 0);
  assert.equal(differing([{ value: { value: [1] } }], [{ value: new Box([2]) }]), 1);
});

test('what failed or cannot travel is not compared, and a shorter pass as far as it goes', () => {
  assert.equal(differing([{ failed: 'x' }, { stays: true }, { value: 1 }], [{ value: 5 }, { value: 6 }]), 0);
  assert.equal(differing([{ value: 1 }], [{ failed: 'x' }]), 0);
  assert.equal(differing([{ value: 1 }], [{ value: () => 1 }]), 1);
});
