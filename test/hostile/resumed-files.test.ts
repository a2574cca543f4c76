import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { list, runJob } from 'meantime/batch';
import { folder, functions, meantime, notOnce, Running, resultsIn } from '../cli-harness.js';

// A folder, copied or of long ago, whose results and journals say what they like: --resume takes
// nothing away that is not this run's, and believes nothing that it cannot see.

const posix = process.platform === 'win32' && 'links are only for some on Windows';

/** Journals that say what they like. */
const journals: Record<string, (mine: Record<string, unknown>) => string> = {
  'names a live process of somebody else': (mine) => JSON.stringify({ ...mine, state: 'running', pid: 1 }),
  'says that all is done': (mine) => JSON.stringify({ ...mine, state: 'finished' }),
  'has a state that there is not': (mine) => JSON.stringify({ ...mine, state: 'locked' }),
  'has numbers for texts': (mine) => JSON.stringify({ ...mine, host: 7, started: {} }),
  'has escapes and line ends in its names': (mine) => JSON.stringify({ ...mine, function: '\u001b]0;x\u0007\n#\u009b2J', errors: '\r\n' }),
  'names other paths': (mine) => JSON.stringify({ ...mine, errors: '../../../etc/passwd', function: '/etc/passwd#x' }),
  'is of another version': (mine) => JSON.stringify({ ...mine, meantime: 2 }),
  'has an entry for each of a million inputs': (mine) => JSON.stringify({ ...mine, done: new Array(400_000).fill(1) }),
  'is nested deeply': () => `${'['.repeat(500_000)}`,
  'has a prototype': (mine) => `{"__proto__":${JSON.stringify(mine)},"meantime":1}`,
};

for (const [name, write] of Object.entries(journals)) {
  test(`a journal that ${name} neither stops a run nor gives one away`, async (t) => {
    const dir = folder(t);
    const args = ['map', `${functions}#same`, '1', '2', '3', '--on', 'tasks', '--out', 'r.jsonl', '-q'];
    const journal = join(dir, 'r.jsonl.journal');
    assert.equal((await meantime(args, { cwd: dir })).code, 0);
    const mine = JSON.parse(readFileSync(journal, 'utf8'));
    const whole = readFileSync(join(dir, 'r.jsonl'), 'utf8');
    const [first] = whole.split('\n');
    writeFileSync(join(dir, 'r.jsonl'), `${first}\n`);
    writeFileSync(journal, write(mine));
    const resumed = await meantime([...args, '--resume'], { cwd: dir });
    assert.ok(resumed.code === 0 || resumed.code === 2, resumed.stderr);
    if (resumed.code === 0) assert.equal(readFileSync(join(dir, 'r.jsonl'), 'utf8'), whole, 'all that is not there is done');
    else assert.equal(readFileSync(join(dir, 'r.jsonl'), 'utf8'), `${first}\n`, 'nothing is taken away');
    assert.equal((await meantime([...args, '--force'], { cwd: dir })).code, 0);
    assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl')), 3), []);
  });
}

/** Files that are no results, and what might make them look like some. */
const foreign: Record<string, string> = {
  'a text': 'my notes\nof today\n',
  'lines of JSON with an index': '{"index":1,"title":"a"}\n{"index":2,"title":"b"}\n',
  'one of them without its end': '{"index":1,"title":"a',
  'the first line of a JSON file': '{\n',
  'empty lines': '\n\n\n',
  'two halves of result lines': '{"index":0,"inp\n{"index":1,"inp',
  'half a result line that has its end': '{"index":0,"input":1,"sta\n',
  'zeros before a text': `${'\0'.repeat(5000)}my notes`,
};

test('a file without a result line is refused when it is resumed, and stays as it is, also through a link', async (t) => {
  for (const [name, text] of Object.entries(foreign)) {
    for (const linked of posix ? [false] : [false, true]) {
      const dir = folder(t);
      const file = join(dir, 'r.jsonl');
      const out = linked ? join(dir, 'link') : file;
      if (linked) symlinkSync('r.jsonl', out);
      const job = { fn: (x: number) => x, source: list([1, 2]), out, on: 'tasks' } as const;
      assert.equal((await runJob(job)).state, 'finished');
      writeFileSync(file, text);
      for (const way of [{}, { force: true }, { retryFailed: true }]) {
        const resumed = runJob({ ...job, ...way, resume: true });
        await assert.rejects(resumed, { code: 'MEANTIME_OUTPUT', message: /has no result line, so it is kept as it is/ }, name);
        assert.equal(readFileSync(file, 'utf8'), text, name);
      }
    }
  }
});

test('a run that is refused while its results are read closes its own descriptor, once', async (t) => {
  const file = join(folder(t), 'r.jsonl');
  const job = { fn: (x: number) => x, source: list([1, 2]), out: file, on: 'tasks' } as const;
  assert.equal((await runJob(job)).state, 'finished');
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole + whole);
  await assert.rejects(runJob({ ...job, resume: true }), /is a second result for input/);
  // Files that are opened next get the free numbers; a late close would hit one of these.
  const opened = Array.from({ length: 20 }, () => openSync(file, 'r'));
  await setTimeout(100);
  for (const fd of opened) {
    fstatSync(fd);
    closeSync(fd);
  }
});

test('behind the last result line one torn line is cut off, and two are refused', async (t) => {
  const dir = folder(t);
  const out = join(dir, 'r.jsonl');
  const args = ['map', `${functions}#same`, '1', '2', '--on', 'tasks', '--out', 'r.jsonl', '-q'];
  assert.equal((await meantime(args, { cwd: dir })).code, 0);
  const whole = readFileSync(out, 'utf8');
  const torn: [string, boolean][] = [
    ['{"index":1,"inp', true],
    ['\0\0\0', true],
    ['\n', true],
    ['\n\n', false],
    ['\0\0\n{"index":1,"inp', false],
    ['\0\n\0\n\0', false],
  ];
  for (const [tail, isCut] of torn) {
    writeFileSync(out, whole + tail);
    const { code, stderr } = await meantime([...args, '--resume'], { cwd: dir });
    assert.equal(code, isCut ? 0 : 2, `${JSON.stringify(tail)}: ${stderr}`);
    if (!isCut) assert.match(stderr, /r\.jsonl:3 is not a result line; .*--resume --force takes out/);
    assert.equal(readFileSync(out, 'utf8'), isCut ? whole : whole + tail);
  }
});

test('a result line for input two thousand million costs no memory', async (t) => {
  const dir = folder(t);
  const args = ['map', `${functions}#same`, '1', '2', '--on', 'tasks', '--out', 'r.jsonl', '-q'];
  assert.equal((await meantime(args, { cwd: dir })).code, 0);
  writeFileSync(join(dir, 'r.jsonl'), '{"index":2147483648,"input":1,"status":"fulfilled","value":1}\n');
  const { code, stderr } = await meantime([...args, '--resume'], { cwd: dir });
  assert.equal(code, 2, stderr);
  assert.match(stderr, /ended after 2 inputs, and input 2147483648 has a result/);
});

test('results that are renamed while they are written are not told to be where they were', async (t) => {
  const dir = folder(t);
  const args = ['map', `${functions}#endless`, '0', '--on', 'tasks', '--out', 'r.jsonl', '--timeout', '1s'];
  const running = new Running(args, { cwd: dir });
  await running.says('running');
  assert.equal(spawnSync('mv', ['r.jsonl', 'elsewhere'], { cwd: dir }).status, 0);
  writeFileSync(join(dir, 'r.jsonl'), 'precious');
  const { code, stderr } = await running.ended;
  assert.equal(code, 1);
  assert.match(stderr, /r\.jsonl was renamed or replaced while it was written: its lines are in the file that had that name before/);
  assert.equal(readFileSync(join(dir, 'r.jsonl'), 'utf8'), 'precious');
});
