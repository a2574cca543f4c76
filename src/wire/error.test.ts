import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as vm from 'node:vm';
import fc from 'fast-check';
import * as core from '../core/index.js';
import { CancelledError, errorClasses, MeantimeError, NotPortableError, TimeoutError, WorkerLostError } from '../core/index.js';
import { decode } from './marks.js';
import { encode, encodeFailure } from './value.js';

function cross<E extends Error>(error: E): E {
  return decode(structuredClone(encode(error))) as E;
}

const builtIn = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

test('message, stack, name, cause and own properties of any built-in error come back', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...builtIn),
      fc.string(),
      fc.string(),
      fc.option(fc.jsonValue(), { nil: undefined }),
      (Class, message, name, cause) => {
        const error = Object.assign(new Class(message, cause === undefined ? {} : { cause }), { code: 'E', detail: { name } });
        if (name !== '') error.name = name;
        const back = cross(error);
        assert.ok(back instanceof Class);
        assert.equal(Object.getPrototypeOf(back), Class.prototype);
        assert.deepEqual([back.message, back.name, back.stack], [error.message, error.name, error.stack]);
        assert.deepEqual([back.code, back.detail, back.cause], [error.code, error.detail, error.cause]);
        assert.equal('cause' in back, 'cause' in error);
      },
    ),
  );
});

test('an error of another class arrives as the nearest one that both sides have, with its own name', () => {
  class Base extends RangeError {}
  class Own extends Base {
    override readonly name = 'Own';
  }
  const back = cross(new Own('o'));
  assert.equal(Object.getPrototypeOf(back), RangeError.prototype);
  assert.deepEqual([back.name, back.message], ['Own', 'o']);
});

test('an AggregateError keeps its errors, and what merely has errors keeps them, too', () => {
  const back = cross(new AggregateError([new RangeError('one'), 2, new AggregateError([new TypeError('deep')])], 'all'));
  assert.ok(back instanceof AggregateError && back.errors[0] instanceof RangeError);
  assert.equal(back.errors[1], 2);
  assert.ok(back.errors[2].errors[0] instanceof TypeError);
  const odd = cross(Object.assign(new Error('odd'), { errors: [new RangeError('inside')] }));
  assert.ok(odd.errors[0] instanceof RangeError);
});

test("Meantime's own errors arrive as themselves, with what they carry", () => {
  const lost = cross(new WorkerLostError('lost', { exitCode: null, signal: 'SIGKILL', stderr: 'last' }, { cause: new Error('why') }));
  assert.ok(lost instanceof WorkerLostError && lost instanceof MeantimeError);
  assert.deepEqual([lost.code, lost.exitCode, lost.signal, lost.stderr], ['MEANTIME_WORKER_LOST', null, 'SIGKILL', 'last']);
  assert.ok(cross(new TimeoutError('late')) instanceof TimeoutError);
  const cancelled = cross(new CancelledError('c', { reason: { why: 1 } }));
  assert.deepEqual([cancelled.name, cancelled.code, cancelled.reason], ['AbortError', 'ABORT_ERR', { why: 1 }]);
  assert.deepEqual(cross(new NotPortableError('n', { freeVariables: ['x'] })).freeVariables, ['x']);
});

test('a DOMException stays one', () => {
  const back = cross(new DOMException('gone', 'NotFoundError'));
  assert.ok(back instanceof DOMException);
  assert.deepEqual([back.name, back.message, back.code], ['NotFoundError', 'gone', 8]);
});

test('odd errors do no harm: no stack, a message that is no text, a name that is a getter', () => {
  const odd = new Error('odd');
  Object.defineProperties(odd, { stack: { value: undefined }, message: { value: 5 }, name: { get: () => 'Odd' } });
  const back = cross(odd);
  assert.deepEqual([back.name, back.message], ['Odd', 5]);
  assert.match(String(back.stack), /Odd: 5/);
});

test('every class of errors of this package is one that both sides have', () => {
  const all = Object.values(core).filter((value) => typeof value === 'function' && value.prototype instanceof MeantimeError);
  assert.deepEqual(new Set<unknown>(errorClasses), new Set<unknown>([MeantimeError, ...all]));
});

test('instanceof holds for a class that only the sender has, if it is derived from one of this package', () => {
  class Refused extends MeantimeError {
    static override readonly label: string = 'Refused';
  }
  const back = cross(new Refused('no'));
  assert.ok(back instanceof Refused && back instanceof MeantimeError);
  assert.ok(!((back as unknown) instanceof TimeoutError));
});

/** Every own property but the stack: its value, and whether it is enumerable. */
function ownOf(error: Error): Record<string, unknown> {
  const own = Object.create(null) as Record<string, unknown>;
  for (const key of Reflect.ownKeys(error)) {
    if (key === 'stack') continue;
    const { enumerable } = Object.getOwnPropertyDescriptor(error, key) as PropertyDescriptor;
    own[String(key)] = [(error as unknown as Record<PropertyKey, unknown>)[key], enumerable];
  }
  return own;
}

const names = [
  'message',
  'name',
  'cause',
  'code',
  'errors',
  'constructor',
  'toString',
  'then',
  '__proto__',
  'own',
  '@meantime',
  'class',
  '0',
];
const key = fc.oneof(fc.constantFrom(...names), fc.string(), fc.string().map(Symbol.for));
const value = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  fc.constantFrom(undefined, null, -0, Number.NaN, new RangeError('inside')),
);
const property = fc.record({ key, value, enumerable: fc.boolean(), getter: fc.boolean() });
const make = fc.constantFrom<() => Error>(
  () => new Error('m'),
  () => new TypeError('m', { cause: 1 }),
  () => new AggregateError([new URIError('one'), 2], 'm'),
  () => new (class Own extends AggregateError {})(['one']),
  () => new WorkerLostError('m', { exitCode: 1, signal: null, stderr: '' }),
  () => new DOMException('m', 'NotFoundError'),
);

test('own properties arrive, whatever they are called, whatever is in them, and as enumerable as they were', () => {
  fc.assert(
    fc.property(make, fc.array(property), fc.boolean(), (makeError, properties, frozen) => {
      const error = makeError();
      for (const { key, value, enumerable, getter } of properties) {
        if (key === 'stack') continue;
        const how = getter ? { get: () => value } : { value, writable: true };
        Object.defineProperty(error, key, { ...how, enumerable, configurable: true });
      }
      if (frozen) Object.freeze(error);
      for (const carrier of ['clone', 'bytes', 'data'] as const) {
        const back = decode(structuredClone(encode(error, carrier))) as Error;
        // The outcome of structured clone for the values is not tested here.
        const expected = decode(structuredClone(encode(ownOf(error), carrier)));
        assert.deepEqual(decode(structuredClone(encode(ownOf(back), carrier))), expected);
        assert.equal(back.stack, error.stack);
      }
    }),
  );
});

test('what cannot travel is told in its own place, and nothing else of the error is lost', () => {
  const shared = new SharedArrayBuffer(8);
  const error = Object.assign(new Error('kept'), {
    code: 'KEPT',
    fn: function handler() {},
    symbol: Symbol('s'),
    deep: { list: [1, { fn() {} }] },
    promise: Promise.resolve(),
    url: new URL('http://localhost/'),
    weak: new WeakMap(),
    proxy: new Proxy({}, { getOwnPropertyDescriptor: () => raise(), ownKeys: () => raise(), get: () => raise() }),
    shared,
    after: [1],
    toString: () => 'own',
  }) as unknown as Error & Record<string, unknown>;
  Object.defineProperty(error, 'getter', { get: () => raise(), enumerable: true });
  Object.defineProperty(error, Symbol('nobody knows it'), { value: 1 });
  error.self = error;
  error.around = { error };
  const back = cross(error);
  assert.deepEqual([back.message, back.code, back.after, back.stack], ['kept', 'KEPT', [1], error.stack]);
  assert.ok(back.shared instanceof SharedArrayBuffer);
  assert.equal(back.self, back);
  assert.equal((back.around as { error: unknown }).error, back);
  assert.equal(back.fn, '[function handler: could not travel]');
  assert.equal(back.getter, '[cannot be read (thrown by a trap)]');
  assert.match(String(back.url), /a URL would arrive empty/);
  for (const name of ['symbol', 'deep', 'promise', 'weak']) assert.match(String(back[name]), /^\[.*could not travel/, name);
  assert.match(String(back.proxy), /^\[/);
  assert.equal(String(back), 'Error: kept', 'the method that the function shadowed');
  const bytes = decode(structuredClone(encode(error, 'bytes'))) as typeof error;
  assert.match(String(bytes.shared), /could not travel/);
  assert.deepEqual([bytes.message, bytes.after], ['kept', [1]]);

  function raise(): never {
    throw new Error('thrown by a trap');
  }
});

test('a part that failed leaves nothing half made: what it led to arrives by another way', () => {
  const common = { n: 1, inner: new RangeError('common') };
  const error = Object.assign(new Error('e'), { bad: { common, fn() {} }, good: common });
  const back = cross(error);
  assert.match(String(back.bad), /could not travel/);
  assert.equal(back.good.n, 1);
  assert.ok(back.good.inner instanceof RangeError);
});

test('what a class defines for all its errors travels with each', () => {
  class Coded extends Error {
    get code() {
      return 'FROM_CLASS';
    }
    get errors() {
      return [new RangeError('of the class')];
    }
    override get message() {
      return 'of the class';
    }
  }
  Coded.prototype.name = 'Coded';
  const back = cross(new Coded());
  assert.deepEqual([back.name, back.message, back.code], ['Coded', 'of the class', 'FROM_CLASS']);
  assert.ok(back.errors[0] instanceof RangeError);
  assert.deepEqual(Object.keys(back), []);
});

test('an error of another realm arrives as one of this', () => {
  const back = cross(vm.runInNewContext("Object.assign(new TypeError('there', { cause: 1 }), { code: 'E', list: [1] })") as Error);
  assert.ok(back instanceof TypeError);
  assert.deepEqual(ownOf(back), ownOf(Object.assign(new TypeError('there', { cause: 1 }), { code: 'E', list: [1] })));
});

test('of causes without end, those that a message can hold arrive', () => {
  let error = new Error('innermost');
  for (let i = 0; i < 5000; i++) error = new Error(`around ${i}`, { cause: error });
  let depth = 0;
  for (let back: unknown = cross(error); back instanceof Error; back = back.cause) depth++;
  assert.ok(depth >= 100 && depth < 5000, `${depth}`);
});

test('whatever is thrown, something arrives that says what it was', () => {
  const hostile = new Proxy(new Error('e'), { ownKeys: () => assert.fail('ownKeys') });
  const thrown: unknown[] = [
    undefined,
    null,
    0,
    1n,
    'text',
    Symbol('s'),
    () => 1,
    { fn() {} },
    Promise.resolve(),
    new URL('http://localhost/'),
  ];
  for (const value of [...thrown, hostile, Object.create(null), new (class Own {})(), Object.setPrototypeOf(new Error('e'), null)]) {
    for (const carrier of ['clone', 'bytes', 'data'] as const) decode(structuredClone(encodeFailure(value, 'What was thrown', carrier)));
  }
  assert.match(
    String(decode(encodeFailure(() => 1, 'What was thrown'))),
    /NotCloneableError: What was thrown cannot travel: it is a function/,
  );
});
