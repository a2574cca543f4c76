import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Answer, byCommand, byName, commands, type FileLock, tryLock } from './lock.js';

const linux = { skip: process.platform !== 'linux' && 'flock is a command of Linux' };

/** A file that is open twice, as two runs have it. */
function openTwice(t: { after(fn: () => void): void }): { fd: number; path: string; id: string }[] {
  const dir = mkdtempSync(join(tmpdir(), 'meantime-'));
  const path = join(dir, 'r.jsonl');
  const fds = [openSync(path, 'a+'), openSync(path, 'a+')];
  t.after(() => {
    for (const fd of fds) closeSync(fd);
    rmSync(dir, { recursive: true });
  });
  return fds.map((fd) => ({ fd, path, id: `1:${process.pid}` }));
}

const isOurs = (answer: Answer): answer is FileLock => answer !== 'busy' && 'release' in answer;

test('rule 1: the lock that the command takes stays with the open file when the command has ended', linux, async (t) => {
  const [one, two] = openTwice(t);
  assert.ok(isOurs(byCommand(one)));
  assert.equal(byCommand(two), 'busy');
  assert.ok(isOurs(byCommand(one)), 'it is ours already');
  assert.equal(await tryLock(two), undefined);
});

test('rule 1: the commands of a worker do not have it', linux, async (t) => {
  const [one] = openTwice(t);
  const { path } = one;
  const fd = openSync(path, 'a+');
  assert.ok(isOurs(byCommand({ ...one, fd })));
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000); console.log("up")'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  closeSync(fd);
  assert.ok(isOurs(byCommand(one)), 'the child is alive, and has no lock');
  child.kill('SIGKILL');
  await once(child, 'close');
});

test('where there is no such command, and where the file system refuses, it says so', linux, (t) => {
  const [one] = openTwice(t);
  assert.deepEqual(byCommand(one, ['/no/such/flock', '/etc/passwd']), { impossible: undefined });
  const answer = byCommand(one, ['ls']); // knows none of these options, and says so
  assert.ok(answer !== 'busy' && 'impossible' in answer && answer.impossible?.includes('ls'), JSON.stringify(answer));
});

test('the command is looked for where only the system puts commands', linux, () => {
  const path = ['/a/node_modules/.bin', '.', '', 'bin', process.cwd(), join(process.cwd(), 'bin'), '/opt/bin', '/usr/bin'].join(':');
  assert.deepEqual(commands(path), ['/usr/bin/flock', '/bin/flock', '/opt/bin/flock']);
  assert.deepEqual(commands(''), ['/usr/bin/flock', '/bin/flock']);
});

test('a name in the system is one process’s at a time, and goes with it', linux, async () => {
  const id = `7:${process.pid}`;
  const first = await byName(id);
  assert.ok(isOurs(first));
  assert.equal(await byName(id), 'busy');
  first.release();
  const program = `const { byName } = await import(${JSON.stringify(new URL('./lock.js', import.meta.url).href)});
    await byName(${JSON.stringify(id)}); console.log('up'); setInterval(() => 0, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  assert.equal(await byName(id), 'busy');
  child.kill('SIGKILL');
  await once(child, 'close');
  const again = await byName(id);
  assert.ok(isOurs(again));
  again.release();
});

test('rule 7: a temporary file goes with process.exit and with an error', () => {
  const dir = mkdtempSync(join(tmpdir(), 'meantime-'));
  const load = `const { Temporary } = await import(${JSON.stringify(new URL('./temporary.js', import.meta.url).href)});
    const { readdirSync } = await import('node:fs');
    new Temporary(${JSON.stringify(join(dir, 'r.jsonl'))}, 0o600);
    console.log(readdirSync(${JSON.stringify(dir)})[0]);`;
  for (const end of ['process.exit(3)', 'throw new Error("no")', '']) {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', load + end], { encoding: 'utf8' });
    assert.match(stdout, /^\.r\.jsonl\.[0-9a-f]{16}\.tmp\n$/);
    assert.deepEqual(readdirSync(dir), [], end);
  }
  rmSync(dir, { recursive: true });
});
