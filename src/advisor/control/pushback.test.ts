import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { isPushback } from './pushback.js';

const withCode = (code: string) => Object.assign(new Error(code), { code });

test('answers and codes that ask for less', () => {
  for (const status of [429, 502, 503, 504]) {
    for (const error of [{ status }, { statusCode: status }, { response: { status } }, { response: { statusCode: status } }])
      assert.equal(isPushback(Object.assign(new Error('x'), error)), true);
  }
  for (const code of [
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'EAI_AGAIN',
    'EMFILE',
    'ENFILE',
    'EPIPE',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
  ]) {
    assert.equal(isPushback(withCode(code)), true, code);
  }
  assert.equal(isPushback(AbortSignal.timeout(0).reason ?? new DOMException('late', 'TimeoutError')), true);
});

test('failures of the call itself are none', () => {
  const not = [
    new TypeError('x is not a function'),
    { status: 404 },
    { status: 500 },
    { statusCode: 200 },
    withCode('ENOENT'),
    new DOMException('stop', 'AbortError'),
  ];
  for (const error of [...not, undefined, null, 429, '429', 503n, Symbol('x'), () => 429, [], [503]])
    assert.equal(isPushback(error), false, String(error as string));
});

test('causes and collected errors count', () => {
  const refused = withCode('ECONNREFUSED');
  assert.equal(isPushback(new TypeError('fetch failed', { cause: refused })), true);
  assert.equal(isPushback(new Error('a', { cause: new Error('b', { cause: new AggregateError([new Error('c'), refused]) }) })), true);
  assert.equal(isPushback(new AggregateError([new Error('a'), new TypeError('b')])), false);
});

test('what Node really throws at a closed port', async () => {
  const error = await new Promise((resolve) => connect({ port: 1, host: '127.0.0.1' }).once('error', resolve));
  assert.equal(isPushback(error), true);
  const failed = await fetch('http://127.0.0.1:9').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  // Port 9 is one that fetch refuses to ask by itself, which is no push-back; any other closed port is.
  assert.equal(isPushback(failed), false);
});

test('hostile objects are survived', () => {
  const cycle: { cause?: unknown; errors?: unknown[] } = {};
  cycle.cause = cycle;
  cycle.errors = [cycle, cycle];
  const getters = Object.defineProperties(
    {},
    Object.fromEntries(
      ['name', 'code', 'status', 'statusCode', 'response', 'cause', 'errors'].map((key) => [
        key,
        {
          get() {
            throw new Error(key);
          },
        },
      ]),
    ),
  );
  const proxy = new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
    },
  );
  const { proxy: revoked, revoke } = Proxy.revocable([], {});
  revoke();
  const endless = new Proxy({}, { get: (_, key) => (key === 'cause' ? new Proxy({}, { get: () => new Error('more') }) : undefined) });
  const chain = Array.from({ length: 1000 }).reduce<unknown>((cause) => ({ cause }), withCode('EPIPE'));
  for (const error of [
    cycle,
    getters,
    proxy,
    revoked,
    { errors: revoked },
    { errors: { length: 1e9 } },
    { errors: new Array(1e9) },
    endless,
    chain,
  ])
    assert.equal(isPushback(error), false);
});
