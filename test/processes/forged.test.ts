import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Manager, ProcessLock, ProcessPoolExecutor, pipe, SharedMemory } from 'meantime/processes';
import { SharedArray, ThreadPoolExecutor } from 'meantime/threads';
import { add } from '../fixtures/calls/calls.js';
import { type Change, forgeFile, forgeOf, forgeSocket, partsOf, sendForged } from './forged-calls.js';

/*
 * Handles in parts that no handle of ours has, from a real worker. None of them may do anything: a
 * file whose content must not change, and servers that must see nobody, look.
 */

const isRoot = process.getuid?.() === 0;
const SECOND = 54_321;
const secret = 'a'.repeat(22);
const id = `1.${secret}`;
const object = id;
const ticket = randomUUID();
const key = new Uint8Array(32).fill(1);

/**
 * Handles that a worker sends, one to a message: each is refused where it is received, and the
 * messages behind it are not.
 */
async function refused(
  pool: ProcessPoolExecutor,
  forged: readonly (readonly [kind: string, parts: unknown, change?: Change])[],
): Promise<void> {
  const [here, there] = pipe<number>();
  const work = pool.submit(sendForged, there, forged);
  for (const [kind, parts, change] of forged) {
    const what = `${kind} ${say([parts, change])}`;
    const error = await here.receive().then(
      () => assert.fail(`${what} was taken`),
      (error: Error) => error,
    );
    assert.equal(error.name, 'WireError', `${what}: ${error.stack}`);
    assert.match(error.message, /came in parts of another form: expected /, what);
    assert.equal(await here.receive(), 7, `after ${what}`);
  }
  await work;
  await here.close();
}

const set = (name: string | number, ...values: unknown[]): Change[] => values.map((value) => ({ set: [name, value] }));
const drops = (...names: (string | number)[]): Change[] => names.map((drop) => ({ drop }));
const wholes: Change[] = [null, undefined, 7, 'text', [], {}, new Map(), new Uint8Array(4)].map((whole) => ({ whole }));
const noCounts = [0, -1, 1.5, Number.NaN, '3', 3n, null, undefined, [1], { valueOf: 1 }];
const say = (what: unknown): string =>
  JSON.stringify(what, (_, v) =>
    typeof v === 'bigint' ? `${v}n` : typeof v === 'string' && v.length > 200 ? `${v.length} characters` : v,
  );

test('a block of memory in forged parts', { timeout: 120_000 }, async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  const changes: Change[] = [
    ...wholes,
    ...drops('pid', 'fd', 'id', 'size', 'path', 'name'),
    { inherited: true },
    ...set('pid', ...noCounts, 'self', '1/../..', '../..', 2 ** 40, Number.POSITIVE_INFINITY),
    ...set('fd', -1, 1.5, '3', '../../../etc/passwd', '3/../../..', null, 2 ** 40),
    ...set('id', 5, '', 'x', '1:2:3', '1:-2', ['1:2'], null, '1:2\n', '9'.repeat(10_000)),
    ...set('size', ...noCounts, 2 ** 32 + 1, 2 ** 53, Number.POSITIVE_INFINITY),
    ...set(
      'path',
      5,
      '',
      '/etc/passwd',
      'meantime-x',
      '/dev/shm/../../etc/meantime-x',
      '/dev/shm/.x',
      '/dev/shm/a/b',
      '/dev/shm/',
      '/tmp/x',
    ),
    ...set('path', '/tmp/meantime-a\0b', '/tmp/meantime-a/../meantime-b', Buffer.from('/tmp/meantime-x'), ['/tmp/meantime-x'], null),
    ...set('name', 5, '', '../x', '.x', 'a/b', 'x'.repeat(201), 'nameless', null),
  ];
  const block = SharedMemory.create({ size: 100 });
  const parts = partsOf(block);
  await refused(
    pool,
    changes.map((change) => ['processes/SharedMemory', parts, change] as const),
  );
  block.close();
});

test('a block of memory that is another file: nothing is opened by its arrival, and nothing is done to it by its use', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'meantime-test-'));
  const before = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  await pool.submit(add, 1, 2);
  const inside = (name: string) => join(folder, name);
  writeFileSync(inside('canary'), 'a'.repeat(100));
  writeFileSync(inside('meantime-canary.txt'), 'a'.repeat(100), { mode: 0o600 });
  execFileSync('mkfifo', [inside('fifo')]);
  const paths = [inside('canary'), inside('fifo'), '/dev/null', '/dev/zero'];
  const theirs = '/dev/shm/meantime-test-theirs';
  if (isRoot && process.platform === 'linux') {
    writeFileSync(theirs, 'a'.repeat(100), { mode: 0o600 });
    chownSync(theirs, SECOND, SECOND);
    paths.push(theirs);
  } else t.diagnostic('not root on Linux: a file of another user was not tried');
  try {
    for (const path of paths) {
      const count = before();
      const { handle } = (await pool.submit(forgeFile, path, 10)) as { handle: SharedMemory };
      assert.equal(before(), count, `${path} was opened`);
      for (const use of [
        () => handle.write(Buffer.from('x'), 0),
        () => handle.read(),
        () => handle.buffer,
        () => handle.flush(),
        () => handle.unlink(),
      ])
        assert.throws(use, (error: Error) => /WireError|ConnectionClosedError/.test(error.name), path);
      assert.equal(before(), count, `${path} was left open`);
      await assert.rejects(pool.submit(add, handle as never, 1), { code: 'MEANTIME_NOT_CLONEABLE' });
    }
    const socket = (await pool.submit(forgeSocket)) as { handle: SharedMemory };
    assert.throws(() => socket.handle.read(), { code: 'MEANTIME_WIRE' });
    assert.equal(readFileSync(inside('canary'), 'utf8'), 'a'.repeat(100));
    if (paths.includes(theirs)) assert.equal(readFileSync(theirs, 'utf8'), 'a'.repeat(100));
  } finally {
    rmSync(theirs, { force: true });
    rmSync(folder, { recursive: true });
  }
});

test('a block that is smaller than it says is an error at its use, and no signal ends this process', async (t) => {
  if (process.platform !== 'linux') return t.skip('blocks by descriptor are Linux’s');
  const path = '/dev/shm/meantime-test-small';
  writeFileSync(path, 'a'.repeat(100), { mode: 0o600 });
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  try {
    for (const size of [101, 4097, 2 ** 30]) {
      const { handle } = (await pool.submit(forgeFile, path, size)) as { handle: SharedMemory };
      assert.equal(handle.size, size);
      assert.throws(() => handle.buffer, { code: 'MEANTIME_WIRE', message: /said to have \d+ bytes, and has 100/ });
    }
    const { handle } = (await pool.submit(forgeFile, path, 50)) as { handle: SharedMemory };
    truncateSync(path, 10); // between its arrival and its use
    assert.throws(() => handle.buffer, { code: 'MEANTIME_WIRE' });
  } finally {
    rmSync(path);
  }
});

/**
 * Every kind that says where its object lives, as this process makes it, and which part that is.
 */
const kinds: { kind: string; at: number | 'flat'; counted?: boolean }[] = [
  ...['ProcessLock', 'ProcessReentrantLock', 'ProcessEvent', 'ProcessCondition'].map((name) => ({ kind: `processes/${name}`, at: 0 })),
  ...['ProcessSemaphore', 'ProcessBarrier', 'ProcessQueue'].map((name) => ({ kind: `processes/${name}`, at: 0, counted: true })),
  { kind: 'processes/Connection', at: 'flat' },
  { kind: 'processes/Manager', at: 0 },
  { kind: 'processes/Remote', at: 0 },
];
const inParts = ({ kind, at, counted }: (typeof kinds)[number], where: readonly unknown[]): unknown => {
  if (at === 'flat') return [...where, 1];
  if (kind === 'processes/Manager') return [where, secret];
  if (kind === 'processes/Remote') return [where, object, 'Counter', ['add'], ticket];
  return counted ? [where, 3] : [where];
};

test('handles of what lives elsewhere, in forged parts: no address but that of a hub is taken', { timeout: 240_000 }, async () => {
  let seen = 0;
  const canary = createServer((socket) => {
    seen++;
    socket.destroy();
  });
  canary.listen(0, '127.0.0.1');
  await once(canary, 'listening');
  const { port } = canary.address() as AddressInfo;
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  const good = '/tmp/meantime-hub-abcdef/s';
  const paths = [
    ...[port, String(port), `127.0.0.1:${port}`, { host: '127.0.0.1', port }, { port }, { path: good }, [good], Buffer.from(good)],
    ...['', 's', 'meantime-hub-abcdef/s', './meantime-hub-abcdef/s', '/tmp/s', '/tmp/meantime-hub-abcdef/t', '/tmp/meantime-hub-/s'],
    ...[
      '/tmp/meantime-hub-abcdef/../s',
      '/tmp/../tmp/meantime-hub-abcdef/s',
      '/tmp//meantime-hub-abcdef/s',
      '/tmp/x-meantime-hub-abcdef/s',
    ],
    ...[`/tmp/a\0/meantime-hub-abcdef/s`, `/${'x'.repeat(100)}/meantime-hub-abcdef/s`, `${good}\n`, null, undefined],
  ];
  const forged: [kind: string, parts: unknown][] = [];
  for (const kind of kinds) {
    const wheres = [
      ...paths.map((path) => [path, key, id]),
      ...[undefined, null, 'x'.repeat(32), new Uint8Array(31), new Uint8Array(33), new ArrayBuffer(32), 7, new Uint16Array(16)].map((k) => [
        good,
        k,
        id,
      ]),
      ...[1, '1', '', '1.x', `${id}x`, `x${id}`, `1.${'/'.repeat(22)}`, null, undefined, [id]].map((i) => [good, key, i]),
      [],
      [good, key],
    ];
    forged.push(...wheres.map((where) => [kind.kind, inParts(kind, where)] as [string, unknown]));
    forged.push(...(wholes as { whole: unknown }[]).map(({ whole }) => [kind.kind, whole] as [string, unknown]));
    if (kind.counted) forged.push(...noCounts.map((count) => [kind.kind, [[good, key, id], count]] as [string, unknown]));
  }
  const where = [good, key, id];
  const remotes: unknown[][] = [
    ...[...noCounts, id.slice(1), `${id}x`].map((n) => [where, n, 'C', ['add'], ticket]),
    ...[7, null, undefined, ['C'], 'x'.repeat(10_001)].map((name) => [where, object, name, ['add'], ticket]),
    ...['add', 7, null, undefined, { 0: 'add', length: 1 }].map((methods) => [where, object, 'C', methods, ticket]),
    ...['then', 'constructor', '_private', '__proto__', 'toString', 'hasOwnProperty', 7, null, ['add']].map((name) => [
      where,
      1,
      'C',
      ['add', name],
      ticket,
    ]),
    [where, object, 'C', Object.assign([], { length: 10_001 }), ticket],
    [where, object, 'C', Object.assign([], { length: 100 }), ticket],
    ...['', '1', '1:0:1', ticket.slice(1), `${ticket}\n`, 7, null, undefined].map((ticket) => [where, object, 'C', ['add'], ticket]),
  ];
  forged.push(...remotes.map((parts) => ['processes/Remote', parts] as [string, unknown]));
  forged.push(...[...noCounts, secret.slice(1), `${secret}/`].map((s) => ['processes/Manager', [where, s]] as [string, unknown]));
  forged.push(...noCounts.map((journey) => ['processes/Connection', [...where, journey]] as [string, unknown]));
  await refused(pool, forged);
  canary.close();
  assert.equal(seen, 0);
});

/** The first use of a handle of that kind: it fails, and says why. */
const uses: Record<string, (handle: never) => PromiseLike<unknown>> = {
  'processes/ProcessLock': (lock: ProcessLock) => lock.acquire(),
  'processes/ProcessReentrantLock': (lock: ProcessLock) => lock.acquire(),
  'processes/ProcessEvent': (event: { wait(): PromiseLike<void> }) => event.wait(),
  'processes/ProcessCondition': (lock: ProcessLock) => lock.acquire(),
  'processes/ProcessSemaphore': (lock: ProcessLock) => lock.acquire(),
  'processes/ProcessBarrier': (event: { wait(): PromiseLike<void> }) => event.wait(),
  'processes/ProcessQueue': (queue: { get(): PromiseLike<unknown> }) => queue.get(),
  'processes/Connection': (end: { receive(): PromiseLike<unknown> }) => end.receive(),
  'processes/Manager': (manager: Manager) => manager.objects(),
  'processes/Remote': (counter: { add(n: number): PromiseLike<unknown> }) => counter.add(1),
};

test('a socket that only looks like that of a hub is not connected to, and one that is none before the first use', async (t) => {
  if (process.platform === 'win32') return t.skip('named pipes have no folders');
  const folder = mkdtempSync(join('/tmp', 'mt-'));
  let seen = 0;
  const servers: Server[] = [];
  const listen = async (path: string) => {
    const server = createServer((socket) => {
      seen++;
      socket.destroy();
    });
    server.listen(path);
    await once(server, 'listening');
    servers.push(server);
  };
  const make = async (name: string, mode = 0o700) => {
    const at = join(folder, `meantime-hub-${name}`);
    mkdirSync(at);
    await listen(join(at, 's'));
    chmodSync(at, mode);
    return at;
  };
  const bad = new Map([
    ['that others may enter', join(await make('public', 0o755), 's')],
    ['that a group may enter', join(await make('groups', 0o710), 's')],
  ]);
  const real = await make('secret');
  symlinkSync(real, join(folder, 'meantime-hub-linked'));
  bad.set('that is a link', join(folder, 'meantime-hub-linked', 's'));
  mkdirSync(join(folder, 'meantime-hub-inward'), { mode: 0o700 });
  symlinkSync(join(real, 's'), join(folder, 'meantime-hub-inward', 's'));
  bad.set('whose socket is a link', join(folder, 'meantime-hub-inward', 's'));
  mkdirSync(join(folder, 'meantime-hub-filled'), { mode: 0o700 });
  writeFileSync(join(folder, 'meantime-hub-filled', 's'), '');
  bad.set('whose socket is a file', join(folder, 'meantime-hub-filled', 's'));
  if (isRoot) {
    const theirs = await make('theirs');
    chownSync(theirs, SECOND, SECOND);
    bad.set('of another user', join(theirs, 's'));
    const socket = join(await make('owners'), 's');
    chownSync(socket, SECOND, SECOND);
    bad.set('whose socket is another user’s', socket);
  } else t.diagnostic('not root: folders and sockets of another user were not tried');
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  try {
    for (const kind of kinds) {
      for (const [what, path] of bad) {
        const { handle } = await pool.submit(forgeOf, kind.kind, inParts(kind, [path, key, id]));
        await assert.rejects(
          async () => await uses[kind.kind](handle as never),
          (error: Error) => {
            assert.equal(error.name, 'ConnectionClosedError', `${kind.kind}, a folder ${what}: ${error.stack}`);
            return true;
          },
        );
      }
      const { handle } = await pool.submit(forgeOf, kind.kind, inParts(kind, [join(real, 's'), key, id]));
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(seen, 0, `${kind.kind}: somebody was connected to`);
      (handle as Partial<Disposable>)[Symbol.dispose]?.();
    }
    assert.equal(seen, 0);
    const { handle } = await pool.submit(forgeOf, 'processes/ProcessLock', [[join(real, 's'), key, id]]);
    await assert.rejects(async () => await (handle as ProcessLock).acquire(), { name: 'ConnectionClosedError' });
    assert.equal(seen, 1, 'the first use connects');
  } finally {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  }
});

test('parts that are right are taken', async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  using lock = new ProcessLock();
  const { handle } = await pool.submit(forgeOf, 'processes/ProcessLock', partsOf(lock));
  const guard = await (handle as ProcessLock).acquire({ timeout: 5000 });
  assert.equal(await lock.tryAcquire(), undefined);
  guard.release();
});

const code = 'x() {} static { globalThis.forgedCodeHasRun = true } y';

test('processes: no handle of shared memory is taken from them, and no code in the names of fields runs', {
  timeout: 120_000,
}, async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  const forged: [string, unknown][] = [];
  for (const memory of [undefined, null, new ArrayBuffer(64), new Uint8Array(64), 7]) {
    for (const name of ['SharedBarrier', 'SharedEvent', 'SharedLock', 'SharedReentrantLock', 'SharedRwLock', 'SharedSemaphore'])
      forged.push([`threads/${name}`, memory]);
    for (const name of [
      'AtomicCell',
      'AtomicInt32',
      'AtomicBigInt64',
      'SharedArray',
      'struct',
      'StructArray',
      'SharedQueue',
      'SharedCondition',
    ])
      for (const field of [code, 'x']) {
        const struct = ['struct', [[field, 'i32']]];
        forged.push([`threads/${name}`, { kind: 'i32', memory, cells: memory, pages: memory, lock: 1, struct, at: 0, length: 1 }]);
      }
  }
  await refused(pool, forged);
  assert.equal('forgedCodeHasRun' in globalThis, false);
});

test('a thread that answers with a handle in forged parts fails that call, and its pool goes on', async () => {
  await using pool = new ThreadPoolExecutor({ workers: 1 });
  const memory = new SharedArray('u8', 64).view.buffer;
  for (const [kind, parts] of [
    ['threads/SharedLock', memory],
    ['threads/SharedQueue', { cells: memory, pages: memory }],
    ['threads/struct', { struct: ['struct', [[code, 'i32']]], memory, at: 0, length: 1 }],
    ['processes/ProcessLock', [['127.0.0.1:80', key, id]]],
  ] as const) {
    const error = await pool.submit(forgeOf, kind, parts).then(
      () => assert.fail(`${kind} was taken`),
      (error: Error) => error,
    );
    assert.match(`${error.message} ${(error.cause as Error | undefined)?.message}`, /came in parts of another form: expected /);
    assert.equal(await pool.submit(add, 1, 2), 3);
  }
  assert.equal('forgedCodeHasRun' in globalThis, false);
});
