import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { glob, jsonl, runJob } from 'meantime/batch';
import { folder, functions, resultsIn } from './cli-harness.js';

// src/batch/outputs/README.md, rule 8: a file is known by device and inode, whatever it is called.

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const needsShell = process.platform === 'win32' && 'needs a POSIX shell';

/** A folder with an input, results of another run, a module, and other names for all of them. */
function stage(t: test.TestContext): string {
  const dir = folder(t);
  copyFileSync(functions, join(dir, 'fn.mjs'));
  writeFileSync(join(dir, 'in.txt'), '1\n2\n');
  writeFileSync(join(dir, 'err.jsonl'), '');
  writeFileSync(join(dir, 'r.jsonl.journal'), '{"not":"a journal"}\n');
  mkdirSync(join(dir, 'sub'));
  symlinkSync('.', join(dir, 'linked'));
  symlinkSync('in.txt', join(dir, 'symbolic'));
  symlinkSync('symbolic', join(dir, 'twice'));
  linkSync(join(dir, 'in.txt'), join(dir, 'hard'));
  symlinkSync('fn.mjs', join(dir, 'fn-link.mjs'));
  linkSync(join(dir, 'err.jsonl'), join(dir, 'err-hard.jsonl'));
  symlinkSync('new.jsonl', join(dir, 'to-new.jsonl'));
  return dir;
}

/**
 * The rest of a command line that begins with `meantime map ./fn.mjs#same`, as typed in a shell,
 * and the answer.
 */
const refused: [string, RegExp][] = [
  ...['in.txt', './in.txt', 'sub/../in.txt', 'linked/in.txt', 'symbolic', 'twice', 'hard', '/proc/self/cwd/in.txt'].map(
    (name): [string, RegExp] => [`--lines in.txt --out ${name} --force`, /is both an input and an output/],
  ),
  ['--jsonl symbolic --out hard --force', /is both an input and an output/],
  ['--csv hard --errors in.txt --force', /is both an input and an output/],
  ['--lines in.txt --out new.jsonl --errors linked/hard --force', /is both an input and an output/],
  ['--lines r.jsonl.journal --out r.jsonl --force', /is both an input and an output/],
  ['- --out in.txt --force < hard', /is both an input and an output/],
  ['--lines - --out in.txt --force < in.txt', /is both an input and an output/],
  ['--lines /dev/stdin --out in.txt --force < in.txt', /is both an input and an output/],
  ['--lines /dev/fd/3 --out in.txt --force 3< in.txt', /is both an input and an output/],
  ['--lines in.txt --out /proc/self/fd/3 --force 3>> hard', /is both an input and an output/],
  ['--lines in.txt --out /dev/stdout --force >> hard', /is both an input and an output/],
  ['--lines in.txt >> hard', /standard output.* is both an input and an output/],
  ['--lines in.txt 1<> in.txt', /standard output.* is both an input and an output/],
  ['--range 1..2 --out new.jsonl --errors linked/new.jsonl', /need two files/],
  ['--range 1..2 --out new.jsonl --errors to-new.jsonl', /need two files/],
  ['--range 1..2 --out err-hard.jsonl --errors err.jsonl', /need two files/],
  ['--range 1..2 --errors err.jsonl >> err-hard.jsonl', /need two files/],
  ['--range 1..2 --out r.jsonl --errors r.jsonl.journal --force', /is the journal of/],
  ['--range 1..2 --out sub/../fn.mjs --force', /is the module of the function/],
  ['--range 1..2 --out fn-link.mjs --force', /is the module of the function/],
  ['--range 1..2 --out fn-link.mjs --resume --force', /is the module of the function/],
  ['--range 1..2 --out new.jsonl --errors linked/fn.mjs --force', /is the module of the function/],
];

test('no file is read and written, or written twice, by one run, whatever names it has; exit code 2, and nothing changes', {
  skip: needsShell,
}, (t) => {
  const dir = stage(t);
  const names = ['in.txt', 'fn.mjs', 'err.jsonl', 'r.jsonl.journal'];
  const before = names.map((name) => readFileSync(join(dir, name), 'utf8'));
  for (const [typed, expected] of refused) {
    if (typed.includes('/proc/') && process.platform !== 'linux') continue;
    const { status, stderr } = spawnSync('sh', ['-c', `"$0" "$1" map ./fn.mjs#same ${typed}`, process.execPath, main], {
      cwd: dir,
      encoding: 'utf8',
      input: '',
    });
    assert.match(stderr, expected, typed);
    assert.equal(status, 2, typed);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.deepEqual(
      names.map((name) => readFileSync(join(dir, name), 'utf8')),
      before,
      typed,
    );
  }
});

test('advise and compare do not read the file that they print to either', { skip: needsShell }, (t) => {
  const dir = stage(t);
  for (const command of ['advise', 'compare']) {
    const line = `"$0" "$1" ${command} ./fn.mjs#same --lines in.txt >> hard`;
    const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, main], { cwd: dir, encoding: 'utf8' });
    assert.match(stderr, /standard output.* is both an input and an output/);
    assert.equal(status, 2);
    assert.equal(readFileSync(join(dir, 'in.txt'), 'utf8'), '1\n2\n');
  }
});

test('what the function prints does not get between results that go to the file of standard output', { skip: needsShell }, (t) => {
  const dir = stage(t);
  for (const typed of ['--out new.jsonl > new.jsonl', '--out /dev/stdout > new2.jsonl', '> new3.jsonl']) {
    for (const on of ['tasks', 'threads']) {
      const line = `"$0" "$1" map ./fn.mjs#chatty --range 1..20 --on ${on} --force ${typed}`;
      const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, main], { cwd: dir, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      assert.match(stderr, /thinking about 7/);
      assert.equal(resultsIn(join(dir, typed.split('> ')[1])).length, 20, typed);
    }
  }
});

test('patterns leave out all that the run writes, under every name, at first and when it is resumed', async (t) => {
  const dir = folder(t);
  for (const name of ['a.jsonl', 'b.jsonl']) writeFileSync(join(dir, name), '');
  const out = join(dir, 'm.jsonl');
  const errors = join(dir, 'n.jsonl');
  const run = (resume: boolean) =>
    runJob({
      fn: (file: string) => file,
      source: glob(`${dir}/{.,}*`),
      out: join(dir, 'linked/out-link.jsonl'),
      errors,
      on: 'tasks',
      resume,
      force: !resume,
    });
  symlinkSync('.', join(dir, 'linked'));
  symlinkSync('m.jsonl', join(dir, 'out-link.jsonl'));
  assert.equal((await run(false)).done, 2);
  // Other names of the outputs, and what a kill may leave beside them.
  linkSync(out, join(dir, 'c.jsonl'));
  symlinkSync('n.jsonl', join(dir, 'd.jsonl'));
  for (const name of ['.m.jsonl', '.n.jsonl', '.m.jsonl.journal']) writeFileSync(join(dir, `${name}.0123456789abcdef.tmp`), 'torn');
  const resumed = await run(true);
  assert.equal(resumed.error, undefined);
  assert.deepEqual([resumed.state, resumed.done, resumed.skipped], ['finished', 0, 2]);
  assert.deepEqual(
    resultsIn(out)
      .map((r) => basename(String(r.value)))
      .sort(),
    ['a.jsonl', 'b.jsonl'],
  );
});

test('a pattern leaves out the file that standard output goes to', { skip: needsShell }, (t) => {
  const dir = folder(t);
  for (const name of ['a.jsonl', 'b.jsonl']) writeFileSync(join(dir, name), '');
  const line = `"$0" "$1" map "$2#same" '*.jsonl' > c.jsonl`;
  const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, main, functions], { cwd: dir, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    resultsIn(join(dir, 'c.jsonl')).map((r) => r.value),
    ['a.jsonl', 'b.jsonl'],
  );
});

test('devices and terminals may be shared', async (t) => {
  const dir = folder(t);
  const { status, stderr } = spawnSync(
    'sh',
    [
      '-c',
      `"$0" "$1" map "$2#double" --range 1..3 --out /dev/null --errors /dev/null > /dev/null 2> /dev/null < /dev/null`,
      process.execPath,
      main,
      functions,
    ],
    { cwd: dir, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
});

test('a run that is known by one name of its results is resumed by another one', async (t) => {
  const dir = folder(t);
  mkdirSync(join(dir, 'real'));
  symlinkSync('real', join(dir, 'linked'));
  symlinkSync('real/m.jsonl', join(dir, 'm.jsonl'));
  writeFileSync(join(dir, 'in.jsonl'), '1\n2\n3\n');
  const run = (out: string, resume: boolean) =>
    runJob({ fn: (x: number) => x, source: jsonl(join(dir, 'in.jsonl')), out: join(dir, out), on: 'tasks', resume });
  assert.equal((await run('m.jsonl', false)).done, 3);
  for (const name of ['real/m.jsonl', 'linked/m.jsonl', 'm.jsonl']) assert.equal((await run(name, true)).skipped, 3, name);
});
