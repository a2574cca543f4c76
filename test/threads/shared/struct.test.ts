import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { OptionError, TooLargeError } from 'meantime';
import { array, type FieldType, type Schema, sizeOf, struct, text } from 'meantime/threads';

const numbers = {
  i8: { size: 1, read: 'getInt8', values: fc.integer({ min: -128, max: 127 }) },
  u8: { size: 1, read: 'getUint8', values: fc.integer({ min: 0, max: 255 }) },
  i16: { size: 2, read: 'getInt16', values: fc.integer({ min: -32768, max: 32767 }) },
  u16: { size: 2, read: 'getUint16', values: fc.integer({ min: 0, max: 65535 }) },
  i32: { size: 4, read: 'getInt32', values: fc.integer() },
  u32: { size: 4, read: 'getUint32', values: fc.nat() },
  i64: { size: 8, read: 'getBigInt64', values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  u64: { size: 8, read: 'getBigUint64', values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  f32: { size: 4, read: 'getFloat32', values: fc.float() },
  f64: { size: 8, read: 'getFloat64', values: fc.double() },
} as const;

type Kind = keyof typeof numbers;
const kind = fc.constantFrom(...(Object.keys(numbers) as Kind[]));

test('every field lies where C would have it, and nothing else is touched', () => {
  const field = kind.chain((kind) => fc.record({ kind: fc.constant(kind), value: numbers[kind].values as fc.Arbitrary<number | bigint> }));
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 12 }), fc.nat(3), (fields, index) => {
      const schema = Object.fromEntries(fields.map(({ kind }, i) => [`f${i}`, kind])) as Schema;
      const Record = struct(schema);
      const records = Record.array(4);
      const record = records.get(index) as Record<string, unknown>;
      fields.forEach(({ value }, i) => {
        record[`f${i}`] = value;
      });
      let end = 0;
      const view = new DataView(records.memory, index * Record.size);
      fields.forEach(({ kind, value }, i) => {
        const { size, read } = numbers[kind];
        end = Math.ceil(end / size) * size;
        assert.deepEqual(Record.layout[i], { name: `f${i}`, offset: end, size });
        assert.ok(Object.is((view as unknown as Record<string, (at: number, little: boolean) => unknown>)[read](end, true), value));
        assert.ok(Object.is(record[`f${i}`], value));
        end += size;
      });
      assert.equal(Record.size, Math.ceil(end / Record.alignment) * Record.alignment);
      for (const other of [0, 1, 2, 3].filter((i) => i !== index))
        assert.ok(new Uint8Array(records.memory, other * Record.size, Record.size).every((byte) => byte === 0));
    }),
  );
});

test('strings of a fixed size: what fits comes back, what does not is refused and changes nothing', () => {
  const Word = struct({ before: 'u8', word: text(9), after: 'u8' });
  const word = new Word({ before: 255, after: 255 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (value) => {
      const was = word.word;
      const isWhole = Buffer.from(value).toString() === value;
      if (isWhole && Buffer.byteLength(value) <= 9) {
        word.word = value;
        assert.equal(word.word, value);
      } else {
        assert.throws(
          () => {
            word.word = value;
          },
          isWhole ? TooLargeError : /TooLarge|OptionError/,
        );
        assert.equal(word.word, was);
      }
      assert.deepEqual([word.before, word.after], [255, 255]);
    }),
  );
  assert.throws(() => new Word({ word: 'ten bytes!' }), /room for 9 bytes of UTF-8, got a string of 10/);
  assert.throws(() => new Word({ word: '\ud800' }), /lone surrogates/);
  assert.throws(() => new Word({ word: 5 as never }), /expects a string, got 5/);
});

test('structs in structs and arrays are views of the same memory', () => {
  const Point = struct({ x: 'f64', y: 'f32' });
  const Path = struct({ id: 'u8', from: Point, to: { x: 'f64', y: 'f32' }, points: array(Point, 3), marks: array('i16', 3), done: 'bool' });
  assert.deepEqual(
    Path.layout.map(({ name, offset, size }) => [name, offset, size]),
    [
      ['id', 0, 1],
      ['from', 8, 16],
      ['to', 24, 16],
      ['points', 40, 48],
      ['marks', 88, 6],
      ['done', 94, 1],
    ],
  );
  const path = new Path({ from: { x: 1 }, points: [{ x: 3 }, { y: 0.5 }, {}], marks: [1, 2, 3] });
  const { from } = path;
  from.y = 2;
  path.to = path.from;
  path.points.get(2).set(path.to);
  path.marks[1] = 9;
  path.done = true;
  assert.deepEqual(path.toJSON(), {
    id: 0,
    from: { x: 1, y: 2 },
    to: { x: 1, y: 2 },
    points: [
      { x: 3, y: 0 },
      { x: 0, y: 0.5 },
      { x: 1, y: 2 },
    ],
    marks: [1, 9, 3],
    done: true,
  });
  assert.equal(inspect(path), inspect(path.toJSON()));
  assert.ok(path.from instanceof Point && path.to instanceof Point, 'the same fields are the same class');
  assert.equal(path.points.length, 3);
  const copy = Path.over(new SharedArrayBuffer(Path.size + 8), 8);
  copy.set(path);
  assert.deepEqual(copy.toJSON(), path.toJSON());
});

test('a class that extends a struct has its fields, and methods of its own', () => {
  class Circle extends struct({ r: 'f64' }) {
    get area(): number {
      return Math.PI * this.r ** 2;
    }
  }
  const circle = new Circle({ r: 2 });
  assert.equal(circle.area, Math.PI * 4);
  assert.ok(Circle.array(3).get(1) instanceof Circle);
});

test('sizeOf: of numbers, strings, arrays and structs', () => {
  assert.deepEqual([sizeOf('i8'), sizeOf('u64'), sizeOf('bool'), sizeOf(text(1)), sizeOf(array('u16', 5))], [1, 8, 1, 8, 10]);
  assert.equal(sizeOf({ a: 'u8', b: { c: 'f64' }, d: 'u8' }), 24);
  assert.equal(sizeOf(struct({ a: text(4) })), 8);
});

test('numbers that do not fit become what a typed array makes of them', () => {
  const All = struct({ i8: 'i8', u8: 'u8', u8c: 'u8c', u32: 'u32', i64: 'i64', f32: 'f32', yes: 'bool' });
  const all = new All({ i8: 128, u8: -1, u8c: 999, u32: 2 ** 32 + 5, i64: 2n ** 63n, f32: 0.1, yes: 5 as never });
  assert.deepEqual(all.toJSON(), { i8: -128, u8: 255, u8c: 255, u32: 5, i64: -(2n ** 63n), f32: Math.fround(0.1), yes: true });
  assert.throws(() => new All({ i64: 1 as never }), TypeError);
  assert.throws(() => {
    all.i8 = 1n as never;
  }, TypeError);
});

test('bad input: schemas, fields, values and places', () => {
  const refused = (fn: () => unknown, message: RegExp) =>
    assert.throws(fn, (error: Error) => error instanceof OptionError && message.test(error.message), String(fn));
  const bad = (type: unknown) => () => struct({ x: type as FieldType });
  refused(bad('f65'), /Field "x": there is no kind "f65". Expected one of i8, /);
  refused(bad('F64'), /no kind "F64"/);
  refused(bad(Float64Array), /"f64" for Float64Array/);
  for (const type of [undefined, null, 5, Symbol.iterator]) refused(bad(type), /Field "x": there is no kind/);
  for (const type of [[], new Date(), new Map()]) refused(bad(type), /plain object/);
  refused(bad({}), /at least one field/);
  refused(() => struct(undefined as never), /plain object/);
  refused(() => struct({}), /at least one field/);
  for (const name of ['a b', '1', '', 'a-b', 'a;b', '"']) refused(() => struct({ [name]: 'u8' }), /name is an identifier/);
  for (const name of ['atomic', 'set', 'toJSON', 'constructor']) refused(() => struct({ [name]: 'u8' }), /cannot be named/);
  refused(() => struct(JSON.parse('{"__proto__": "u8"}')), /cannot be named/);
  const endless: Record<string, unknown> = {};
  endless.again = endless;
  refused(() => struct(endless as Schema), /deep/);
  for (const length of [0, -1, 1.5, Number.NaN, '3', undefined]) {
    refused(() => text(length as number), /text expects a whole number from 1/);
    refused(() => array('u8', length as number), /array expects a whole number from 1/);
  }
  for (const of of ['bool', text(3), array('u8', 3)]) refused(() => array(of as 'u8', 3), /numbers or of structs/);
  const Pair = struct({ left: 'i32', right: array('i32', 2) });
  refused(() => new Pair({ lft: 1 } as never), /no field "lft"; did you mean "left"/);
  refused(() => new Pair(5 as never), /as an object/);
  refused(() => new Pair(null as never), /as an object/);
  for (const right of [[1], [1, 2, 3], 5, null]) refused(() => new Pair({ right: right as number[] }), /expects 2 values/);
  for (const length of [-1, 1.5, '3', undefined]) refused(() => Pair.array(length as number), /whole number of records/);
  refused(() => Pair.array(2 ** 30), /at most/);
  const pairs = Pair.array(2);
  for (const index of [-1, 2, 0.5, '0', undefined]) refused(() => pairs.get(index as number), /it has 2 records/);
  for (const index of [-1, 2, 0.5]) refused(() => pairs.get(0).atomic.right(index), /it has 2 numbers/);
  const memory = new SharedArrayBuffer(16);
  assert.equal(Pair.over(memory, 4).left, 0);
  for (const at of [-4, 2, 1.5]) refused(() => Pair.over(memory, at), /multiple of 4/);
  refused(() => Pair.over(memory, 8), /expects 12 bytes from 8 on/);
  refused(() => Pair.over(new ArrayBuffer(16) as never), /SharedArrayBuffer/);
});

test('where code from strings is forbidden there are structs all the same', () => {
  const program = new URL('../../../../test/fixtures/threads/no-eval.mjs', import.meta.url).pathname;
  const { stdout, stderr } = spawnSync(process.execPath, ['--disallow-code-generation-from-strings', program], { encoding: 'utf8' });
  assert.equal(stdout, `[true,{"name":"Ada","at":{"x":1.5},"hits":[1,2]}]\n`, stderr);
});
