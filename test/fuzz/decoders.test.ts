import { deserialize, serialize } from 'node:v8';
import { campaign, inside, refusesAtMost } from './campaign.js';
import { type Lots, mutate, mutateBytes } from './mutate.js';

/*
 * All that makes values of bytes, or of what structured clone made: a WireError, or a value, and
 * neither an abort nor a wait.
 */

const { FrameReader, writeFrame } = await inside('wire/frames.js');
const { refIn } = await inside('wire/function-ref.js');
const { readBatch, writeBatch } = await inside('processes/connection/batch.js');
const { pack, unpack } = await inside('processes/connection/packed.js');
const { faultOf } = await inside('processes/hub/messages.js');
const { sizeOf } = await inside('processes/hub/size-of.js');

const seeds: readonly unknown[] = [
  [0, 1.5, 0, 'a result', 1, { nested: [1, 2, { three: 3 }] }],
  [1, 0, 0, new Float64Array([1, 2, 3]), 3],
  [5, 0, [new Map([[1, 2]]), new Set(['x']), new Date(0), /x/g, 10n, -0, Number.NaN]],
  [0, 1, 0, Buffer.from('bytes'), 1, new Uint16Array(4), 2, 'ü'.repeat(50)],
  [0, 1, 0, Object.assign(new Error('an error'), { code: 'E', at: [1, 2] })],
  [0, 1, 0, { a: [[[[1]]]], b: { c: { d: [] } } }],
];
const pickOne = <T>(lots: Lots, from: readonly T[]): T => from[Math.floor(lots() * from.length)];

const frames: Buffer[] = seeds.map((seed) => writeFrame(seed));
campaign({
  name: 'frames of processes',
  count: 230_000,
  one(lots) {
    const bytes = mutateBytes(pickOne(lots, frames), lots);
    const reader = new FrameReader(() => undefined, { most: 2 ** 20 });
    const cut = Math.floor(lots() * bytes.length);
    refusesAtMost(() => {
      reader.push(bytes.subarray(0, cut));
      reader.push(bytes.subarray(cut));
    });
  },
});

/** The contents of frames of a hub, or of a connection. */
const batches: Buffer[] = [
  [0, 7, 1, undefined, 1, 1, 'id', undefined, 3, 1, 0, [0, 1, 0, undefined, -3, 1, 0, undefined]],
  [2, 1, 1, [1, 'object', 'method', Buffer.from([0, 255, 15, 65, 0, 36, 0, 0])], 5, 1, 0, undefined],
  [3, 1, 0, Buffer.alloc(9000, 1), 3, 1, 0, { plain: [1, 'two', null] }],
].map((items) => Buffer.concat(writeBatch(items)).subarray(4));
campaign({
  name: 'frames of hubs and connections',
  count: 230_000,
  one(lots) {
    const bytes = mutateBytes(pickOne(lots, batches), lots);
    let items: unknown[];
    try {
      items = readBatch(bytes);
    } catch {
      return; // the frame's reader makes a WireError of whatever it is
    }
    refusesAtMost(() => {
      faultOf(items, 5, 1);
      for (const item of items) sizeOf(item);
      writeBatch(items); // what was read can be passed on
    });
  },
});

const packed: Buffer[] = seeds
  .map((seed) => pack('The value', seed, 2 ** 20).packed)
  .concat([pack('The value', new Map([[1, 2]]), 2 ** 20).packed])
  .filter((bytes) => Buffer.isBuffer(bytes));
campaign({
  name: 'packed values',
  count: 230_000,
  one(lots) {
    refusesAtMost(() => unpack(mutateBytes(pickOne(lots, packed), lots)));
  },
});

const coded = packed.filter((bytes) => bytes[0] === 1);
campaign({
  name: 'parts of packed values',
  count: 10_000,
  one(lots) {
    let bytes: Buffer;
    try {
      let value: unknown = deserialize(pickOne(lots, coded).subarray(1));
      for (let times = 1 + Math.floor(lots() * 3); times > 0; times--) value = mutate(value, lots);
      bytes = Buffer.concat([coded[0].subarray(0, 1), serialize(value)]);
    } catch {
      return; // nobody can write that
    }
    if (bytes.length < 1e5) refusesAtMost(() => unpack(bytes));
  },
});

const refs = [
  JSON.stringify({ kind: 'export', url: 'file:///a.mjs', path: ['a', 'b'], name: 'b' }),
  JSON.stringify({ kind: 'source', source: '() => 1', name: 'f' }),
];
campaign({
  name: 'references of functions',
  count: 30_000,
  one(lots) {
    const text = pickOne(lots, refs);
    refusesAtMost(() => refIn(lots() < 0.5 ? mutateBytes(Buffer.from(text), lots).toString() : asText(mutate(JSON.parse(text), lots))));
  },
});

/** JSON, or whatever comes nearest to it. */
function asText(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part) => (Array.isArray(part) && part.length > 1000 ? [] : part)) ?? '';
  } catch {
    return typeof value;
  }
}
