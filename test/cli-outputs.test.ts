import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { folder, functions, meantime, notOnce, Running, resultsIn } from './cli-harness.js';

test('a device that is full ends the run with one paragraph that names it, and exit code 1', {
  skip: !existsSync('/dev/full') && 'there is no /dev/full',
}, async () => {
  const { code, stderr } = await meantime(['map', `${functions}#bigText`, '--range', '1..100000', '--out', '/dev/full', '-q']);
  assert.equal(stderr.trimEnd(), 'meantime: Cannot write /dev/full: no space is left on the device.');
  assert.equal(code, 1);
  assert.ok(existsSync('/dev/full'));
});

test('an errors file on a full device ends the run too', { skip: !existsSync('/dev/full') && 'there is no /dev/full' }, async (t) => {
  const { code, stderr } = await meantime(
    ['map', `${functions}#oddOnly`, '--range', '1..1000', '--out', 'r.jsonl', '--errors', '/dev/full', '-q'],
    { cwd: folder(t) },
  );
  assert.match(stderr, /^meantime: Cannot write \/dev\/full: no space/);
  assert.equal(code, 1);
});

/** Mounts a file system in memory of this size on a folder, or says why it cannot. */
function mountSmall(path: string, size: string): string | undefined {
  mkdirSync(path);
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { encoding: 'utf8' });
  return status === 0 ? undefined : `cannot mount a small tmpfs here: ${error?.message ?? stderr.trim()}`;
}

test('a disk that fills up: the file ends with a whole line, and after making room --resume goes on, none lost, none doubled', async (t) => {
  const dir = folder(t);
  const disk = join(dir, 'disk');
  const cannot = mountSmall(disk, '300k');
  if (cannot) return t.skip(cannot);
  try {
    await fillAndResume(disk);
  } finally {
    spawnSync('umount', [disk]);
  }
});

async function fillAndResume(disk: string): Promise<void> {
  const out = join(disk, 'r.jsonl');
  const args = ['map', `${functions}#bigText`, '--range', '1..3000', '--out', out, '-w', '2', '-q'];
  const { code, stderr } = await meantime(args);
  assert.equal(code, 1);
  assert.match(stderr, /^meantime: Cannot write .*r\.jsonl: no space is left on the device\. What is written is kept\. To go on/);
  const text = readFileSync(out, 'utf8');
  assert.ok(text.length > 100_000 && text.endsWith('}\n'), `${text.length} characters, ending with ${JSON.stringify(text.slice(-30))}`);
  // Still full: it says so again, and loses nothing.
  assert.equal((await meantime([...args, '--resume'])).code, 1);
  assert.equal(spawnSync('mount', ['-o', 'remount,size=16m', disk]).status, 0);
  const resumed = await meantime([...args, '--resume']);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.deepEqual(notOnce(resultsIn(out), 3000), []);
}

test('a reader that goes away ends the run quietly, with the exit code of SIGPIPE', async () => {
  for (const on of ['tasks', 'threads', 'processes']) {
    const running = new Running(['map', `${functions}#bigText`, '--range', '1..10000000', '--on', on, '-q']);
    await once(running.child.stdout as NodeJS.ReadableStream, 'data');
    running.child.stdout?.destroy();
    const { code, stderr } = await running.ended;
    assert.equal(code, 141);
    assert.equal(stderr, '');
  }
});

test('nobody who reads what is told: the work goes on', async (t) => {
  const dir = folder(t);
  const running = new Running(['map', `${functions}#work`, '--range', '1..2000', '--json', '--out', 'r.jsonl'], { cwd: dir });
  running.child.stderr?.destroy();
  assert.equal((await running.ended).code, 1);
  assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl')), 2000), []);
});

test('an output in a folder that is not there, and one that is a folder', async (t) => {
  const dir = folder(t);
  for (const [out, expected] of [
    ['nowhere/r.jsonl', /Cannot write nowhere\/r\.jsonl.*no such file/],
    ['.', /Cannot write \./],
  ] as const) {
    const { code, stderr } = await meantime(['map', `${functions}#double`, '1', '--out', out], { cwd: dir });
    assert.match(stderr, expected);
    assert.equal(code, 2);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  }
});

test('Ctrl-C on a terminal reaches the workers too: what runs in processes is still finished', {
  skip: process.platform === 'win32',
}, async (t) => {
  const dir = folder(t);
  const env = { MARKS: join(dir, 'marks') };
  const running = new Running(['map', `${functions}#marked`, '--range', '0..9', '--on', 'processes', '-w', '2', '--out', 'r.jsonl'], {
    cwd: dir,
    env,
    detached: true,
  });
  await running.says('running');
  process.kill(-(running.child.pid as number), 'SIGINT');
  const { code, stderr } = await running.ended;
  assert.equal(code, 130, stderr);
  const kept = resultsIn(join(dir, 'r.jsonl'));
  assert.ok(kept.length > 0);
  assert.ok(
    kept.every((r) => r.status === 'fulfilled'),
    JSON.stringify(kept),
  );
});
