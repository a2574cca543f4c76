import assert from 'node:assert/strict';
import { fstatSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { useClock, VirtualClock, writeAll } from '../../core/index.js';
import { FrameReader, writeFrame } from '../../wire/index.js';
import { closeFile, namelessFile, openTheirs } from './files.js';
import { BesideReader } from './side-reader.js';
import { BesideWriter } from './side-writer.js';

/** Both ends, in one process; no Linux, no such files. */
function ends() {
  const fd = namelessFile();
  assert.ok(fd !== undefined, 'this system has no files in memory without a name');
  const [writer, reader] = [new BesideWriter(fd), new BesideReader(openTheirs(process.pid, fd))];
  const close = () => {
    writer.close();
    reader.close();
  };
  return { fd, writer, reader, close, size: () => fstatSync(fd).size };
}

const filled = (size: number, n: number) => new Uint8Array(size).fill(n).buffer;

test('large buffers take the way beside the stream, small ones do not; what comes out is what went in', () => {
  const { writer, reader, close } = ends();
  const got: unknown[][] = [];
  const frames = new FrameReader((message) => got.push(message), { side: reader });
  const shared = filled(100_000, 7);
  const message = [1, new Uint8Array(shared, 3, 50_000), { again: shared, tail: new Uint16Array(shared, 2) }, new Uint8Array(10).fill(2)];
  const frame = writeFrame(message, writer);
  assert.ok(frame.length < 500, `${frame.length} bytes on the stream`);
  frames.push(frame);
  assert.deepEqual(got, [message]);
  const [[, view, { again, tail }]] = got as [[number, Uint8Array, { again: ArrayBuffer; tail: Uint16Array }]];
  assert.ok(view.buffer === again && tail.buffer === again, 'one buffer stays one');
  assert.equal(structuredClone(again, { transfer: [again] }).byteLength, 100_000);
  assert.equal(again.byteLength, 0, 'it is a buffer like any other: it can be moved on');
  close();
});

test('what is under way is never written over, however much is and in whatever order of puts and takes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 400_000 }), fc.boolean()), { maxLength: 80 }), (steps) => {
      const { writer, reader, close, size } = ends();
      const way: { start: number; sizes: number[]; n: number }[] = [];
      let [inFlight, most] = [0, 0];
      const take = () => {
        const next = way.shift();
        if (next === undefined) return;
        for (const buffer of reader.take(next.start, next.sizes)) assert.ok(Buffer.from(buffer).every((byte) => byte === next.n));
        inFlight -= next.sizes[0] + 1;
      };
      steps.forEach(([length, takes], n) => {
        const start = writer.put([filled(length, n), filled(1, n)]);
        assert.ok(start !== undefined);
        way.push({ start, sizes: [length, 1], n });
        inFlight += length + 1;
        most = Math.max(most, inFlight);
        if (takes) take();
      });
      while (way.length > 0) take();
      assert.ok(size() <= 4096 + 2 * most + 2 ** 21, `places that are free serve again: ${size()} bytes for at most ${most}`);
      close();
    }),
    { numRuns: 60 },
  );
});

test('more messages under way than can be counted go inline, until some have been taken', () => {
  const { writer, reader, close } = ends();
  const starts: number[] = [];
  for (let start = writer.put([filled(10, 1)]); start !== undefined; start = writer.put([filled(10, 1)])) starts.push(start);
  assert.equal(starts.length, 200);
  for (const start of starts) reader.take(start, [10]);
  assert.equal(starts.length, 200);
  for (let i = 0; i < 1000; i++) reader.take(writer.put([filled(10, 1)]) as number, [10]); // beyond what a byte counts
  close();
});

test('memory is kept for the next message, and let go after a second without one', async () => {
  const virtual = new VirtualClock();
  const restore = useClock(virtual);
  const passed = (ms: number) => new Promise<void>((resolve) => virtual.after(ms, resolve));
  try {
    const { writer, reader, close, size } = ends();
    const start = writer.put([filled(1_000_000, 1)]) as number;
    await passed(1500);
    assert.ok(size() >= 1_000_000, 'what has not been taken stays');
    reader.take(start, [1_000_000]);
    assert.ok(size() >= 1_000_000);
    await passed(1500);
    assert.ok(size() <= 4096, `${size()} bytes are kept`);
    reader.take(writer.put([filled(50, 9)]) as number, [50]);
    close();
  } finally {
    restore();
  }
});

const nobody = (message: unknown) => assert.fail(`${message} came`);

test('garbage is a WireError: no such place, no such way', () => {
  const { writer, reader, close } = ends();
  const start = writer.put([filled(100, 1)]) as number;
  for (const [at, sizes] of [
    [start, [101]],
    [0, [1]],
    [start, [-1]],
    [start, [0.5]],
    [Number.NaN, [1]],
    [start, [2 ** 52]],
  ] as const)
    assert.throws(() => reader.take(at, sizes), { code: 'MEANTIME_WIRE' });
  const frame = writeFrame([new ArrayBuffer(70_000)], writer);
  assert.throws(() => new FrameReader(nobody).push(frame), { code: 'MEANTIME_WIRE' });
  const cut = Buffer.from(frame.subarray(0, 4 + 20));
  cut.writeUInt32LE(20, 0);
  assert.throws(() => new FrameReader(nobody, { side: reader }).push(cut), { code: 'MEANTIME_WIRE' });
  close();
});

test('a count that makes no sense: what is under way arrives, and the next goes inline', () => {
  const { fd, writer, reader, close } = ends();
  const start = writer.put([filled(100_000, 1)]);
  writeAll(fd, Buffer.of(77), 0);
  for (const _ of [1, 2]) assert.equal(writer.put([filled(100_000, 2)]), undefined);
  assert.deepEqual(new Uint8Array(reader.take(start as number, [100_000])[0]), new Uint8Array(100_000).fill(1));
  close();
});

test('a closed end takes nothing more: it goes inline', () => {
  const { fd, writer, reader } = ends();
  writer.close();
  writer.close();
  assert.equal(writer.put([filled(100_000, 1)]), undefined);
  assert.ok(writeFrame([filled(100_000, 1)], writer).length > 100_000);
  reader.close();
  assert.throws(() => closeFile(fd), { code: 'EBADF' });
});
