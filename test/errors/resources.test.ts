// What the system refuses us is told as that: with its code, the file, and what to do; never as a fault of the user's value.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Told {
  what: string;
  done?: boolean;
  name: string;
  code: string;
  message: string;
}

const program = fileURLToPath(new URL('../../../test/fixtures/errors/ours.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'meantime-test-resources-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function run(TMPDIR: string, { how = '', uid, prefix = '' }: { how?: string; uid?: number; prefix?: string } = {}): Promise<Told[]> {
  const command = `${prefix} exec "$0" "$@"`;
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command, process.execPath, program, how], {
    env: { ...process.env, TMPDIR },
    timeout: 60_000,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Each is done, or refused with that code, and says what to do. */
function check(told: Told[], code: string, advice: RegExp): void {
  assert.equal(told.length, 13);
  for (const { what, done, name, code: its, message } of told) {
    assert.notEqual(name, 'NotCloneableError', `${what}: ${message}`);
    if (done || name === 'WorkerStartError') continue;
    assert.equal(its, code, `${what}: ${message}`);
    if (name === 'ResourceError') assert.match(message, advice, what);
  }
  for (const what of ['a lock to a thread', 'a lock to a process', 'a lock in a map', 'a lock through a queue', 'a lock through a pipe'])
    assert.equal(told.find((each) => each.what === what)?.name, 'ResourceError', what);
  for (const what of ['a large buffer', 'a lock in an error']) assert.ok(told.find((each) => each.what === what)?.done, what);
}

const onLinux = process.platform !== 'linux' && 'needs Linux';
const asRoot = onLinux || (process.getuid?.() !== 0 && 'needs root');

test('TMPDIR is not there', { skip: onLinux }, async () => check(await run(join(folder, 'nowhere')), 'ENOENT', /Set TMPDIR to a folder/));

test('TMPDIR is a file', { skip: onLinux }, async () => {
  writeFileSync(join(folder, 'file'), '');
  check(await run(join(folder, 'file')), 'ENOTDIR', /Set TMPDIR to a folder/);
});

/** Whether another user can read this package at all. */
function strangerCan(): boolean {
  try {
    execFileSync(process.execPath, ['-e', `require('fs').readFileSync(${JSON.stringify(program)})`], {
      uid: 65_534,
      gid: 65_534,
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false; // which is the question
  }
}

test('TMPDIR may not be written to', { skip: asRoot || (!strangerCan() && 'another user cannot read this folder') }, async () => {
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'closed'), { mode: 0o555 });
  check(await run(join(folder, 'closed'), { uid: 65_534 }), 'EACCES', /Set TMPDIR to a folder/);
});

/** A file system of a few pages, full. @returns why there can be none. */
function mountFull(at: string): string | undefined {
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,nr_inodes=1', 'tmpfs', at], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no file system can be mounted here: ${String(error).split('\n')[0]}`;
  }
}

test('TMPDIR is full', { skip: asRoot }, async (t) => {
  const full = join(folder, 'full');
  const why = mountFull(full);
  if (why !== undefined) return t.skip(why);
  try {
    check(await run(full), 'ENOSPC', /Make room there, or set TMPDIR/);
  } finally {
    execFileSync('umount', [full]);
  }
});

test('no more files may be opened', { skip: onLinux }, async () => {
  const tmp = join(folder, 'few');
  mkdirSync(tmp);
  check(await run(tmp, { how: 'few files', prefix: 'ulimit -n 80;' }), 'EMFILE', /Raise the limit of open files \(ulimit -n\)/);
  assert.deepEqual(readdirSync(tmp), [], 'nothing is left of what could not be finished');
});

test('TMPDIR is longer than the path of a socket may be: sockets are elsewhere', { skip: onLinux }, async () => {
  const long = join(folder, 'x'.repeat(120));
  mkdirSync(long);
  const told = await run(long);
  assert.deepEqual(
    told.filter(({ done }) => !done),
    [],
  );
});
