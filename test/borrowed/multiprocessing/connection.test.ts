// After CPython 3.13.0, Lib/test/_test_multiprocessing.py (PSF-2.0): Pipe, Connection, Listener and Client. `tryReceive` and `waiting` are poll().
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { after, before } from 'node:test';
import { type Connection, connect, Listener, ProcessPoolExecutor, pipe } from 'meantime/processes';
import { until } from '../../fixtures/calls/pools.js';
import { Ledger } from '../ledger.js';
import { client, echoes, sendAndDie, sendAndEnd, speakThroughReceived } from './far.js';

let pool: ProcessPoolExecutor;
before(() => {
  pool = new ProcessPoolExecutor({ workers: 2 });
});
after(() => pool.shutdown({ grace: 0 }));

const descriptors = 'descriptors of files do not travel; the end of a pipe does, and a listener has an address';
const bytes = 'messages are values: bytes are one of them';
const families = 'one family of addresses on each system: Unix sockets, or named pipes';
const ledger = new Ledger(
  {
    source: 'CPython 3.13.0, Lib/test/_test_multiprocessing.py, of connections',
    licence: 'PSF-2.0',
    tests: {
      _TestConnection:
        'test_connection test_duplex_false test_spawn_close test_sendbytes test_fd_transfer test_large_fd_transfer test_missing_fd_transfer test_context',
      _TestListener: 'test_multiple_bind test_context test_empty_authkey test_abstract_socket',
      _TestListenerClient: 'test_listener_client test_issue14725 test_issue16955',
      _TestPoll: 'test_empty_string test_strings test_boundaries test_dont_merge',
      _TestPicklingConnections: 'test_pickling test_access',
      _TestPollEintr: 'test_poll_eintr',
      TestInvalidHandle: 'test_invalid_handles',
      OtherTest: 'test_deliver_challenge_auth_failure test_answer_challenge_auth_failure',
      ChallengeResponseTest: 'test_challengeresponse',
      TestWait: 'test_wait test_wait_socket test_wait_slow test_wait_socket_slow test_wait_timeout test_wait_integer test_neg_timeout',
      TestInvalidFamily: 'test_invalid_family test_invalid_family_win32',
    },
    leftOut: {
      '_TestConnection.test_duplex_false': 'an end that only sends is one from which nobody receives',
      '_TestConnection.test_sendbytes': bytes,
      '_TestConnection.test_fd_transfer': descriptors,
      '_TestConnection.test_large_fd_transfer': descriptors,
      '_TestConnection.test_missing_fd_transfer': descriptors,
      '_TestListener.test_abstract_socket': 'an abstract socket has no mode that would keep other users out',
      '_TestPicklingConnections.test_access': descriptors,
      _TestPollEintr: 'no call is interrupted by a signal',
      TestInvalidHandle: 'no handles that are numbers',
      'TestWait.test_wait_socket': 'sockets are for the event loop, which waits for all',
      'TestWait.test_wait_socket_slow': 'sockets are for the event loop, which waits for all',
      'TestWait.test_wait_integer': 'no handles that are numbers',
      TestInvalidFamily: families,
    },
  },
  [{ name: 'Connection' }],
);

ledger.take('_TestConnection.test_connection', 'messages of all sizes come back, and the end of the stream', async () => {
  const [here, there] = pipe<unknown>();
  const echo = pool.submit(echoes, there);
  const messages = [
    1,
    'hello world',
    [1, 1.75, { a: null }],
    new Uint8Array(0),
    new Uint8Array(1e6).map((_, i) => i),
    '',
    'x'.repeat(200_000),
  ];
  for (const message of messages) {
    await here.send(message);
    assert.deepEqual(await here.receive(), message);
  }
  assert.equal(here.tryReceive(), undefined);
  await assert.rejects(async () => await here.receive({ timeout: 50 }), { name: 'TimeoutError' });
  await here.close();
  assert.equal(await echo, messages.length);
  assert.throws(() => here.send(1).result(), { code: 'MEANTIME_CONNECTION_CLOSED' });
});

ledger.take(
  '_TestConnection.test_spawn_close',
  'an end that was passed on and is dropped there does not close that of the others',
  async () => {
    const [here, there] = pipe<unknown>();
    const end = pool.submit(sendAndEnd, there, ['hello']);
    assert.equal(await here.receive(), 'hello');
    await end;
    await assert.rejects(async () => await here.receive(), { code: 'MEANTIME_CONNECTION_CLOSED' });
  },
);

ledger.take('_TestConnection.test_context', 'closed with the block that holds it', async () => {
  const [a, b] = pipe<number>();
  {
    await using here = a;
    await here.send(1729);
    assert.equal(await b.receive(), 1729);
  }
  assert.equal(a.closed, true);
  await assert.rejects(async () => await b.receive(), { code: 'MEANTIME_CONNECTION_CLOSED' });
});

ledger.take(
  ['_TestPoll.test_empty_string', '_TestPoll.test_strings', '_TestPoll.test_boundaries', '_TestPoll.test_dont_merge'],
  'messages keep their borders, empty ones too',
  async () => {
    const [here, there] = pipe<string>();
    assert.deepEqual([here.waiting, here.tryReceive()], [0, undefined]);
    const messages = ['', 'hello', '', 'bye', 'a', ' ', ''];
    await pool.submit(sendAndEnd, there as Connection<unknown>, messages);
    await until('all have come', () => here.waiting === messages.length);
    const got: string[] = [];
    for await (const message of here) got.push(message);
    assert.deepEqual(got, messages);
  },
);

ledger.take('_TestPicklingConnections.test_pickling', 'the end of a pipe goes through a pipe', async () => {
  const [here, there] = pipe<unknown>();
  const [mine, yours] = pipe<string>();
  const speaking = pool.submit(speakThroughReceived as (c: Connection<unknown>) => Promise<void>, there);
  await here.send(yours);
  assert.equal(await mine.receive(), 'through what was received');
  await speaking;
  await here.close();
});

ledger.take(['TestWait.test_wait', 'TestWait.test_wait_slow'], 'of several that are waited for, whichever has something', async () => {
  const all = Array.from({ length: 4 }, () => pipe<number>());
  const got: number[] = [];
  const reading = all.map(async ([here], i) => {
    for await (const n of here) got.push(10 * i + n);
  });
  for (let n = 0; n < 5; n++) for (const [, there] of all) await there.send(n);
  await Promise.all(all.map(([, there]) => there.close()));
  await Promise.all(reading);
  assert.deepEqual(
    got.sort((a, b) => a - b),
    all.flatMap((_, i) => [0, 1, 2, 3, 4].map((n) => 10 * i + n)),
  );
});

ledger.take(['TestWait.test_wait_timeout', 'TestWait.test_neg_timeout'], 'a time that is over, and one that is none', async () => {
  const [here] = pipe<number>();
  const began = performance.now();
  await assert.rejects(async () => await here.receive({ timeout: 100 }), { name: 'TimeoutError' });
  assert.ok(performance.now() - began >= 60);
  await assert.rejects(async () => await here.receive({ timeout: -1 }), { code: 'MEANTIME_OPTION' });
  await here.close();
});

ledger.take('_TestListener.test_multiple_bind', 'where one listens no other can', async () => {
  await using first = await Listener.open({ key: randomBytes(32) });
  await assert.rejects(async () => await Listener.open({ key: randomBytes(32), path: first.path }), { code: 'MEANTIME_OPTION' });
});

ledger.take('_TestListener.test_context', 'closed with its block, and the file of its socket is gone', async () => {
  let path: string;
  {
    await using listener = await Listener.open({ key: randomBytes(32) });
    path = listener.path;
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
  }
  assert.equal(process.platform !== 'win32' && existsSync(path), false);
  await assert.rejects(async () => await connect(path, { key: randomBytes(32) }), { code: 'MEANTIME_CONNECTION_CLOSED' });
});

ledger.take('_TestListener.test_empty_authkey', 'a key that is none, or too short', async () => {
  for (const key of [new Uint8Array(0), randomBytes(8), undefined as never])
    await assert.rejects(async () => await Listener.open({ key }), { code: 'MEANTIME_OPTION' });
});

ledger.take(
  ['_TestListenerClient.test_listener_client', 'ChallengeResponseTest.test_challengeresponse'],
  'processes that know the key talk',
  async () => {
    const key = randomBytes(32);
    await using listener = await Listener.open({ key });
    const answer = pool.submit(client, listener.path, key, 'hello');
    await using connection = await listener.accept<string, unknown>();
    assert.equal(await connection.receive(), 'hello');
    await connection.send({ and: 'goodbye' });
    assert.deepEqual(await answer, { and: 'goodbye' });
  },
);

ledger.take('_TestListenerClient.test_issue14725', 'one who connects, speaks and is gone is heard all the same', async () => {
  const key = randomBytes(32);
  await using listener = await Listener.open({ key });
  const there = await connect(listener.path, { key });
  await there.send('hello');
  await there.close();
  await using connection = await listener.accept();
  assert.equal(await connection.receive(), 'hello');
});

ledger.take('_TestListenerClient.test_issue16955', 'what is there at once is found at once', async () => {
  const key = randomBytes(32);
  await using listener = await Listener.open({ key });
  const [accepted, here] = await Promise.all([listener.accept<string>(), connect(listener.path, { key })]);
  await accepted.send('hello');
  assert.equal(await here.receive({ timeout: 5000 }), 'hello');
  await Promise.all([accepted.close(), here.close()]);
});

ledger.take('OtherTest.test_answer_challenge_auth_failure', 'another key is refused on both sides', async () => {
  const refused: Error[] = [];
  await using listener = await Listener.open({ key: randomBytes(32), onRefused: (error) => refused.push(error) });
  await assert.rejects(async () => await connect(listener.path, { key: randomBytes(32) }), { code: 'MEANTIME_AUTHENTICATION' });
  await until('it was told', () => refused.length > 0);
  assert.equal((refused[0] as { code?: string }).code, 'MEANTIME_AUTHENTICATION');
});

ledger.take('OtherTest.test_deliver_challenge_auth_failure', 'something bogus instead of an answer', async () => {
  const refused: Error[] = [];
  await using listener = await Listener.open({ key: randomBytes(32), onRefused: (error) => refused.push(error) });
  const socket = connectSocket(listener.path);
  socket.on('error', () => undefined); // it is closed by the other side, which is what is looked for
  socket.resume();
  socket.write(Buffer.from('something bogus'.repeat(100)));
  await new Promise((resolve) => socket.once('close', resolve));
  await until('it was told', () => refused.length > 0);
});

// Python has no such test: there whoever waits for a killed process hangs.
ledger.also('what a killed process had sent is received, then the stream is at its end', async () => {
  const [here, there] = pipe<unknown>();
  const death = assert.rejects(async () => await pool.submit(sendAndDie, there, 'last words'), { code: 'MEANTIME_WORKER_LOST' });
  assert.equal(await here.receive(), 'last words');
  await assert.rejects(async () => await here.receive(), { code: 'MEANTIME_CONNECTION_CLOSED' });
  await death;
});

ledger.account();
