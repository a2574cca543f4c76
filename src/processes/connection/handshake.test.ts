import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { clock, useClock, VirtualClock } from '../../core/index.js';
import { Gate } from './gate.js';
import { introduce } from './handshake.js';
import { listenPrivately } from './socket-path.js';

const key = randomBytes(32);

/** A gate, and what it has told. */
function gate(within = 60_000) {
  const refused: Error[] = [];
  const admitted: Socket[] = [];
  let wake = () => {};
  const it = new Gate(key, within, {
    admitted: (socket) => {
      admitted.push(socket);
      wake();
    },
    refused: (error) => {
      refused.push(error);
      wake();
    },
  });
  it.opened(listenPrivately(it.server));
  const told = async (count: number) => {
    while (refused.length + admitted.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { path: it.path, refused, admitted, told, [Symbol.dispose]: () => it.close(true) };
}

/** Exactly so many bytes. */
async function read(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes !== null) return bytes;
    await once(socket, 'readable');
  }
}

const reply = (hello: Buffer, withKey: Uint8Array, role: string, nonce = randomBytes(32)) => {
  const mac = createHmac('sha256', withKey).update(`meantime 2 ${role}\0`).update(hello.subarray(8)).update(nonce).digest();
  return Buffer.concat([Buffer.from('meantim2'), nonce, mac]);
};

test('who knows the key is let in, and is shown that the other does', async () => {
  using door = gate();
  const socket = connect(door.path);
  const hello = await read(socket, 40);
  const nonce = randomBytes(32);
  socket.write(reply(hello, key, 'client', nonce));
  const verdict = await read(socket, 33);
  assert.equal(verdict[0], 1);
  assert.deepEqual(
    verdict.subarray(1),
    createHmac('sha256', key).update('meantime 2 server\0').update(hello.subarray(8)).update(nonce).digest(),
  );
  await door.told(1);
  assert.equal(door.admitted.length, 1);
  socket.destroy();
});

test('what comes together with the verdict is kept, however much it is', async () => {
  for (const length of [0, 1, 33, 100, 1000, 60_000]) {
    const message = randomBytes(length);
    const [nonce, server] = [randomBytes(32), createServer()];
    server.on('connection', async (socket) => {
      socket.write(Buffer.concat([Buffer.from('meantim2'), nonce]));
      const theirs = (await read(socket, 72)).subarray(8, 40);
      const mac = createHmac('sha256', key).update('meantime 2 server\0').update(nonce).update(theirs).digest();
      socket.end(Buffer.concat([Buffer.from([1]), mac, message]));
    });
    const { path, unlink } = listenPrivately(server);
    const socket = connect(path);
    const rest = await new Promise<Buffer>((resolve, reject) => {
      introduce(socket, key, 60_000, (error, rest) => (error ? reject(error) : resolve(rest)));
    });
    assert.deepEqual(Buffer.concat([rest, ...(await socket.toArray())]), message);
    server.close();
    unlink();
  }
});

test('another key, the role of the other side and what was said before are refused', async () => {
  using door = gate();
  const attempts: ((hello: Buffer) => Buffer)[] = [];
  attempts.push((hello) => reply(hello, randomBytes(32), 'client'));
  attempts.push((hello) => reply(hello, key, 'server'));
  let recorded = Buffer.alloc(0);
  attempts.push((hello) => {
    recorded = reply(hello, key, 'client'); // right, for this greeting
    return reply(hello, randomBytes(32), 'client');
  });
  attempts.push(() => recorded);
  for (const attempt of attempts) {
    const socket = connect(door.path);
    const hello = await read(socket, 40);
    socket.write(attempt(hello));
    assert.deepEqual(await read(socket, 33), Buffer.alloc(33));
    await once(socket, 'close');
  }
  assert.deepEqual(
    door.refused.map(({ name }) => name),
    Array(4).fill('AuthenticationError'),
  );
  assert.equal(door.admitted.length, 0);
});

test('an answer that is the greeting of the listener itself, sent back, opens nothing', async () => {
  using door = gate();
  // Somebody without the key stands between: what one connection says is said to the other.
  const [a, b] = [connect(door.path), connect(door.path)];
  const [helloA, helloB] = [await read(a, 40), await read(b, 40)];
  a.write(Buffer.concat([helloB, randomBytes(32)]));
  b.write(Buffer.concat([helloA, helloA.subarray(8)]));
  for (const socket of [a, b]) socket.resume();
  await Promise.all([once(a, 'close'), once(b, 'close')]);
  await door.told(2);
  assert.deepEqual(
    door.refused.map(({ name }) => name),
    ['AuthenticationError', 'AuthenticationError'],
  );
});

test('garbage, half a handshake and too much of one are errors with a name, and the next one is let in', async () => {
  using door = gate();
  const say = async (bytes: Buffer | string, end = false) => {
    const socket = connect(door.path);
    socket.on('error', () => {}); // it may be reset
    const hello = await read(socket, 40);
    if (end) socket.end(bytes);
    else socket.write(bytes);
    socket.resume();
    await once(socket, 'close');
    return hello;
  };
  await say('GET / HTTP/1.1\r\n\r\n');
  await say(randomBytes(100_000));
  await say('meantim2 and then half', true);
  await say('', true);
  await say(Buffer.concat([Buffer.from('meantim2'), Buffer.alloc(64), Buffer.from('x')]));
  await door.told(5);
  assert.deepEqual(
    door.refused.map(({ name }) => name),
    ['WireError', 'WireError', 'WireError', 'ConnectionClosedError', 'WireError'],
  );
  assert.match(door.refused[2].message, /in the middle of the handshake, after 22 of 72 bytes/);
  const socket = connect(door.path);
  const hello = await read(socket, 40);
  socket.write(reply(hello, key, 'client'));
  await door.told(6);
  assert.equal(door.admitted.length, 1);
  socket.destroy();
});

test('who says nothing is closed when its time is up', async () => {
  const restore = useClock(new VirtualClock());
  using door = gate(5000);
  const socket = connect(door.path);
  await read(socket, 40);
  socket.resume();
  clock.after(5000, () => undefined);
  await once(socket, 'close');
  restore();
  assert.equal(door.refused[0].name, 'TimeoutError');
});

test('strangers are few: when there are more than 64 the oldest goes, and who knows the key gets in, again and again', async () => {
  using door = gate();
  const silent: Socket[] = [];
  const more = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const stranger = connect(door.path);
      stranger.on('error', () => {}); // it may be reset
      silent.push(stranger);
      await read(stranger, 40);
    }
  };
  await more(64);
  const [oldest] = silent;
  const gone = once(oldest.resume(), 'close');
  for (let round = 1; round <= 20; round++) {
    const socket = connect(door.path);
    socket.write(reply(await read(socket, 40), key, 'client'));
    assert.equal((await read(socket, 33))[0], 1);
    socket.destroy();
    await more(5);
  }
  await gone;
  assert.equal(door.admitted.length, 20);
  assert.ok(door.refused.length >= 20, `${door.refused.length} were turned away`);
  for (const { name, message } of door.refused) assert.match(`${name}: ${message}`, /^ConnectionClosedError: 64 others came before/);
  for (const stranger of silent) stranger.destroy();
});

test('who greets with another version is refused with a sentence, on both sides', async () => {
  using door = gate();
  const socket = connect(door.path);
  await read(socket, 40);
  socket.write(Buffer.concat([Buffer.from('meantim1'), randomBytes(64)]));
  await once(socket.resume(), 'close');
  const server = createServer((socket) => socket.write(Buffer.concat([Buffer.from('meantim1'), randomBytes(32)])));
  const bound = listenPrivately(server);
  const older = connect(bound.path);
  const error = await new Promise<Error | undefined>((resolve) => introduce(older, key, 60_000, resolve));
  older.destroy();
  server.close();
  bound.unlink();
  for (const each of [door.refused[0], error]) {
    assert.equal(each?.name, 'WireError');
    assert.match(String(each?.message), /speaks version 1 .*, and this one version 2\. Both sides must run the same version of Meantime/);
  }
});

test('who connects finds out a listener that does not know the key, or is none', async () => {
  const { createServer } = await import('node:net');
  const answers = [
    // A right greeting, and a signature that is not.
    (socket: Socket) => {
      socket.write(Buffer.concat([Buffer.from('meantim2'), randomBytes(32)]));
      socket.once('data', () => socket.write(Buffer.concat([Buffer.from([1]), randomBytes(32)])));
    },
    // What the other side has signed, sent back.
    (socket: Socket) => {
      socket.write(Buffer.concat([Buffer.from('meantim2'), randomBytes(32)]));
      socket.once('data', (said: Buffer) => socket.write(Buffer.concat([Buffer.from([1]), said.subarray(40)])));
    },
    (socket: Socket) => socket.write('220 mail.example ESMTP\r\n'),
    (socket: Socket) => socket.end('mean'),
    (socket: Socket) => socket.end(),
  ];
  const seen: string[] = [];
  for (const answer of answers) {
    const server = createServer(answer);
    const bound = listenPrivately(server);
    const socket = connect(bound.path);
    const error = await new Promise<Error | undefined>((resolve) => introduce(socket, key, 60_000, resolve));
    seen.push(error?.name ?? 'let in');
    socket.destroy();
    server.close();
    bound.unlink();
  }
  assert.deepEqual(seen, ['AuthenticationError', 'AuthenticationError', 'WireError', 'WireError', 'ConnectionClosedError']);
});
