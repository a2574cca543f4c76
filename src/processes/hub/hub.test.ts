import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { after, test } from 'node:test';
import { ConnectionClosedError, WireError } from '../../core/index.js';
import { FutureSource } from '../../futures/index.js';
import { writeBatch } from '../connection/batch.js';
import { hold, release } from '../connection/hold.js';
import { pack, unpack } from '../connection/packed.js';
import { hub } from './hub.js';
import { openChannel } from './hub-client.js';
import { ToHub, type Where } from './messages.js';
import type { Answer, Peer, Service } from './service.js';

after(() => hub.close());

/** A service that notes what it is told. Others can wait for what comes. */
class Notes implements Service {
  readonly seen: unknown[] = [];
  readonly answers: Answer[] = [];
  readonly peers: Peer[] = [];
  #wake: (() => void) | undefined;

  note(what: unknown): void {
    this.seen.push(what);
    this.#wake?.();
  }

  async until(is: () => boolean): Promise<void> {
    hold();
    while (!is()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    release();
  }

  opened(peer: Peer, body: unknown): void {
    if (body === 'refuse me') throw new RangeError('not you');
    this.peers.push(peer);
    this.note(['opened', body]);
  }

  asked(peer: Peer, body: unknown, answer: Answer): void {
    if (body === 'boom') throw new RangeError('boom');
    answer.onCancel = () => this.note(['cancelled', body]);
    if (Array.isArray(body) && body[0] === 'later') this.answers.push(answer);
    else if (body === 'who') answer.ok(peer.connection.pid);
    else answer.ok(body);
    this.note(['asked', body]);
  }

  told(peer: Peer, body: unknown, kind: number): void {
    if (body === 'bad') throw new WireError('what is that');
    peer.tell(body, kind + 1);
    this.note(['told', body, kind]);
  }

  closed(_peer: Peer): void {
    this.note(['closed']);
  }
}

/** The address as another process has it: this thread's own hub is reached by its socket, too. */
const far = (service: Service): Where => hub.where(hub.host(service));

/** Another process that opens a channel and does something with it. */
function peer(where: Where, body: string) {
  const client = new URL('./hub-client.js', import.meta.url).href;
  const script = `
    const { openChannel } = await import(${JSON.stringify(client)});
    const [path, key, id] = ${JSON.stringify([where[0], [...where[1]], where[2]])};
    const where = [path, new Uint8Array(key), id];
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, exit: once(child, 'exit'), line: async () => String((await once(child.stdout, 'data'))[0]).trim() };
}

test('asked, told and answered, out of order; errors arrive as themselves', async () => {
  const notes = new Notes();
  const told: unknown[] = [];
  const channel = openChannel(far(notes), ['hello', 1], { told: (body, kind) => told.push([body, kind]) });
  const [first, second] = [channel.ask(['later', 1]), channel.ask(['later', 2])];
  const third = channel.ask('now');
  channel.tell('hey', 7);
  assert.equal(await third, 'now');
  notes.answers[1].ok('b');
  assert.equal(await second, 'b');
  notes.answers[0].fail(Object.assign(new RangeError('no'), { code: 'E_NO' }));
  await assert.rejects(async () => await first, { name: 'RangeError', message: 'no', code: 'E_NO' });
  await assert.rejects(async () => await channel.ask('boom'), { name: 'RangeError', message: 'boom' });
  const value = { any: [1, new Map()] };
  assert.deepEqual(unpack(await channel.ask(['keeps', pack('It', value, 1000).packed].slice(1)[0])), value);
  assert.deepEqual(told, [['hey', 8]]);
  assert.deepEqual(notes.seen.slice(0, 2), [
    ['opened', ['hello', 1]],
    ['asked', ['later', 1]],
  ]);
  channel.close();
  await notes.until(() => notes.seen.some((s) => (s as unknown[])[0] === 'closed'));
  await assert.rejects(async () => await channel.ask('x'), { name: 'ConnectionClosedError' });
});

test('a request that is cut off is taken out over there, or its answer goes to late: one of the two', async () => {
  const notes = new Notes();
  const channel = openChannel(far(notes), 0, {});
  const late: unknown[] = [];
  const out = channel.ask(['later', 'out'], { late: (body) => late.push(body) });
  await notes.until(() => notes.answers.length === 1);
  out.cancel('no more');
  await assert.rejects(async () => await out, { name: 'AbortError', message: /no more/ });
  await notes.until(() => notes.seen.length === 3);
  assert.deepEqual(notes.seen[2], ['cancelled', ['later', 'out']]);
  assert.ok(notes.answers[0].over);
  notes.answers[0].ok('too late'); // says nothing
  // Both in one turn: the answer is on its way when the request is cut off.
  const crossed = channel.ask(['later', 'crossed'], { late: (body) => late.push(body) });
  await notes.until(() => notes.answers.length === 2);
  notes.answers[1].ok('given');
  crossed.cancel();
  assert.equal(await channel.ask('ping'), 'ping');
  assert.deepEqual(late, ['given']);
  await assert.rejects(async () => await crossed, { name: 'AbortError' });
  await assert.rejects(async () => await channel.ask(['later', 'slow'], { timeout: 1, doing: 'Lock.acquire' }), {
    name: 'TimeoutError',
    message: 'Lock.acquire was not over after 1 ms',
  });
  channel.close();
});

test('a channel that is refused, and one to what is gone, say why', async () => {
  const notes = new Notes();
  const why = new FutureSource<Error>();
  const refused = openChannel(far(notes), 'refuse me', { closed: (error) => why.fulfil(error) });
  await assert.rejects(async () => await refused.ask('x'), {
    name: 'ConnectionClosedError',
    message: /The other side has closed this \(not you\)/,
  });
  assert.ok((await why.future) instanceof ConnectionClosedError);
  const [path, key] = far(notes);
  const nobody = openChannel([path, key, '99999.AAAAAAAAAAAAAAAAAAAAAA'], 0, {});
  await assert.rejects(async () => await nobody.ask('x'), {
    name: 'ConnectionClosedError',
    message: /What this handle stands for is gone/,
  });
  assert.deepEqual(notes.seen, []);
  const stranger = openChannel([path.replace(/.$/, 'x'), key, '1.x'], 0, {});
  await assert.rejects(async () => await stranger.ask('x'), {
    name: 'ConnectionClosedError',
    message: /The process where this lives is gone \(.*ENOENT/,
  });
});

test('a wrong key reaches nothing', async () => {
  const [path, , id] = far(new Notes());
  const channel = openChannel([path, randomBytes(32), id], 0, {});
  await assert.rejects(async () => await channel.ask('x'), { name: 'ConnectionClosedError', message: /did not accept the key/ });
});

test('a service that ends, or throws at a message, closes its channels; the others of that connection live', async () => {
  const [one, two] = [new Notes(), new Notes()];
  const where = far(one);
  const ends: string[] = [];
  const a = openChannel(where, 0, { closed: (error) => ends.push(error.message) });
  const b = openChannel(far(two), 0, { closed: (error) => ends.push(error.message) });
  b.tell('bad');
  await assert.rejects(async () => await b.ask('x'), { message: /what is that/ });
  const waits = a.ask(['later']);
  await one.until(() => one.answers.length === 1);
  hub.unhost(where[2], new Error('all gone'));
  await assert.rejects(async () => await waits, { name: 'ConnectionClosedError', message: /all gone/ });
  assert.equal(ends.length, 2);
  assert.equal(one.seen.at(-1)?.toString(), 'closed');
  assert.equal(hub.local(where), undefined);
  const c = openChannel(far(two), 0, {});
  assert.equal(await c.ask('still'), 'still');
  c.close();
});

test('whose process is killed has its requests cancelled and its channels closed, each once', async () => {
  const notes = new Notes();
  const other = new Notes();
  const { child, exit } = peer(
    far(notes),
    `const a = openChannel(where, 'a', {}); const b = openChannel([path, where[1], ${JSON.stringify(hub.host(other))}], 'b', {});
     a.ask(['later', 'x']); b.ask(['later', 'y']); await b.ask('who');`,
  );
  await Promise.all([notes.until(() => notes.answers.length === 1), other.until(() => other.answers.length === 1)]);
  assert.equal(notes.peers[0].connection, other.peers[0].connection);
  assert.equal(notes.peers[0].connection.pid, child.pid);
  child.kill('SIGKILL');
  await exit;
  await Promise.all([notes.until(() => notes.seen.length === 4), other.until(() => other.seen.length >= 4)]);
  assert.deepEqual(notes.seen, [['opened', 'a'], ['asked', ['later', 'x']], ['cancelled', ['later', 'x']], ['closed']]);
  assert.deepEqual(
    other.seen.filter((s) => (s as unknown[])[0] === 'closed'),
    [['closed']],
  );
  notes.answers[0].ok('nobody hears this');
  notes.peers[0].tell('nor this');
  notes.peers[0].close();
});

test('whose hub is killed is told: requests fail, and what is asked later, too', async () => {
  const modules = ['./hub.js', './hub-client.js'].map((name) => new URL(name, import.meta.url).href);
  const script = `
    const { hub } = await import(${JSON.stringify(modules[0])});
    const service = { asked(peer, body, answer) { if (body === 'ping') answer.ok('pong'); } };
    const [path, key, id] = hub.where(hub.host(service));
    console.log(JSON.stringify([path, [...key], id]));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const [path, key, id] = JSON.parse(String((await once(child.stdout, 'data'))[0]));
  const ends: string[] = [];
  const channel = openChannel([path, new Uint8Array(key), id], 0, { closed: (error) => ends.push(error.code) });
  assert.equal(await channel.ask('ping'), 'pong');
  const wait = channel.ask('never');
  child.kill('SIGKILL');
  await assert.rejects(async () => await wait, { name: 'ConnectionClosedError', message: /The process where this lives is gone/ });
  assert.deepEqual(ends, ['MEANTIME_CONNECTION_CLOSED']);
  await exit;
  await assert.rejects(async () => await openChannel([path, new Uint8Array(key), id], 0, {}).ask('x'), { name: 'ConnectionClosedError' });
});

test('an idle channel keeps neither side alive; one who waits is', async () => {
  const notes = new Notes();
  const idle = peer(far(notes), `const a = openChannel(where, 'idle', {}); await a.ask('x'); console.log('done');`);
  assert.deepEqual(await idle.exit, [0, null]);
  const waits = peer(far(notes), `const a = openChannel(where, 'waits', {}); await a.ask(['later']); console.log('answered');`);
  await notes.until(() => notes.answers.length === 1);
  const line = waits.line();
  notes.answers[0].ok();
  assert.equal(await line, 'answered');
  assert.deepEqual(await waits.exit, [0, null]);
});

test('a hub lets its process end when nobody waits for an answer, and not before', async () => {
  const module = new URL('./hub.js', import.meta.url).href;
  const start = (weak: boolean) =>
    spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `const { hub } = await import(${JSON.stringify(module)});
         const service = {
           opened() { clearInterval(holds); },
           asked(peer, body, answer) {
             if (body === 'ping') return answer.ok();
             if (${weak}) answer.weak();
             else setTimeout(() => answer.ok('in the end'), 200).unref();
           },
         };
         const holds = setInterval(() => {}, 1000);
         const [path, key, id] = hub.where(hub.host(service));
         console.log(JSON.stringify([path, [...key], id]));`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
  for (const weak of [false, true]) {
    const child = start(weak);
    const exit = once(child, 'exit');
    const [path, key, id] = JSON.parse(String((await once(child.stdout, 'data'))[0]));
    const channel = openChannel([path, new Uint8Array(key), id], 0, {});
    const wait = channel.ask('slow');
    if (weak) await assert.rejects(async () => await wait, { name: 'ConnectionClosedError' });
    else assert.equal(await wait, 'in the end');
    assert.deepEqual(await exit, [0, null]);
  }
});

test('what breaks the protocol ends that connection, and no other', async () => {
  const notes = new Notes();
  const [path, key, id] = far(notes);
  const good = openChannel([path, key, id], 'good', {});
  const raw = async (bytes: Uint8Array) => {
    const socket = connect(path);
    socket.on('error', () => {});
    const take = async (count: number): Promise<Buffer> => {
      for (;;) {
        const got = socket.read(count) as Buffer | null;
        if (got !== null) return got;
        await once(socket, 'readable');
      }
    };
    const hello = await take(40);
    const nonce = randomBytes(32);
    const mac = createHmac('sha256', key).update('meantime 2 client\0').update(hello.subarray(8)).update(nonce).digest();
    socket.write(Buffer.concat([Buffer.from('meantim2'), nonce, mac]));
    await take(33);
    socket.resume();
    const closed = once(socket, 'close');
    socket.write(bytes);
    await closed;
  };
  const batch = (...items: unknown[]) => Buffer.concat(writeBatch(items));
  await raw(Buffer.from([255, 255, 255, 255]));
  await raw(Buffer.from([8, 0, 0, 0, 4, 0, 0, 0, 9, 9, 9, 9]));
  await raw(batch(ToHub.OPEN, 1, id, 'raw', 77, 1, 0, 0));
  await raw(batch('OPEN', 1, id, 'raw'));
  await raw(batch(ToHub.OPEN, 1, id));
  await raw(batch(ToHub.OPEN, '1', id, 'raw'));
  await raw(batch(ToHub.OPEN, 1, id, 'raw', ToHub.OPEN, 1, id, 'again'));
  await raw(Buffer.concat(writeBatch(new Array(4_000_000_000)))); // a few bytes
  assert.equal(await good.ask('alive'), 'alive');
  good.close();
});

test('its socket is for this user only', { skip: process.platform === 'win32' && 'no modes on Windows' }, () => {
  const [path] = far(new Notes());
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
});

test('a connection goes with its last channel, and a thousand channels leave nothing', async () => {
  const notes = new Notes();
  const where = far(notes);
  const descriptors = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
  await openChannel(where, 0, {}).ask('first');
  const before = descriptors();
  for (let i = 0; i < 1000; i++) {
    const channel = openChannel(where, i, {});
    if (i % 10 === 0) assert.equal(await channel.ask(i), i);
    channel.close();
  }
  await notes.until(() => notes.seen.filter((s) => (s as unknown[])[0] === 'closed').length === 1000);
  assert.ok(descriptors() <= before + 2);
});

test('what large bodies bring is whole, in any mixture', async () => {
  const notes = new Notes();
  const channel = openChannel(far(notes), 0, {});
  const sizes = [0, 1, 8191, 8192, 65_536, 1_000_000, 20_000_000];
  const sent = sizes.map((size) => new Uint8Array(size).fill(size % 251));
  const got = await Promise.all(sent.map((bytes) => channel.ask(bytes, { size: bytes.length })));
  for (const [i, bytes] of got.entries()) assert.deepEqual(Buffer.from(bytes as Uint8Array), Buffer.from(sent[i]));
  channel.close();
});
