import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, Listener, ProcessLock, ProcessPoolExecutor, SharedMemory } from 'meantime/processes';
import { add } from '../fixtures/calls/calls.js';
import { until } from '../fixtures/calls/pools.js';
import { partsOf } from './forged-calls.js';

/* A real second user of this machine, beside a program that was started under umask 000. */

const isRoot = process.getuid?.() === 0;
const skip = !(isRoot && process.platform === 'linux') && 'a second user is to be had by root on Linux';
const SECOND = { uid: 54_321, gid: 54_321 };
const program = readFileSync(fileURLToPath(new URL('../../../test/fixtures/processes/second-user.mjs', import.meta.url)), 'utf8');

async function asSecond(ways: object): Promise<Record<string, string>> {
  // By its text: the folder of this package may be closed to others.
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, '--', JSON.stringify(ways)], {
    ...SECOND,
    cwd: '/',
    env: {},
  });
  return JSON.parse(stdout) as Record<string, string>;
}

/**
 * A temporary folder that all may use, as /tmp: the sockets of this file's own process are there,
 * so it stays to the end.
 */
const folder = mkdtempSync('/tmp/mt-');
chmodSync(folder, 0o1777);
process.env.TMPDIR = folder;
process.umask(0);
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const hubOf = (lock: ProcessLock): [path: string, key: Uint8Array, id: string] => (partsOf(lock) as [[string, Uint8Array, string]])[0];

test('another user reaches no socket, no folder and no memory of this one, also under umask 000', { skip, timeout: 60_000 }, async () => {
  await using pool = new ProcessPoolExecutor({ workers: 1 });
  const key = randomBytes(32);
  await using listener = await Listener.open({ key });
  await using named = await Listener.open({ key, path: at('named.sock') });
  using lock = new ProcessLock();
  const name = `test-${process.pid}-second`;
  using _block = SharedMemory.create({ size: 100, name });
  const nameless = SharedMemory.create({ size: 100 });
  const pid = await pool.submit(() => process.pid);
  const [hub] = hubOf(lock);
  const file = join(SharedMemory.support().folder, name);
  for (const [path, mode] of [
    [dirname(listener.path), 0o700],
    [dirname(hub), 0o700],
    [named.path, 0o600],
    [listener.path, 0o600],
    [hub, 0o600],
    [file, 0o600],
  ] as const)
    assert.equal(statSync(path).mode & 0o777, mode, path);
  const { fd } = partsOf(nameless) as { fd: number };
  const seen = await asSecond({
    list: [dirname(listener.path), dirname(hub)],
    read: [file, `/proc/${process.pid}/fd/${fd}`, `/proc/${pid}/fd/3`, `/proc/${process.pid}/mem`],
    write: [file, hub, listener.path, named.path],
    connectTo: [hub, listener.path, named.path],
    pid,
  });
  for (const [what, came] of Object.entries(seen)) assert.match(came, /^(EACCES|EPERM)$/, what);
  assert.equal(Object.keys(seen).length, 19);
  nameless.close();
  const [there, here] = await Promise.all([named.accept(), connect(named.path, { key })]);
  await here.close();
  await there.close();
});

test('what another user has put in our places is neither used nor taken away', { skip, timeout: 60_000 }, async () => {
  const memory = SharedMemory.support().folder;
  const [file, link] = [`test-${process.pid}-file`, `test-${process.pid}-link`];
  const ours = at('ours');
  const victim = await Listener.open({ key: randomBytes(32) });
  const planted = [
    { what: 'folder', path: at('meantime-hub-theirs') },
    { what: 'socket', path: at('meantime-hub-theirs/s') },
    { what: 'link', path: at('meantime-hub-linked'), to: dirname(victim.path) },
    { what: 'link', path: at('meantime-hub-rooted'), to: '/etc' },
    { what: 'file', path: at('meantime-hub-a-file') },
    { what: 'socket', path: at('taken.sock') },
    { what: 'link', path: at('linked.sock'), to: ours },
    { what: 'file', path: join(memory, file) },
    { what: 'link', path: join(memory, link), to: ours },
  ];
  try {
    await asSecond({ plant: planted });
    const old = new Date(Date.now() - 60_000);
    utimesSync(at('meantime-hub-theirs'), old, old);
    utimesSync(dirname(victim.path), old, old);
    for (const name of [file, link]) {
      assert.throws(() => SharedMemory.create({ size: 10, name }), { code: 'MEANTIME_OPTION', message: /is there already/ });
      assert.throws(() => SharedMemory.open(name), { code: 'MEANTIME_OPTION' });
    }
    await assert.rejects(async () => await Listener.open({ key: randomBytes(32), path: at('linked.sock') }), {
      name: 'OptionError',
    });
    // The first handle of a program makes a hub, and that looks for what others have left.
    const script = `const { ProcessLock, toProcess } = await import('meantime/processes');
      const lock = new ProcessLock();
      await toProcess((lock) => lock.with(() => 1), lock);
      for (let i = 0; i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 1));`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    });
    for (const { path } of planted)
      assert.ok(existsSync(path) || readdirSync(dirname(path)).includes(path.slice(dirname(path).length + 1)), path);
    assert.ok(existsSync(victim.path), 'the link led to a socket that is used');
    assert.equal(existsSync(ours), false, 'nothing was written through a link');
  } finally {
    for (const name of [file, link]) rmSync(join(memory, name), { force: true });
    await victim.close();
  }
});

test('no secret is in the arguments or the environment of any process that is started', {
  skip: process.platform !== 'linux' && 'it is looked for in /proc',
}, async () => {
  const secret = randomBytes(32);
  await using pool = new ProcessPoolExecutor({ workers: 2 });
  await using listener = await Listener.open({ key: secret });
  using lock = new ProcessLock();
  using _block = SharedMemory.create({ size: 10, name: `test-${process.pid}-argv` });
  const calls = [1, 2].map(() => pool.submit(async (lock: ProcessLock, _key: Uint8Array) => lock.with(() => process.pid), lock, secret));
  await Promise.all(calls);
  assert.equal(await pool.submit(add, 1, 2), 3);
  const childrenOf = (pid: number) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  await until('the watchdog is there', () => childrenOf(process.pid).length >= 3);
  const [path, key, id] = hubOf(lock);
  const children = childrenOf(process.pid);
  for (const child of children) {
    const said = readFileSync(`/proc/${child}/cmdline`, 'latin1') + readFileSync(`/proc/${child}/environ`, 'latin1');
    assert.ok(said.length > 0);
    for (const bytes of [Buffer.from(secret), Buffer.from(key), Buffer.from(id)])
      for (const form of ['latin1', 'hex', 'base64', 'base64url'] as const)
        assert.equal(said.includes(bytes.toString(form)), false, `${child}: ${form}`);
    assert.equal(said.includes(path) || said.includes(listener.path), false);
  }
});
