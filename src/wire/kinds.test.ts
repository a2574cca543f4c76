import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fields, NotCloneableError, type Parcel, sharedBytes, travels, WireError } from '../core/index.js';
import { Arrivals } from './arrivals.js';
import { registerKind } from './kinds.js';
import { decode } from './marks.js';
import { enveloped } from './message.js';
import { notCloneable } from './not-cloneable.js';
import { encode, needsCode } from './value.js';

class Counter {
  readonly memory: SharedArrayBuffer;
  readonly next: unknown;

  constructor(memory = new SharedArrayBuffer(4), next: unknown = undefined) {
    this.memory = memory;
    this.next = next;
  }

  [travels](): Parcel {
    return { kind: 'tests/Counter', parts: { memory: this.memory, next: this.next }, only: 'threads', instead: 'use a file' };
  }
}
registerKind(
  'tests/Counter',
  fields({ memory: sharedBytes(4), next: () => undefined }),
  ({ memory, next }: { memory: SharedArrayBuffer; next: unknown }) => new Counter(memory, next),
);

class Here {
  [travels](): never {
    throw new NotCloneableError('a Here, which is of here: use a There');
  }
}

const cross = (value: unknown): unknown => decode(structuredClone(encode(value)));

test('a handle arrives as itself, at any depth, and once where it was once', () => {
  const counter = new Counter();
  new Int32Array(counter.memory)[0] = 7;
  const value = { list: [counter], map: new Map([['k', { counter }]]), set: new Set([counter]), fault: new Error('x', { cause: counter }) };
  assert.ok(needsCode(value));
  const got = cross(value) as typeof value;
  const arrived = got.list[0];
  assert.ok(arrived instanceof Counter);
  assert.equal(got.map.get('k')?.counter, arrived);
  assert.ok(got.set.has(arrived));
  assert.equal(got.fault.cause, arrived);
  const words = new Int32Array(arrived.memory);
  assert.equal(words[0], 7);
  words[0] = 8;
  assert.equal(new Int32Array(counter.memory)[0], 8);
});

test('a handle inside a handle arrives too', () => {
  const got = cross(new Counter(undefined, { inner: new Counter() })) as Counter;
  assert.ok((got.next as { inner: unknown }).inner instanceof Counter);
});

test('what only looks like a handle arrives as it is', () => {
  const value = { '@meantime': 'handle', kind: 'tests/Counter', parts: {} };
  assert.deepEqual(cross(value), value);
});

test('a handle that cannot go there is named, with its place and what to use instead', () => {
  const because = (value: unknown, cause: unknown) => notCloneable('The call of f', [value], () => 'argument 1', cause).message;
  assert.match(
    because({ a: [new Counter()] }, new Error('#<SharedArrayBuffer> could not be cloned.')),
    /argument 1\.a\[0\] is a Counter, which only threads of one process can share: use a file/,
  );
  assert.match(because(new Map([['k', new Here()]]), new Error('x')), /a value of argument 1 is a Here, which is of here: use a There/);
  assert.throws(() => encode(new Here()), NotCloneableError);
});

test('a kind that nobody knows is an error of the wire', () => {
  const placeholder = {};
  assert.throws(() => decode([placeholder, [[], [[placeholder, 'tests/Nobody', 1]]]]), WireError);
});

test('where nothing has to be loaded, messages are taken at once', () => {
  const seen: unknown[] = [];
  const broken: unknown[] = [];
  const arrivals = new Arrivals(
    ([kind, ...parts]) => seen.push([kind, ...parts.map((part) => (part as object).constructor.name)]),
    (error) => broken.push(error),
  );
  arrivals.receive([1, 5]);
  const [error, marks] = encode(new Error('x'));
  arrivals.receive(enveloped([2, error], marks));
  assert.deepEqual(seen, [
    [1, 'Number'],
    [2, 'Error'],
  ]);
  const [handle, itsMarks] = encode(new Counter());
  arrivals.receive(enveloped([3, handle], itsMarks));
  arrivals.receive([4, 5]);
  let idle = false;
  arrivals.whenIdle(() => {
    idle = true;
  });
  assert.ok(idle);
  assert.deepEqual(seen.slice(2), [
    [3, 'Counter'],
    [4, 'Number'],
  ]);
  const nobody = {};
  arrivals.receive(enveloped([5, nobody], [[], [[nobody, 'tests/Nobody', {}]]]));
  assert.equal(seen.length, 4);
  assert.ok(broken.length === 1 && broken[0] instanceof WireError);
});
