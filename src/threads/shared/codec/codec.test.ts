import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { NotCloneableError, TimeoutError } from '../../../core/index.js';
import { AtomicInt32 } from '../atomic-int32.js';
import { CLONED, CODED, keep, PLAIN, pack, RAW, unpack } from './codec.js';
import { MOST_PLAIN } from './write-plain.js';

/** There and back, through memory that nobody else has. */
function trip(value: unknown): { format: number; out: unknown } {
  const { format, length, bytes } = pack(value);
  const copy = new Uint8Array(Math.max(length, 1) + 8);
  copy.set(bytes.subarray(0, length));
  return { format, out: unpack({ format, length, bytes: copy, own: false }) };
}

/** As structured clone would have it: also which objects are the same one. */
function isAsCloned(value: unknown): void {
  const { out } = trip(value);
  const wanted = structuredClone(value);
  assert.deepStrictEqual(out, wanted);
  assert.deepStrictEqual(places(out), places(wanted));
}

/** Where each object of a value was first met. */
function places(value: unknown): string[] {
  const first = new Map<object, string>();
  const found: string[] = [];
  const look = (part: unknown, path: string): void => {
    if (typeof part !== 'object' || part === null) return void found.push(`${path}=${Object.is(part, -0) ? '-0' : String(part)}`);
    const known = first.get(part);
    found.push(known === undefined ? path : `${path} is ${known}`);
    if (known !== undefined) return;
    first.set(part, path);
    found.push(`${path}: ${Object.getPrototypeOf(part) === Array.prototype ? 'array' : Object.prototype.toString.call(part)}`);
    if (part instanceof Map || part instanceof Set) for (const [i, item] of [...part].entries()) look(item, `${path}<${i}>`);
    else if (!ArrayBuffer.isView(part)) for (const key of Object.keys(part)) look((part as Record<string, unknown>)[key], `${path}.${key}`);
  };
  look(value, '');
  return found;
}

const key = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('__proto__', 'constructor', 'length', '0', '10', '-1', '@meantime', 'ключ', 'id', 'name'),
);
const leaf = fc.oneof(
  fc.integer(),
  fc.integer({ min: -130, max: 130 }),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER),
  fc.boolean(),
  fc.constantFrom(undefined, null),
  fc.bigInt(),
  fc.constantFrom(2n ** 63n, -(2n ** 63n), 2n ** 63n - 1n),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom('\ud800', 'a\udc00b', '\u00ff', '\u0100', 'x'.repeat(256), 'ü'.repeat(3000)),
);
const rare = fc.oneof(
  fc.date(),
  fc.uint8Array(),
  fc.float64Array(),
  fc.constantFrom(/x/giu, new Number(5), new String('boxed'), new Boolean(false), Object(1n)),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.sparseArray(tie('value'), { maxLength: 8 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    rare,
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
}));
const numRuns = Number(process.env.RUNS ?? 1000);

test('every value arrives as structured clone would have it', () => {
  fc.assert(fc.property(value, isAsCloned), { numRuns });
});

test('what is in a value twice, or in itself, is so when it arrives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant({}), fc.constant([])), { minLength: 2, maxLength: 5 }),
      fc.infiniteStream(fc.nat(4)),
      (parts, chance) => {
        const objects = parts.map((part) => (Array.isArray(part) ? [] : {}) as Record<string, unknown>);
        const next = () => objects[(chance.next().value as number) % objects.length];
        for (let i = 0; i < 6; i++) next()[i % 3] = next();
        isAsCloned(objects[0]);
      },
    ),
    { numRuns },
  );
  const self: unknown[] = [];
  self.push({ self });
  isAsCloned(self);
  const twice = { a: 1 };
  isAsCloned({ left: twice, right: [twice] });
});

test('small plain values take the compact form, the others that of V8', () => {
  for (const plain of [
    0,
    -1,
    1.5,
    'x',
    'ключ',
    null,
    undefined,
    true,
    5n,
    Object.assign([1], { length: 3 }),
    { a: { b: [{}] } },
    [],
    {},
    Object.create(null),
  ])
    assert.equal(trip(plain).format, PLAIN, inspect(plain));
  const large = 'x'.repeat(MOST_PLAIN);
  const deep = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], 1);
  for (const other of [2n ** 70n, new Date(), new Map(), large, Array(100).fill(0), { large }, deep, Object.assign([1], { x: 1 })])
    assert.equal(trip(other).format, CLONED, inspect(other));
  for (const coded of [new Error('x'), { deep: [new TimeoutError('x')] }]) assert.equal(trip(coded).format, CODED);
});

test('bytes that are a buffer of their own go as they are; those of a larger one as structured clone would have them', () => {
  const whole = Uint8Array.of(1, 2, 3);
  assert.equal(trip(whole).format, RAW);
  isAsCloned(whole);
  isAsCloned(new Uint8Array(300).fill(7));
  for (const other of [
    whole.subarray(1),
    new Uint8Array(0),
    new Uint8Array(new ArrayBuffer(4), 1, 2),
    new Uint8ClampedArray(3),
    Buffer.from('pooled'),
  ]) {
    assert.equal(trip(other).format, CLONED);
    const out = trip(other).out as Uint8Array;
    assert.deepEqual(out, structuredClone(other));
    assert.equal(out.buffer.byteLength, other.buffer.byteLength);
  }
  const kept = keep(pack(whole));
  whole[0] = 9;
  assert.deepEqual(unpack(kept), Uint8Array.of(1, 2, 3));
});

test('objects: keys in their order, own and enumerable ones only, values of getters, classes as plain objects', () => {
  class Point {
    x = 1;
    y = { z: 2 };
    get sum() {
      return 3;
    }
  }
  isAsCloned(new Point());
  isAsCloned({ point: new Point() });
  isAsCloned(Object.defineProperty({ b: 1, a: 2 }, 'hidden', { value: 1, enumerable: false }));
  isAsCloned({ [Symbol('s')]: 1, a: 1 });
  isAsCloned({
    get half() {
      return { x: 1.5 };
    },
  });
  isAsCloned(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }));
  isAsCloned(JSON.parse('{"__proto__": {"x": 1}, "a": 1}'));
  assert.deepEqual(Object.keys(trip({ b: 1, 2: 1, a: 1, 1: 1 }).out as object), ['1', '2', 'b', 'a']);
  const polluted = Object.prototype as { polluted?: number };
  polluted.polluted = 1;
  try {
    assert.deepEqual(Object.keys(trip({ a: 1 }).out as object), ['a']);
  } finally {
    delete polluted.polluted;
  }
});

test('objects of the same keys, again and again, and of more kinds than are remembered', () => {
  for (let i = 0; i < 200; i++) {
    isAsCloned({ id: i, name: `n${i}`, deep: { at: [i, -i] }, __proto__: null });
    isAsCloned({ [`only${i}`]: i, id: 1 });
    isAsCloned(JSON.parse(`{"__proto__": ${i}, "id": 1}`));
  }
  for (let i = 0; i < 100; i++) isAsCloned(Object.fromEntries(Array.from({ length: i }, (_, k) => [`key${k}`, k])));
});

test('errors keep their class, cause and own properties', () => {
  const error = Object.assign(new TimeoutError('too late', { cause: new RangeError('why') }), { extra: { n: 1 } });
  const { out } = trip({ failed: [error], again: error }) as { out: { failed: Error[]; again: Error } };
  assert.ok(out.again instanceof TimeoutError && out.again === out.failed[0]);
  assert.ok(out.again.cause instanceof RangeError);
  assert.deepEqual((out.again as unknown as typeof error).extra, { n: 1 });
  assert.ok((trip(new AggregateError([error, 5], 'all')).out as AggregateError).errors[0] instanceof TimeoutError);
  assert.deepEqual(trip({ '@meantime': 'error', e: new Error('x') }).format, CODED);
});

test('a getter may pack something itself', () => {
  const { out } = trip({
    a: 1,
    get b() {
      return trip([7]).out;
    },
    c: 3,
  });
  assert.deepEqual(out, { a: 1, b: [7], c: 3 });
});

test('what is kept outlives the next one', () => {
  const first = keep(pack({ a: 1 }));
  pack({ b: 'another' });
  assert.deepEqual(unpack(first), { a: 1 });
});

test('what cannot travel is named, and what to do', () => {
  const refused = (value: unknown, message: RegExp) =>
    assert.throws(
      () => pack(value),
      (error: Error) => error instanceof NotCloneableError && message.test(error.message) && error.cause !== undefined,
    );
  refused(() => 1, /it is a function/);
  refused({ a: [1, { f: Math.max }] }, /it\.a\[1\]\.f is a function max/);
  refused(Symbol('s'), /it is a Symbol\(s\)/);
  refused(new WeakMap(), /WeakMap/);
  refused(Promise.resolve(), /Promise/);
  refused({ to: new URL('http://x') }, /URL would arrive empty/);
  const advice = /Pass it to the thread as an argument of its call/;
  for (const value of [new SharedArrayBuffer(4), new Int32Array(new SharedArrayBuffer(4)), new AtomicInt32()]) {
    refused(value, advice);
    refused({ deep: [value] }, /it\.deep\[0\] is a/);
    refused(new Map([[value, 1]]), /a key of it/);
    // An error is worth more than what hangs on it: that part is described in its place.
    const told = trip(Object.assign(new Error('x', { cause: value }), { value })).out as Error & { value: unknown };
    for (const part of [told.value, told.cause]) assert.match(String(part), /could not travel/);
  }
  refused(
    {
      get broken() {
        throw new Error('not today');
      },
    },
    /not today/,
  );
  assert.deepEqual(trip({ fine: 1 }).out, { fine: 1 }, 'and the next one is as it should be');
});
