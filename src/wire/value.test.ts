import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NotCloneableError } from '../core/index.js';
import { decode } from './marks.js';
import { findUncloneable, notCloneable } from './not-cloneable.js';
import { encode, needsCode } from './value.js';

/** There and back, as a transport does it. */
function cross<T>(value: T): T {
  return decode(structuredClone(encode(value))) as T;
}

const key = fc.oneof(fc.string(), fc.constantFrom('@meantime', '__proto__', 'constructor', 'flat'));
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  key,
});

test('any value means the same with an error beside it as without: as structured clone has it', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const { inside, error } = cross({ inside: value, error: new RangeError('beside') });
      assert.ok(error instanceof RangeError);
      assert.deepEqual(inside, structuredClone(value));
    }),
  );
});

test('a value without errors and without the mark is passed on untouched', () => {
  fc.assert(
    fc.property(fc.anything({ withDate: true, withMap: true, withSet: true, withTypedArray: true }), (value) => {
      assert.equal(needsCode(value), false);
    }),
  );
});

test('a value that looks like a marked one is not mistaken for one', () => {
  for (const value of [{ '@meantime': 'error', flat: {} }, { '@meantime': 'gone', what: 'x' }, { a: [{ '@meantime': 1 }] }]) {
    assert.equal(needsCode(value), false);
    assert.deepEqual(cross(value), value);
  }
});

test('__proto__ is a key like any other', () => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "error": 1}');
  value.error = new Error('to have it coded');
  const back = cross(value);
  assert.deepEqual(Object.keys(back), ['__proto__', 'error']);
  assert.equal((back as { polluted?: boolean }).polluted, undefined);
});

test('cycles and shared parts stay what they are, through errors, too', () => {
  const shared = { n: 1 };
  const error = new Error('round', { cause: shared }) as Error & { self?: unknown; list?: unknown };
  error.self = error;
  error.list = [shared, error];
  const value: { error: Error; shared: object; again?: unknown } = { error, shared };
  value.again = value;
  const back = cross(value) as typeof value & { error: typeof error };
  assert.equal(back.again, back);
  assert.equal(back.error.self, back.error);
  assert.equal(back.error.cause, back.shared);
  assert.deepEqual(back.error.list, [back.shared, back.error]);
  const own = new Error('own cause');
  own.cause = own;
  const returned = cross(own);
  assert.equal(returned.cause, returned);
});

test('errors at any depth: in arrays, objects, Map keys and values, Set', () => {
  const value = [
    { e: new TypeError('o') },
    new Map<unknown, unknown>([[new RangeError('k'), [new URIError('v')]]]),
    new Set([new EvalError('s')]),
  ] as const;
  assert.equal(needsCode(value), true);
  const [o, map, set] = cross(value) as unknown as [{ e: Error }, Map<Error, Error[]>, Set<Error>];
  const [[k, [v]]] = map;
  assert.deepEqual(
    [o.e, k, v, ...set].map((error) => `${error}`),
    ['TypeError: o', 'RangeError: k', 'URIError: v', 'EvalError: s'],
  );
});

test('a part of an error that cannot travel is described in its place', () => {
  const error = Object.assign(new Error('e'), { fn: function handler() {}, deep: { s: Symbol('s') }, kept: [1] });
  const back = cross(error);
  assert.equal(back.fn as unknown, '[function handler: could not travel]');
  assert.equal(back.deep as unknown, '[[object Object]: could not travel]');
  assert.deepEqual(back.kept, [1]);
});

test('the part that cannot be cloned is named by its path', () => {
  assert.equal(findUncloneable({ a: [1] }, 'it'), undefined);
  assert.match(String(findUncloneable({ a: [1, { b: () => 1 }] }, 'it')), /^it\.a\[1\]\.b is a function b /);
  assert.match(String(findUncloneable(Symbol('x'), 'argument 1')), /^argument 1 is a Symbol\(x\) /);
  const error = notCloneable('The call of f', [1, new WeakMap()], (i) => `argument ${i + 1}`, new Error('why'));
  assert.ok(error instanceof NotCloneableError);
  assert.match(error.message, /The call of f cannot travel: argument 2 is \[object WeakMap\]/);
});
