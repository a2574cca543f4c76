import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { travels } from '../core/index.js';
import { decode, encode, missingKinds } from '../wire/index.js';
import { SharedArray, SharedCondition, SharedEvent, SharedLock, SharedQueue, struct } from './index.js';
import './handles.entry.js';

/* Parts of handles that no thread of ours sends: each is a WireError where it arrives. */

/** An object that says that it is a handle: of its class, as handles do. */
const forgedHandle = (kind: string, parts: unknown): object => Object.create({ [travels]: () => ({ kind, parts }) });

const arrive = (kind: string, parts: unknown): unknown => {
  const sent = structuredClone(encode(forgedHandle(kind, parts)));
  assert.equal(missingKinds(sent), undefined);
  return decode(sent);
};
const refused = (kind: string, parts: unknown, what = inspect(parts)): void =>
  assert.throws(
    () => arrive(kind, parts),
    { code: 'MEANTIME_WIRE', message: /came in parts of another form: expected / },
    `${kind}: ${what}`,
  );

const shared = (bytes: number, maxByteLength?: number) =>
  maxByteLength === undefined ? new SharedArrayBuffer(bytes) : new SharedArrayBuffer(bytes, { maxByteLength });
const strange: unknown[] = [null, undefined, 7, 'text', [], {}, new Map(), new Uint8Array(4), new ArrayBuffer(4096)];
const memories: unknown[] = [...strange, shared(0), shared(4), shared(2 ** 20), shared(64, 2 ** 20)];
const places: unknown[] = [-1, 1.5, Number.NaN, 65, 2 ** 40, '0', null, undefined, [0]];

/** Right parts, with one of them wrong, or missing. */
function each(kind: string, right: Record<string, unknown>, wrong: Record<string, readonly unknown[]>): void {
  arrive(kind, right);
  for (const whole of strange) refused(kind, whole);
  for (const name of Object.keys(right)) {
    const { [name]: _, ...rest } = right;
    refused(kind, rest, `without ${name}`);
    for (const value of wrong[name]) refused(kind, { ...right, [name]: value }, `${name}: ${inspect(value)}`);
  }
}

test('what is all in its memory: memory of its size, and no other', () => {
  for (const name of ['SharedBarrier', 'SharedEvent', 'SharedLock', 'SharedReentrantLock', 'SharedRwLock', 'SharedSemaphore'])
    for (const memory of memories) refused(`threads/${name}`, memory);
  const own = (handle: object) => (handle as unknown as Record<symbol, () => { parts: SharedArrayBuffer }>)[travels]().parts;
  assert.ok(arrive('threads/SharedLock', own(new SharedLock())) instanceof SharedLock);
  refused('threads/SharedSemaphore', own(new SharedCondition()), 'the parts of a condition');
});

test('a condition, a cell, an array', () => {
  const condition = new SharedCondition() as unknown as Record<symbol, () => { parts: { lock: SharedLock; memory: SharedArrayBuffer } }>;
  const { lock, memory } = condition[travels]().parts;
  each('threads/SharedCondition', { lock, memory }, { lock: [...strange, new SharedEvent()], memory: memories });
  const right = { memory: shared(64), at: 8 };
  const at = [...places, 1, 63, 64];
  const kind = ['f64', 'nope', '__proto__', 'constructor', ...strange];
  each('threads/AtomicInt32', { ...right, kind: 'i32' }, { memory: strange, at, kind: [...kind, 'u8'] });
  each('threads/AtomicBigInt64', { ...right, kind: 'i64' }, { memory: strange, at: [...at, 4], kind: [...kind, 'i32'] });
  each('threads/AtomicCell', { ...right, kind: 'u16' }, { memory: strange, at, kind });
  const array = new SharedArray('f64', 8).view.buffer;
  each(
    'threads/SharedArray',
    { kind: 'f64', memory: array, at: 8, length: 7 },
    { kind: ['bool', 'constructor', ...strange], memory: strange, at: [...places, 4, 16], length: [...places, 8, 2 ** 33] },
  );
});

test('a queue: memory that says another size than it has', () => {
  const queue = new SharedQueue(5) as unknown as Record<symbol, () => { parts: { cells: SharedArrayBuffer; pages: SharedArrayBuffer } }>;
  const { cells, pages } = queue[travels]().parts;
  const lies = [0, -1, 6, 2 ** 20 + 1, 2 ** 31 - 1].flatMap((value) =>
    [0, 1, 2].map((word) => {
      const copy = shared(cells.byteLength);
      const words = new Int32Array(copy);
      words.set(new Int32Array(cells));
      words[word] = value;
      return copy;
    }),
  );
  each('threads/SharedQueue', { cells, pages }, { cells: [...memories, ...lies], pages: [...memories, shared(pages.byteLength)] });
});

const code = 'x() {} static { globalThis.forgedCodeHasRun = true } y';
const deep = (depth: number): unknown => (depth === 0 ? 'i32' : ['struct', [['x', deep(depth - 1)]]]);
/**
 * Small as it is sent, since what is in it twice is sent once; without end for who goes through it.
 */
const doubling = (depth: number): unknown => {
  let type: unknown = 'i8';
  for (let i = 0; i < depth; i++) {
    type = [
      'struct',
      [
        ['a', type],
        ['b', type],
      ],
    ];
  }
  return type;
};
const noTypes: unknown[] = [
  ...['i33', '__proto__', 7, null, code, [], ['text'], ['text', 0], ['text', '4'], ['text', 4, 4], ['array', 'i32'], ['array', code, 1]],
  ...[0, -1, 1.5, 2 ** 32, '1'].map((n) => ['array', 'i32', n]),
  ...[
    ['array', 'bool', 1],
    ['array', ['text', 1], 1],
    ['struct', [[code, 'i32']]],
    ['array', ['struct', [[code, 'i32']]], 1],
  ],
];
const noStructs: unknown[] = [
  ...[null, 7, 'i32', [], ['struct'], ['struct', []], ['struct', {}], ['struct', [[]]], ['struct', [['x']]], ['struct', [['x', 'i32', 1]]]],
  ...[code, 'x-y', '', '1', 'atomic', 'constructor', '__proto__', 'set', 7, null, ['x']].map((name) => ['struct', [[name, 'i32']]]),
  ...noTypes.map((type) => ['struct', [['x', type]]]),
  [
    'struct',
    [
      ['x', 'i32'],
      ['x', 'i32'],
    ],
  ],
  deep(40),
  doubling(30),
];

test('records: descriptions of structs, of which source text is made', () => {
  const description = [
    'struct',
    [
      ['x', 'i32'],
      ['y', ['array', ['struct', [['z', 'f64']]], 2]],
      ['t', ['text', 5]],
    ],
  ];
  const memory = shared(128);
  const right = { struct: description, memory, at: 8, length: 1 };
  const wrong = { struct: noStructs, memory: strange, at: [...places, 4, 120], length: [...places, 5] };
  for (const kind of ['threads/struct', 'threads/StructArray']) each(kind, right, wrong);
  const Real = struct({ x: 'i32', n: { z: 'u8' } });
  const record = structuredClone(encode(Real.over(memory, 8)));
  assert.deepEqual((decode(record) as { toJSON(): unknown }).toJSON(), { x: 0, n: { z: 0 } });
  assert.equal('forgedCodeHasRun' in globalThis, false);
});
