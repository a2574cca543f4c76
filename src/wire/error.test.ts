import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CancelledError, MeantimeError, NotPortableError, TimeoutError, WorkerLostError } from '../core/index.js';
import { decode, encode } from './value.js';

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
  assert.deepEqual([back.name, back.message], ['Odd', '5']);
  assert.match(String(back.stack), /Odd: 5/);
});
