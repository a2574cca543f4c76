import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type JobOptions, list, range, runJob } from 'meantime/batch';
import { folder, functions, meantime, notOnce, Running, resultsIn } from './cli-harness.js';

// src/batch/outputs/README.md, rules 4 to 7: what a kill, a full disk or a loss of power leaves,
// and how a run goes on from it.

const linux = process.platform === 'linux';
const calls: number[] = [];
function oddOnly(x: number): number {
  calls.push(x);
  if (x % 2 === 0) throw new RangeError(`${x} is even`);
  return x;
}

const notes: string[] = [];
/** Runs 1..20 into a folder; what is said goes to `notes`, which calls were made to `calls`. */
function run(dir: string, options: Partial<JobOptions> = {}) {
  notes.length = 0;
  calls.length = 0;
  const onNote = (note: string) => notes.push(note);
  return runJob({ fn: oddOnly, source: range(1, 20), out: join(dir, 'r.jsonl'), on: 'tasks', onNote, ...options });
}

/**
 * Ways to have no journal that can be read, and whether there is nothing in its place that anybody
 * could miss.
 */
const journals: [string, RegExp, boolean, (file: string) => void][] = [
  ['missing', /is missing/, true, () => undefined],
  ['empty', /is empty/, true, (file) => writeFileSync(file, '')],
  ['zeros', /nothing but zeros/, true, (file) => writeFileSync(file, Buffer.alloc(120))],
  ['torn', /is torn/, false, (file) => writeFileSync(file, '{"meantime":1,"func')],
  ['zeros at its end', /is torn/, false, (file) => writeFileSync(file, `{"meantime":1,"func${'\0'.repeat(90)}`)],
  ['another text', /no journal/, false, (file) => writeFileSync(file, 'my notes\n')],
  ['JSON of another kind', /no journal/, false, (file) => writeFileSync(file, '[1]\n')],
  ['null', /no journal/, false, (file) => writeFileSync(file, 'null\n')],
  ['another version', /of another version/, false, (file) => writeFileSync(file, '{"meantime":2}\n')],
  ['half of one', /lacks what/, false, (file) => writeFileSync(file, '{"meantime":1}\n')],
  ['a folder', /is a directory/, false, (file) => mkdirSync(join(file, 'with', 'files'), { recursive: true })],
  ['a link', /is a symbolic link/, false, (file) => symlinkSync('elsewhere', file)],
  ...(linux
    ? ([
        ['a named pipe', /is no regular file/, false, (file: string) => void spawnSync('mkfifo', [file])],
        ['far too long', /no journal/, false, (file: string) => writeFileSync(file, Buffer.alloc(2 ** 20 + 1, 'x'))],
      ] as [string, RegExp, boolean, (file: string) => void][])
    : []),
];

for (const [name, why, blank, make] of journals) {
  test(`results whose journal is ${name}: nothing is lost, --resume --force goes on from the lines, --force starts over`, async (t) => {
    const dir = folder(t);
    const out = join(dir, 'r.jsonl');
    const journal = `${out}.journal`;
    await run(dir, { source: range(1, 10) });
    const before = readFileSync(out, 'utf8');
    const spoil = () => {
      rmSync(journal, { recursive: true, force: true });
      make(journal);
    };
    spoil();
    await assert.rejects(run(dir, { resume: true }), (error: Error) => {
      assert.match(error.message, why);
      assert.match(error.message, /--resume --force goes on from the result lines alone/);
      return true;
    });
    await assert.rejects(run(dir), /is not empty/);
    assert.equal(readFileSync(out, 'utf8'), before);
    assert.deepEqual(calls, []);

    const report = await run(dir, { resume: true, force: true });
    assert.deepEqual([report.state, report.skipped, report.done, report.failedBefore], ['finished', 10, 10, 5]);
    assert.deepEqual(notOnce(resultsIn(out), 20), []);
    const note = notes.find((text) => text.includes('cannot be checked')) as string;
    assert.match(note, /the 10 result lines alone\. .*the function/);
    assert.match(note, why);
    assert.equal((await run(dir, { resume: true })).skipped, 20, 'its journal is whole again');

    spoil();
    assert.equal((await run(dir, { force: true })).done, 20);
    assert.deepEqual(notOnce(resultsIn(out), 20), []);

    // The same without results: what could be somebody's is only overwritten on request.
    rmSync(out);
    spoil();
    if (!blank) for (const resume of [true, false]) await assert.rejects(run(dir, { resume }), why);
    assert.equal((await run(dir, { resume: true, force: !blank })).done, 20);
    if (name === 'a folder') assert.equal(readdirSync(dir).filter((entry) => entry.includes('.journal.old-')).length, 3, 'kept');
  });
}

test('inputs are compared with the result lines also where there is no journal', async (t) => {
  const dir = folder(t);
  await run(dir);
  rmSync(join(dir, 'r.jsonl.journal'));
  const report = await run(dir, { source: list([1, 2, 30]), resume: true, force: true });
  assert.match(String(report.error), /input 2 of 3 given inputs is now 30 and was 3/);
});

test('--resume --force does not make another run of the results whose journal can be read', async (t) => {
  const dir = folder(t);
  await run(dir);
  await assert.rejects(run(dir, { fn: String, resume: true, force: true }), /its function was .* and is now/);
});

/** Bytes that may stand behind 20 result lines, and what becomes of them. */
const tails: [string, string, 'cut' | 'damage'][] = [
  ['zeros', '\0'.repeat(5000), 'cut'],
  ['half a line', '{"index":20,"input":21,"sta', 'cut'],
  ['a whole line without its end', '{"index":20,"input":21,"status":"fulfilled","value":21}', 'cut'],
  ['half a line and zeros', `{"index":20,"inp${'\0'.repeat(70)}`, 'cut'],
  ['zeros and the end of a line', `${'\0'.repeat(70)}lue":21}\n`, 'cut'],
  ['a few bytes of a line', '{"i', 'cut'],
  ['an empty line', '\n', 'cut'],
  ['text', 'my notes\n', 'damage'],
  ['text without its end', 'my notes', 'damage'],
  ['half a line with an end', '{"index":20,"input":21,"sta\n', 'damage'],
];

for (const [name, tail, what] of tails) {
  test(`${name} behind the results: ${what === 'cut' ? 'cut off, and said' : 'kept, unless --force comes with --resume'}`, async (t) => {
    const dir = folder(t);
    const out = join(dir, 'r.jsonl');
    await run(dir);
    const whole = readFileSync(out, 'utf8');
    appendFileSync(out, tail);
    if (what === 'damage') {
      await assert.rejects(run(dir, { resume: true }), /r\.jsonl:21 is not a result line; .*--resume --force takes out/);
      assert.equal(readFileSync(out, 'utf8'), whole + tail);
    }
    const report = await run(dir, { resume: true, force: what === 'damage', source: range(1, 22) });
    assert.deepEqual([report.state, report.skipped, report.done], ['finished', 20, 2]);
    assert.deepEqual(notOnce(resultsIn(out), 22), []);
    assert.match(notes[0], what === 'cut' ? new RegExp(`r\\.jsonl: .*${tail.length} bytes, is cut off`) : /taken out, .* line 21/);
  });
}

test('a hole of zeros in the middle: --resume --force keeps the lines around it and runs the others again', async (t) => {
  const dir = folder(t);
  const out = join(dir, 'r.jsonl');
  await run(dir);
  const bytes = readFileSync(out);
  bytes.fill(0, 500, 900);
  writeFileSync(out, bytes);
  await assert.rejects(run(dir, { resume: true }), /is not a result line/);
  assert.deepEqual(readFileSync(out), bytes);
  const report = await run(dir, { resume: true, force: true });
  assert.equal(report.skipped + report.done, 20);
  assert.ok(report.done > 0 && report.done < 10, `${report.done}`);
  assert.deepEqual(notOnce(resultsIn(out), 20), []);
});

/** Files that are no results of ours. */
for (const [name, text] of [
  ['a text', 'my notes\nof today\n'],
  ['a text in one line', 'my notes'],
  ['JSON lines of another kind', '{"name":"a"}\n{"name":"b"}\n'],
  ['an empty object', '{}'],
  ['bytes with zeros among them', 'PK\u0003\u0004\0\0\0\0photo'],
] as const) {
  test(`--resume does not empty a file that holds no result line: ${name}`, async (t) => {
    const dir = folder(t);
    const out = join(dir, 'r.jsonl');
    for (const journal of [true, false]) {
      if (journal) await run(dir);
      else rmSync(`${out}.journal`);
      writeFileSync(out, text);
      for (const force of journal ? [false, true] : [true]) {
        await assert.rejects(run(dir, { resume: true, force }), /has no result line, so it is kept/);
        await assert.rejects(run(dir, { resume: true, force, retryFailed: true }), /has no result line, so it is kept/);
        assert.equal(readFileSync(out, 'utf8'), text);
      }
    }
  });
}

test('half a line, or zeros, without any whole one before it are the beginning of our own, and go', async (t) => {
  const dir = folder(t);
  for (const text of ['{"index":0,"inp', '\0'.repeat(4096), '{"index":0\0\0\0\0', '{']) {
    await run(dir, { force: true });
    writeFileSync(join(dir, 'r.jsonl'), text);
    assert.equal((await run(dir, { resume: true })).done, 20);
    assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl')), 20), []);
  }
});

test('--retry-failed leaves a file that those can read and write who could before, and nothing beside it', { skip: !linux }, async (t) => {
  const dir = folder(t);
  const out = join(dir, 'r.jsonl');
  await run(dir);
  chmodSync(out, 0o640);
  const { ino } = statSync(out);
  writeFileSync(join(dir, '.r.jsonl.0123456789abcdef.tmp'), 'left by a kill');
  writeFileSync(join(dir, '.r.jsonl.journal.0123456789abcdef.tmp'), 'left by a kill');
  writeFileSync(join(dir, '.other.jsonl.0123456789abcdef.tmp'), "another run's");
  const report = await run(dir, { resume: true, retryFailed: true });
  assert.deepEqual([report.skipped, report.done, report.failed], [10, 10, 10]);
  assert.deepEqual(notOnce(resultsIn(out), 20), []);
  assert.equal(statSync(out).mode & 0o777, 0o640);
  assert.notEqual(statSync(out).ino, ino);
  assert.deepEqual(readdirSync(dir).sort(), ['.other.jsonl.0123456789abcdef.tmp', 'r.jsonl', 'r.jsonl.journal']);
});

test('the next run takes away what a kill left before there was a journal', async (t) => {
  const dir = folder(t);
  for (const options of [{}, { resume: true }, { force: true }]) {
    writeFileSync(join(dir, 'r.jsonl'), '');
    rmSync(join(dir, 'r.jsonl.journal'), { force: true });
    writeFileSync(join(dir, '.r.jsonl.journal.0123456789abcdef.tmp'), '{"meantime"');
    assert.equal((await run(dir, options)).done, 20);
    assert.deepEqual(readdirSync(dir).sort(), ['r.jsonl', 'r.jsonl.journal']);
  }
});

/** A small file system of its own for a test, or why there cannot be one. */
function disk(t: test.TestContext, size: string): { path: string; cannot?: string } {
  const path = join(folder(t), 'disk');
  mkdirSync(path);
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { encoding: 'utf8' });
  if (status !== 0) return { path, cannot: `cannot mount a small tmpfs here: ${error?.message ?? stderr.trim()}` };
  return { path };
}

test('a full disk under --retry-failed: nothing changes, nothing is left, exit code 1, and with room it goes on', async (t) => {
  const { path, cannot } = disk(t, '64k');
  if (cannot) return t.skip(cannot);
  try {
    await retryOnFullDisk(path);
  } finally {
    spawnSync('umount', [path]);
  }
});

async function retryOnFullDisk(path: string): Promise<void> {
  const args = ['map', `${functions}#oddOnly`, '--range', '1..80', '--out', join(path, 'r.jsonl'), '--on', 'tasks', '-q'];
  assert.equal((await meantime(args)).code, 1);
  const fill = spawnSync('dd', ['if=/dev/zero', `of=${join(path, 'full')}`, 'bs=4096'], { encoding: 'utf8' });
  assert.match(fill.stderr, /No space/);
  const before = readFileSync(join(path, 'r.jsonl'));
  const { code, stderr } = await meantime([...args, '--resume', '--retry-failed']);
  assert.match(stderr, /^meantime: Cannot write .*r\.jsonl: no space is left on the device\n$/);
  assert.equal(code, 1);
  assert.deepEqual(readFileSync(join(path, 'r.jsonl')), before);
  assert.deepEqual(readdirSync(path).sort(), ['full', 'r.jsonl', 'r.jsonl.journal']);
  // Not even the journal fits, for a new run as for one that goes on.
  for (const option of ['--resume', '--force']) {
    const other = await meantime([...args.map((a) => a.replace('/r.jsonl', '/new.jsonl')), option]);
    assert.match(other.stderr, /Cannot write .*: no space is left on the device/);
    assert.equal(other.code, 1);
    assert.deepEqual(readdirSync(path).sort(), ['full', 'r.jsonl', 'r.jsonl.journal']);
  }
  rmSync(join(path, 'full'));
  assert.equal((await meantime([...args, '--resume', '--retry-failed'])).code, 1);
  assert.deepEqual(notOnce(resultsIn(join(path, 'r.jsonl')), 80), []);
}

test('a limit on the size of files is met as a full disk is: whole lines only, and what is over the limit is said', {
  skip: process.platform === 'win32' && 'there is no ulimit',
}, async (t) => {
  const dir = folder(t);
  const line = `ulimit -f 40; exec "$0" "$@"`; // in blocks of 512 or 1024 bytes
  const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
  const args = ['map', `${functions}#bigText`, '--range', '1..100', '--out', 'r.jsonl', '--on', 'tasks', '-q'];
  const { status, stderr, signal } = spawnSync('sh', ['-c', line, process.execPath, main, ...args], { cwd: dir, encoding: 'utf8' });
  assert.equal(signal, null);
  assert.match(stderr, /^meantime: Cannot write r\.jsonl: the file would be larger than .* may make it\. What is written is kept/);
  assert.equal(status, 1);
  const text = readFileSync(join(dir, 'r.jsonl'), 'utf8');
  assert.ok(text.length > 10_000 && text.endsWith('}\n'));
  assert.equal((await meantime([...args, '--resume'], { cwd: dir })).code, 0);
  assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl')), 100), []);
});

test('a named pipe for results: it is written for its reader, and without one it is waited for only so long', {
  skip: !linux && 'needs mkfifo',
}, async (t) => {
  const dir = folder(t);
  assert.equal(spawnSync('mkfifo', ['pipe', 'nobody'], { cwd: dir }).status, 0);
  const args = ['map', `${functions}#bigText`, '--range', '1..2000', '--on', 'tasks', '-q', '--out'];
  const running = new Running([...args, 'pipe'], { cwd: dir });
  const read = spawnSync('cat', ['pipe'], { cwd: dir, encoding: 'utf8', maxBuffer: 1e8 });
  assert.equal((await running.ended).code, 0);
  assert.equal(read.stdout.split('\n').length - 1, 2000);
  const { code, stderr } = await meantime([...args, 'nobody'], { cwd: dir });
  assert.match(stderr, /Cannot write nobody: nobody reads this named pipe/);
  assert.equal(code, 2);
});

test('what others put where temporary files of old were is not touched', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'precious'), 'precious');
  for (const name of ['r.jsonl.journal.new', 'r.jsonl.kept', 'r.jsonl.journal.tmp']) symlinkSync('precious', join(dir, name));
  await run(dir);
  await run(dir, { resume: true, retryFailed: true });
  assert.equal(readFileSync(join(dir, 'precious'), 'utf8'), 'precious');
  assert.equal(existsSync(join(dir, 'r.jsonl.kept')), true);
});

test('a file that is removed while it is written: the run does not end as if all were well', async (t) => {
  for (const name of ['r.jsonl', 'e.jsonl']) {
    const dir = folder(t);
    const remove = (x: number) => {
      if (x === 10) rmSync(join(dir, name));
      return oddOnly(x);
    };
    const report = await run(dir, { fn: remove, errors: join(dir, 'e.jsonl') });
    assert.deepEqual([report.state, report.resumable], ['broken', false]);
    assert.match(String(report.error), new RegExp(`${name} was removed while it was written: its lines are lost`));
  }
});

test('a results file that was cut off anywhere is gone on with, each input once', async (t) => {
  const dir = folder(t);
  const out = join(dir, 'r.jsonl');
  await run(dir);
  const { size } = statSync(out);
  for (let at = 0; at < size; at += 137) {
    truncateSync(out, at);
    const report = await run(dir, { resume: true });
    assert.equal(report.state, 'finished', `${at}: ${report.error}`);
    assert.equal(calls.length, report.done);
    assert.deepEqual(notOnce(resultsIn(out), 20), [], `${at}`);
  }
});
