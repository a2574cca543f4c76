import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameReader, writeFrame } from './frames.js';

const message = fc.array(
  fc.oneof(
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.constant(undefined),
    fc.double(),
    fc.bigInt(),
    fc.uint8Array({ maxLength: 200 }),
    fc.object(),
  ),
);

test('messages come out as they went in, however the stream cuts them', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(60), { maxLength: 40 }), (messages, cuts) => {
      const bytes = Buffer.concat(messages.map((m) => writeFrame(m)));
      const got: unknown[][] = [];
      const reader = new FrameReader((m) => got.push(m));
      let at = 0;
      for (const cut of cuts) {
        reader.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      if (at < bytes.length) reader.push(bytes.subarray(at));
      assert.deepEqual(
        got,
        messages.map((m) => structuredClone(m)),
      );
    }),
  );
});

test('byte by byte, and all at once', () => {
  const messages = [[1, 'two'], [], [new Map([[1, new Set([2n])]])], ['x'.repeat(300)]];
  const bytes = Buffer.concat(messages.map((m) => writeFrame(m)));
  for (const size of [1, 2, 3, 5, bytes.length]) {
    const got: unknown[][] = [];
    const reader = new FrameReader((m) => got.push(m));
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    assert.deepEqual(got, messages);
  }
});

test('a message of megabytes in the pieces of a socket', () => {
  const big = [new Uint8Array(3_000_000).map((_, i) => i), 'end'];
  const bytes = writeFrame(big);
  const got: unknown[][] = [];
  const reader = new FrameReader((m) => got.push(m));
  for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536));
  assert.deepEqual(got, [big]);
});

test('what cannot be cloned is refused, and nothing is written', () => {
  assert.throws(() => writeFrame([() => 1]), /could not be cloned/);
  assert.throws(() => writeFrame([Symbol('s')]), /could not be cloned/);
});

test('a value that was read is its own copy: the next piece of the stream does not change it', () => {
  const got: unknown[][] = [];
  const reader = new FrameReader((m) => got.push(m));
  const bytes = writeFrame([new Uint8Array([1, 2, 3])]);
  reader.push(bytes);
  bytes.fill(0);
  assert.deepEqual(got, [[new Uint8Array([1, 2, 3])]]);
});
