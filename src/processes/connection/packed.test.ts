import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readBatch, writeBatch } from './batch.js';
import { type Packed, pack, unpack } from './packed.js';

const MB = 2 ** 20;
/** As it would go over a socket, in company. */
const cross = (packed: Packed): Packed => {
  const frame = Buffer.concat(writeBatch([0, packed, 'x', packed]));
  assert.equal(frame.readUInt32LE(0), frame.length - 4);
  const items = readBatch(frame.subarray(4));
  assert.deepEqual(items[2], 'x');
  return items[1];
};
const send = (value: unknown): unknown => unpack(cross(pack('The message', value, 64 * MB).packed));

const anything = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20_000, size: 'max' }),
  fc.object({
    withMap: true,
    withSet: true,
    withDate: true,
    withTypedArray: true,
    withBigInt: true,
    withSparseArray: true,
    withNullPrototype: true,
  }),
  fc.array(fc.record({ id: fc.integer(), name: fc.string(), tags: fc.array(fc.string()) })),
);

test('a packed value arrives as structured clone would bring it', () => {
  fc.assert(
    fc.property(anything, (value) => {
      assert.deepEqual(send(value), structuredClone(value));
    }),
    { numRuns: 500 },
  );
});

test('it is copied when it is packed: what is done to it afterwards does not travel', () => {
  const small = { n: 1, list: [1, { deep: true }] };
  const large = { n: 1, bytes: new Uint8Array(100) };
  const packed = [pack('The message', small, MB).packed, pack('The message', large, MB).packed];
  small.n = 2;
  (small.list[1] as { deep: boolean }).deep = false;
  large.n = 2;
  large.bytes[0] = 9;
  const [a, b] = packed.map((p) => unpack(cross(p)));
  assert.deepEqual(a, { n: 1, list: [1, { deep: true }] });
  assert.deepEqual(b, { n: 1, bytes: new Uint8Array(100) });
});

test('what is one object arrives as one, and circles close', () => {
  const shared = { n: 1 };
  const twice = send({ a: shared, b: shared }) as { a: object; b: object };
  assert.equal(twice.a, twice.b);
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const got = send(circle) as { self: unknown };
  assert.equal(got.self, got);
});

test('errors keep their class, code and cause; what looks like a mark of the wire arrives as it is', () => {
  const error = Object.assign(new RangeError('too far', { cause: { at: 3 } }), { code: 'E_FAR' });
  const got = send([error]) as [RangeError & { code: string }];
  assert.ok(got[0] instanceof RangeError);
  assert.deepEqual([got[0].message, got[0].code, got[0].cause], ['too far', 'E_FAR', { at: 3 }]);
  assert.deepEqual(send({ '@meantime': 'error' }), { '@meantime': 'error' });
  assert.deepEqual(send(JSON.parse('{"__proto__": {"x": 1}}')), JSON.parse('{"__proto__": {"x": 1}}'));
});

test('what cannot travel is an error that names the part', () => {
  const because = (value: unknown) => {
    try {
      pack('The message', value, MB);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'MEANTIME_NOT_CLONEABLE');
      return (error as Error).message;
    }
    return assert.fail('it was packed');
  };
  assert.match(
    because(() => 1),
    /The message cannot travel: it is a function/,
  );
  assert.match(because({ list: [1, Symbol('s')] }), /it\.list\[1\] is a Symbol\(s\)/);
  assert.match(because({ big: 'x'.repeat(1000), deep: { fn() {} } }), /it\.deep\.fn is a function fn/);
  assert.match(because(new URL('http://localhost/')), /a URL would arrive empty: pass its href|it is \[object URL\]/);
  assert.match(because({ b: new SharedArrayBuffer(8) }), /it\.b is a SharedArrayBuffer, which only threads of one process can share/);
  assert.match(
    because({
      get trap() {
        throw new Error('boom');
      },
    }),
    /it\.trap cannot be read \(boom\)/,
  );
});

test('what is over the cap is refused, to the byte for what is large', () => {
  assert.throws(() => pack('The message', new Uint8Array(MB), MB), {
    name: 'TooLargeError',
    code: 'MEANTIME_TOO_LARGE',
    message: /The message has 10485\d\d bytes; at most 1048576 are taken/,
  });
  assert.throws(() => pack('The message', 'x'.repeat(2000), 1000), { name: 'TooLargeError' });
  assert.throws(() => pack('The message', 'xyz', 1), { name: 'TooLargeError' });
  const { size } = pack('The message', new Uint8Array(MB), MB + 64);
  assert.ok(size > MB && size < MB + 200);
});

test('bytes that are no value, and frames that are no batch, are errors', () => {
  assert.throws(() => unpack(Buffer.from([0, 1, 2, 3])), { name: 'WireError', code: 'MEANTIME_WIRE' });
  assert.throws(() => unpack(Buffer.alloc(0)), { name: 'WireError' });
  const frame = Buffer.concat(writeBatch([new Uint8Array(10_000)])).subarray(4);
  assert.throws(() => readBatch(frame.subarray(0, frame.length - 1)), /bytes are announced/);
  frame.writeUInt32LE(2 ** 30, 0);
  assert.throws(() => readBatch(frame), /an array of \d+ bytes is announced/);
  assert.throws(() => readBatch(Buffer.alloc(0)));
});
