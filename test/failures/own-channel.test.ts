import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { WorkerLostError } from 'meantime';
import { ProcessPoolExecutor } from 'meantime/processes';
import { Thread, ThreadPoolExecutor } from 'meantime/threads';
import { add, echo } from '../fixtures/calls/calls.js';
import { answerAndExit, bornWith, closeDescriptor, onParentPort, use, writeOn } from '../fixtures/ports/calls.js';

/* The code of a call can reach the channels of its worker, or what looks like them. That hurts its worker at most. */

test('threads: a call can do with parentPort what it likes, and nothing of it is taken for ours', async () => {
  await using pool = new ThreadPoolExecutor({ workers: 1 });
  const beside = new ThreadPoolExecutor({ workers: 1, concurrency: 4 });
  for (const what of Object.keys(onParentPort)) {
    assert.equal(await pool.submit(use, what), `used ${what}`);
    assert.equal(await pool.submit(add, 1, 2), 3, `after ${what}`);
    const all = await Promise.all([beside.submit(use, what), beside.submit(echo, 'own'), beside.submit(use, what)]);
    assert.deepEqual(all, [`used ${what}`, 'own', `used ${what}`]);
    const thread = Thread.start(use, what);
    assert.equal(await thread, `used ${what}`);
    await thread.join();
  }
  assert.deepEqual([pool.stats().lost, beside.stats().lost, pool.stats().failed], [0, 0, 0]);
  await beside.shutdown();
});

test('threads: the channel is not in workerData', async () => {
  await using pool = new ThreadPoolExecutor({ workers: 1 });
  assert.deepEqual(await pool.submit(bornWith), [undefined, undefined, undefined]);
});

test('processes: there is no ipc channel to post on', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  for (const what of ['process.send', 'process.disconnect']) assert.equal(await pool.submit(use, what), `used ${what}`);
  assert.equal(await pool.submit(add, 1, 2), 3);
  assert.equal(pool.stats().lost, 0);
});

for (const { name, make } of [
  { name: 'threads', make: () => new ThreadPoolExecutor({ workers: 1 }) },
  { name: 'processes', make: () => new ProcessPoolExecutor({ workers: 1 }) },
]) {
  test(`${name}: what was answered just before the worker exits arrives`, async () => {
    await using pool = make();
    const text = 'x'.repeat(300_000);
    for (let round = 0; round < 10; round++) assert.equal(await pool.submit(answerAndExit, text), text);
  });
}

const mark = Buffer.from('mtm1');
function frame(message: unknown): Buffer {
  const body = Buffer.concat([mark, serialize(message)]);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length, 0);
  return Buffer.concat([head, body]);
}

/** Bytes that are no messages, and messages that cannot be. */
const garbage: [string, Buffer][] = [
  ['one byte', Buffer.from('x')],
  ['text', Buffer.from('hello, parent\n')],
  ['a length without end', Buffer.from([255, 255, 255, 255])],
  ['zeros', Buffer.alloc(64)],
  ['a frame of nothing', Buffer.from([0, 0, 0, 0])],
  ['a mark and no message', Buffer.from([8, 0, 0, 0, ...mark, 1, 2, 3, 4])],
  ['buffers beside the stream that are not there', Buffer.from([28, 0, 0, 0, ...mark, 1, 0, 0, 0, 1, 0, 0, 0, ...new Array(16).fill(64)])],
  ...[
    null,
    undefined,
    'text',
    7,
    {},
    [],
    ['x'],
    [[0]],
    [7, 7, 7],
    [99],
    [-1],
    [Number.NaN, 1],
    [0],
    [0, 1, 2],
    [0, 'ms', 0, 1],
    [0, 1, 1e6, 2],
    [0, 1, -1e6, 2],
    [0, 1, 0.5, 2],
    [0, 1, Number.NaN, 2],
    [0, 1, {}, 2],
    [1, 0, 0, [1], 1],
    [1, 0, -1, [1], 1],
    [1, 0, 0, 7, 1],
    [1],
    [2, 0, 0, new Error('a part')],
    [2],
    [3],
    [3, 'x'],
    [4, 1e9],
    [4, 'x'],
    [5, 0, 'x'],
    [6, 6],
    [8, 1, 1, 'forged', 'utf8'],
    [9, new Error('fatal')],
    [64],
    [64, 7, [[], []]],
    [64, [0, 1, 0, 1]],
    [64, [0, 1, 0, 1], 7],
    [64, [0, 1, 0, 1], [[], 7]],
    [64, [0, 1, 0, 1], [[7], []]],
    [64, [0, 1, 0, 1], [[[{}, 'Error', undefined, 'stack', 7]], []]],
    [64, [0, 1, 0, 1], [[[{}, 'Error', undefined, 'stack', [7, true, 1]]], []]],
    [64, [0, 1, 0, 1], [[[{}, 'DOMException', [7, 7], 'stack', []]], []]],
    [64, [0, 1, 0, 1], [[], [[{}, 7, 1]]]],
    [64, [0, 1, 0, 1], [[], [[7, 'threads/SharedLock', 1]]]],
    [64, [0, 1, 0, 1], [[], [[{}, 'nobody/knows', 1]]]],
    [64, [0, 1, 0, 1], [[], [[{}, 'processes/none', 1]]]],
    [64, [0, 1, 0, 1], [[], handleInItself()]],
    [64, [0, 1, 0, 1], Object.assign([], { length: 2 ** 32 - 1 })],
    [64, [0, 1, 0, 1], [Object.assign([], { length: 2 ** 32 - 1 }), []]],
  ].map((message): [string, Buffer] => [inspect(message), frame(message)]),
];

function handleInItself(): unknown[] {
  const placeholder = {};
  return [[placeholder, 'threads/SharedLock', { inside: placeholder }]];
}

test('processes: garbage among the answers ends that worker, and its call says what came', { timeout: 240_000 }, async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  for (const [what, bytes] of garbage) {
    await assert.rejects(
      async () => await pool.submit(writeOn, 3, bytes),
      (error: Error) => {
        assert.ok(error instanceof WorkerLostError, `${what}: ${error}`);
        assert.match(error.message, /no message|cannot be read|WireError|not known here|holds|speaks of|are not in a file/, what);
        return true;
      },
      what,
    );
    assert.equal(await pool.submit(add, 1, 2), 3, `after ${what}`);
  }
});

test('processes: bytes by lot among the answers never reach the parent as an exception', { timeout: 120_000 }, async () => {
  await using pool = new ProcessPoolExecutor({ workers: 2 });
  const seen: unknown[] = [];
  const watch = (error: unknown) => seen.push(error);
  process.on('uncaughtExceptionMonitor', watch);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.concat([Buffer.from([bytes.length + 4, 0, 0, 0]), mark, bytes])),
        fc.array(fc.anything({ maxDepth: 2 }), { maxLength: 5 }).map((message) => {
          try {
            return frame(message);
          } catch {
            return Buffer.from('a value that cannot be cloned');
          }
        }),
      ),
      async (bytes) => {
        await pool.submit(writeOn, 3, bytes).catch((error) => assert.equal(error.code, 'MEANTIME_WORKER_LOST'));
        assert.equal(await pool.submit(echo, 'whole'), 'whole');
      },
    ),
    { numRuns: 40 },
  );
  process.off('uncaughtExceptionMonitor', watch);
  assert.deepEqual(seen, []);
});

test('processes: a call that closes a descriptor of ours loses its worker, and no other call', { timeout: 60_000 }, async () => {
  for (const descriptor of [3, 4]) {
    await using pool = new ProcessPoolExecutor({ workers: 1 });
    await pool.submit(closeDescriptor, descriptor).catch((error) => assert.equal(error.code, 'MEANTIME_WORKER_LOST'));
    // One that was sent there before anybody knew may be lost with it.
    await pool.submit(echo, 'perhaps').catch((error) => assert.equal(error.code, 'MEANTIME_WORKER_LOST'));
    assert.equal(await pool.submit(echo, 'whole'), 'whole', `descriptor ${descriptor}`);
  }
});
