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

test('text on the stream is no frame of gigabytes: its first bytes tell, wherever the stream is cut', () => {
  const text = Buffer.from('hello, this was meant for stdout');
  for (const size of [1, 3, 4, 5, text.length]) {
    const reader = new FrameReader(() => assert.fail('there is no message in it'));
    const push = () => {
      for (let at = 0; at < text.length; at += size) reader.push(text.subarray(at, at + size));
    };
    assert.throws(push, { name: 'WireError', message: /hello|hell/ });
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

test('a frame over the cap is refused when it is announced, before there is memory for it', () => {
  const reader = new FrameReader(() => assert.fail('nothing is to be read'), { most: 1000 });
  const before = process.memoryUsage().arrayBuffers;
  const head = Buffer.alloc(4);
  head.writeUInt32LE(2 ** 31, 0);
  assert.throws(() => reader.push(head), { name: 'TooLargeError', code: 'MEANTIME_TOO_LARGE' });
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20);
  // The same if the head comes in pieces, or together with what follows.
  const pieces = new FrameReader(() => undefined, { most: 1000 });
  pieces.push(head.subarray(0, 3));
  assert.ok(pieces.half);
  assert.throws(() => pieces.push(head.subarray(3)), { name: 'TooLargeError' });
  assert.throws(() => new FrameReader(() => undefined, { most: 3 }).push(writeFrame(['more than three bytes'])), { name: 'TooLargeError' });
});

test('garbage is a WireError, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
      const reader = new FrameReader(() => undefined, { most: 100_000 });
      try {
        reader.push(Buffer.from(bytes));
      } catch (error) {
        assert.match((error as Error).name, /^(WireError|TooLargeError)$/);
      }
    }),
  );
  const body = Buffer.from([4, 0, 0, 0, 1, 2, 3, 4]);
  assert.throws(() => new FrameReader(() => undefined).push(body), { name: 'WireError', code: 'MEANTIME_WIRE' });
});

test('what a message does when it is taken is not mistaken for garbage', () => {
  const fault = new Error('mine');
  const reader = new FrameReader(() => {
    throw fault;
  });
  assert.throws(
    () => reader.push(writeFrame([1])),
    (error) => error === fault,
  );
});

test('a reader knows whether it is in the middle of a frame', () => {
  const bytes = writeFrame(['x'.repeat(100)]);
  for (const cut of [0, 1, 4, 50, bytes.length]) {
    const reader = new FrameReader(() => undefined);
    reader.push(bytes.subarray(0, cut));
    assert.equal(reader.half, cut > 0 && cut < bytes.length, `after ${cut} bytes`);
  }
});
