import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect as open } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Connection, connect, Listener } from 'meantime/processes';
import { run, withTimeout } from 'meantime/tasks';

const key = randomBytes(32);
const unix = process.platform !== 'win32';
const program = fileURLToPath(new URL('../../../test/fixtures/processes/peer.mjs', import.meta.url));

const peer = (path: string, ...args: (string | number)[]): ChildProcess =>
  spawn(process.execPath, [program, path, key.toString('hex'), ...args.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });

/** A directory that goes with the block. */
function directory() {
  const path = mkdtempSync(join(tmpdir(), 'meantime-test-'));
  return { path, at: (name: string) => join(path, name), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const all = async <T>(connection: Connection<T>): Promise<T[]> => {
  const got: T[] = [];
  for await (const message of connection) got.push(message);
  return got;
};

test('two processes talk: what is sent arrives in order, and as it was', async () => {
  await using listener = await Listener.open({ key });
  const child = peer(listener.path, 'echo');
  const exit = once(child, 'exit');
  await using connection = await listener.accept();
  const values = [
    1,
    'two',
    null,
    undefined,
    { three: [4, { five: new Map([[6, new Set([7n])]]) }] },
    new Uint8Array(100_000).fill(8),
    new Date(9),
  ];
  for (const value of values) await connection.send(value);
  const got: unknown[] = [];
  for (const _ of values) got.push(await connection.receive());
  assert.deepEqual(got, values);
  await connection.send(Object.assign(new RangeError('far'), { code: 'E_FAR' }));
  const error = (await connection.receive()) as RangeError & { code: string };
  assert.ok(error instanceof RangeError);
  assert.equal(error.code, 'E_FAR');
  await connection.close();
  assert.deepEqual(await exit, [0, null]);
});

test('the end of the stream comes after all that was sent: closed, ended by itself, or killed', async () => {
  await using listener = await Listener.open({ key });
  for (const [what, kill] of [
    ['say', false],
    ['say and end', false],
    ['say and wait', true],
  ] as const) {
    const child = peer(listener.path, what, 2000);
    const exit = once(child, 'exit');
    const connection = await listener.accept<number>();
    const got: number[] = [];
    for await (const n of connection) {
      got.push(n);
      if (kill && got.length === 2000) child.kill('SIGKILL');
    }
    assert.deepEqual(
      got,
      Array.from({ length: 2000 }, (_, i) => i),
      what,
    );
    assert.ok(connection.closed);
    await assert.rejects(async () => await connection.receive(), { name: 'ConnectionClosedError', code: 'MEANTIME_CONNECTION_CLOSED' });
    assert.throws(() => connection.tryReceive(), { name: 'ConnectionClosedError' });
    await assert.rejects(async () => await connection.send(1), { name: 'ConnectionClosedError' });
    await exit;
  }
});

test('to send to one that is dead costs nothing of what it had said', async () => {
  await using listener = await Listener.open({ key });
  const child = peer(listener.path, 'blocks and end', 100);
  const exit = once(child, 'exit');
  const connection = await listener.accept<Uint8Array | string>();
  await exit;
  assert.ok(connection.waiting < 100); // the rest is in the system's buffer
  await connection.send('is anybody there?');
  await new Promise(setImmediate);
  const got = (await all(connection)) as Uint8Array[];
  assert.deepEqual(
    got.map((bytes) => bytes[0]),
    Array.from({ length: 100 }, (_, i) => i),
  );
  await assert.rejects(async () => await connection.send('no'), { name: 'ConnectionClosedError' });
});

test('who waits to receive is told when the other side is killed', async () => {
  await using listener = await Listener.open({ key });
  const child = peer(listener.path, 'echo');
  const exit = once(child, 'exit');
  const connection = await listener.accept();
  const waits = [connection.receive(), connection.receive()];
  const step = connection[Symbol.asyncIterator]().next();
  child.kill('SIGKILL');
  for (const wait of waits)
    await assert.rejects(async () => await wait, { name: 'ConnectionClosedError', message: /the other side of this connection is gone/ });
  assert.deepEqual(await step, { done: true, value: undefined });
  await exit;
});

test('a connection that nobody waits for does not keep a process alive', async () => {
  await using listener = await Listener.open({ key });
  const child = peer(listener.path, 'idle');
  const exit = once(child, 'exit');
  const connection = await listener.accept();
  assert.equal(await connection.receive(), 'ready');
  assert.deepEqual(await exit, [0, null]);
  await connection.close();
});

test('who knows another key is refused, on both sides, and the next is let in', async () => {
  const refused: Error[] = [];
  await using listener = await Listener.open({ key, onRefused: (error) => refused.push(error) });
  await assert.rejects(async () => await connect(listener.path, { key: randomBytes(32) }), {
    name: 'AuthenticationError',
    code: 'MEANTIME_AUTHENTICATION',
    message: /The listener did not accept the key/,
  });
  assert.deepEqual(
    refused.map(({ name, message }) => [name, message]),
    [['AuthenticationError', 'The other side does not know the key']],
  );
  const [there, here] = await Promise.all([listener.accept(), connect(listener.path, { key })]);
  await here.send('in');
  assert.equal(await there.receive(), 'in');
  await here.close();
  await there.close();
});

test('nobody else may open the socket: mode 0600, in a directory of mode 0700 unless the path was given', {
  skip: !unix && 'no modes on Windows',
}, async () => {
  using folder = directory();
  // Every state that the directory goes through is looked at: there must be none in which the socket is open to others.
  const modes = new Set<string>();
  const { watch } = await import('node:fs');
  let seen = () => {};
  const looked = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const watcher = watch(folder.path, () => {
    seen();
    for (const name of readdirSync(folder.path)) {
      const stat = lstatSync(join(folder.path, name), { throwIfNoEntry: false });
      if (stat) modes.add(`${stat.isDirectory() ? 'directory' : 'socket'} ${(stat.mode & 0o777).toString(8)}`);
    }
  });
  const mask = process.umask(0);
  const fresh = await Listener.open({ key });
  const named = await Listener.open({ key, path: folder.at('a.sock') });
  process.umask(mask);
  assert.equal(lstatSync(fresh.path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(fresh.path)).mode & 0o777, 0o700);
  assert.equal(lstatSync(named.path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder.path), ['a.sock']);
  await looked;
  watcher.close();
  for (const mode of modes) assert.ok(mode === 'directory 700' || mode === 'socket 600', mode);
  await fresh.close();
  await named.close();
  assert.ok(!existsSync(dirname(fresh.path)));
  assert.deepEqual(readdirSync(folder.path), []);
});

test('a socket that a killed process left is taken over; one that is in use, and a file that is none, are not', {
  skip: !unix && 'pipes leave nothing on Windows',
}, async () => {
  using folder = directory();
  const path = folder.at('it.sock');
  const script = `const { Listener } = await import('meantime/processes');
    const l = await Listener.open({ path: ${JSON.stringify(path)}, key: 'x'.repeat(16) }); console.log('up'); await l.accept();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  await assert.rejects(async () => await Listener.open({ path, key }), { name: 'OptionError', message: /another process listens at/ });
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  assert.ok(existsSync(path));
  const listener = await Listener.open({ path, key });
  const [there, here] = await Promise.all([listener.accept(), connect(path, { key })]);
  await Promise.all([here.close(), there.close()]);
  await listener.close();
  assert.ok(!existsSync(path));
  writeFileSync(path, 'precious');
  await assert.rejects(async () => await Listener.open({ path, key }), { name: 'OptionError', message: /is there, and is no socket/ });
  assert.equal(readFileSync(path, 'utf8'), 'precious');
  assert.deepEqual(readdirSync(folder.path), ['it.sock']);
});

test('its file goes at process.exit, too', { skip: !unix && 'pipes leave nothing on Windows' }, async () => {
  using folder = directory();
  const script = `const { Listener } = await import('meantime/processes'); const key = 'x'.repeat(16);
    await Listener.open({ path: ${JSON.stringify(folder.at('s'))}, key }); console.log((await Listener.open({ key })).path); process.exit(0);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const close = once(child, 'close');
  const [path] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  await close;
  assert.deepEqual(readdirSync(folder.path), []);
  assert.ok(!existsSync(dirname(String(path).trim())));
});

test('after the handshake, too, garbage and what is too large end that connection by name, and no other', async () => {
  const { createHmac } = await import('node:crypto');
  await using listener = await Listener.open({ key, maxMessage: 1000 });
  /** Somebody who knows the key, and speaks as it pleases. */
  const raw = async () => {
    const socket = open(listener.path);
    const take = async (count: number): Promise<Buffer> => {
      for (;;) {
        const bytes = socket.read(count) as Buffer | null;
        if (bytes !== null) return bytes;
        await once(socket, 'readable');
      }
    };
    const hello = await take(40);
    const nonce = randomBytes(32);
    const mac = createHmac('sha256', key).update('meantime 2 client\0').update(hello.subarray(8)).update(nonce).digest();
    socket.write(Buffer.concat([Buffer.from('meantim2'), nonce, mac]));
    await take(33);
    socket.resume();
    socket.on('error', () => {});
    return { socket, connection: await listener.accept() };
  };
  const [good, fine] = await Promise.all([listener.accept(), connect(listener.path, { key })]);
  const huge = Buffer.alloc(4);
  huge.writeUInt32LE(2 ** 31, 0);
  for (const [bytes, end, name] of [
    [Buffer.from([8, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]), false, 'WireError'],
    [randomBytes(4096).fill(0, 0, 8), false, 'WireError'],
    [Buffer.from([100, 0, 0, 0, 1, 2, 3]), true, 'WireError'],
    [Buffer.from([100, 0]), true, 'WireError'],
    [huge, false, 'TooLargeError'],
  ] as const) {
    const { socket, connection } = await raw();
    const closed = once(socket, 'close');
    if (end) socket.end(bytes);
    else socket.write(bytes);
    await assert.rejects(async () => await connection.receive(), { name });
    await assert.rejects(async () => await all(connection), { name });
    await assert.rejects(async () => await connection.send(1), { name: 'ConnectionClosedError' });
    await closed;
  }
  await fine.send('still here');
  assert.equal(await good.receive(), 'still here');
  await assert.rejects(async () => await fine.send('x'.repeat(100_000_000)), { name: 'TooLargeError', code: 'MEANTIME_TOO_LARGE' });
  await fine.send('and here');
  assert.equal(await good.receive(), 'and here');
  await Promise.all([fine.close(), good.close()]);
});

test('what cannot be sent is refused, and nothing of it is', async () => {
  await using listener = await Listener.open({ key });
  const [there, here] = await Promise.all([listener.accept(), connect(listener.path, { key })]);
  await assert.rejects(async () => await here.send({ f: () => 1 }), { name: 'NotCloneableError', code: 'MEANTIME_NOT_CLONEABLE' });
  await assert.rejects(async () => await here.send(there), {
    name: 'NotCloneableError',
    message: /of this process: pass an end of pipe\(\)/,
  });
  await here.send('next');
  assert.equal(await there.receive(), 'next');
  assert.equal(there.tryReceive(), undefined);
  await Promise.all([here.close(), there.close()]);
});

test('who waits can be cut off: by a timeout, a signal, its future or its task; and no message is lost by it', async () => {
  await using listener = await Listener.open({ key });
  const [there, here] = await Promise.all([listener.accept(), connect(listener.path, { key })]);
  await assert.rejects(async () => await there.receive({ timeout: 1 }), { name: 'TimeoutError', code: 'MEANTIME_TIMEOUT' });
  const control = new AbortController();
  const aborted = there.receive({ signal: control.signal });
  control.abort();
  await assert.rejects(async () => await aborted, { name: 'AbortError' });
  await assert.rejects(async () => await there.receive({ signal: control.signal }), { name: 'AbortError' });
  const cancelled = there.receive();
  assert.ok(cancelled.cancel());
  await assert.rejects(async () => await cancelled, { name: 'AbortError' });
  await assert.rejects(async () => await run(() => withTimeout(1, () => there.receive())), { name: 'TimeoutError' });
  await assert.rejects(async () => await listener.accept({ timeout: 1 }), { name: 'TimeoutError' });
  const accepting = listener.accept();
  accepting.cancel();
  await assert.rejects(async () => await accepting, { name: 'AbortError' });
  await here.send('whole');
  assert.equal(await there.receive(), 'whole');
  await Promise.all([here.close(), there.close()]);
});

test('options that make no sense are refused by name', async () => {
  const wrong = (make: () => unknown, message: RegExp) => assert.throws(make, { name: 'OptionError', code: 'MEANTIME_OPTION', message });
  wrong(() => Listener.open({ key: 'short' }), /"key" expects text or bytes, at least 16 bytes.*got a string$/);
  wrong(() => Listener.open({} as never), /"key" expects text or bytes,.* got undefined/);
  wrong(() => Listener.open({ key, maxMessage: 0 }), /"maxMessage" expects a whole number from 1/);
  wrong(() => Listener.open({ key, pat: 'x' } as never), /no option "pat".*path/);
  wrong(() => connect('/x', {} as never), /"key" expects text or bytes/);
  wrong(() => connect(5 as never, { key }), /connect expects a path, got a number/);
  wrong(() => connect('/x', { key, timeout: -1 }), /"timeout" expects/);
  if (unix)
    await assert.rejects(async () => await Listener.open({ key, path: `/tmp/${'x'.repeat(200)}` }), {
      name: 'OptionError',
      message: /may have 103 bytes/,
    });
  if (unix)
    await assert.rejects(async () => await Listener.open({ key, path: '/no/such/folder/s' }), {
      name: 'OptionError',
      message: /cannot make a socket beside/,
    });
  await assert.rejects(async () => await connect('/nobody/here', { key }), { name: 'ConnectionClosedError', message: /ENOENT|ENOENT/ });
});

test('a listener that is closed refuses who waits and ends its loop; who was accepted goes on', async () => {
  const listener = await Listener.open({ key });
  const here = connect(listener.path, { key });
  const seen: Connection[] = [];
  const loop = (async () => {
    for await (const connection of listener) {
      seen.push(connection);
      const waits = listener.accept();
      await listener.close();
      await assert.rejects(async () => await waits, { name: 'ConnectionClosedError', message: /this listener is closed/ });
    }
  })();
  const connection = await here;
  await loop;
  await connection.send('still');
  assert.equal(await seen[0].receive(), 'still');
  await assert.rejects(async () => await listener.accept(), { name: 'ConnectionClosedError' });
  await assert.rejects(async () => await connect(listener.path, { key }), { name: 'ConnectionClosedError' });
  await listener.close();
  await Promise.all([connection.close(), seen[0].close()]);
});

test('a thousand connections come and go, and leave no file descriptor', {
  skip: process.platform !== 'linux' && 'descriptors are counted in /proc',
}, async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const listener = await Listener.open({ key });
  const once = async () => {
    const [there, here] = await Promise.all([listener.accept(), connect(listener.path, { key })]);
    await here.send(1);
    await there.receive();
    await here.close();
    assert.deepEqual(await all(there), []);
    await there.close();
  };
  await once();
  const before = descriptors();
  for (let i = 0; i < 1000; i += 10) await Promise.all(Array.from({ length: 10 }, once));
  assert.ok(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
  await listener.close();
});

test('a sender whose receiver takes nothing waits, and its memory stays bounded', async () => {
  await using listener = await Listener.open({ key });
  const child = peer(listener.path, 'flood', 200);
  const exit = once(child, 'exit');
  const connection = await listener.accept<Uint8Array>();
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  const { sent, memory } = JSON.parse(String(line)) as { sent: number; memory: number };
  assert.ok(sent < 10, `${sent} MB were on their way`);
  assert.ok(memory < 60 * 2 ** 20, `${memory} bytes in use`);
  assert.ok(connection.waiting < 5);
  let got = 0;
  for await (const bytes of connection) got += bytes.length;
  assert.equal(got, 200 * 2 ** 20);
  await exit;
});
