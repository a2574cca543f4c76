import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { csv, glob, jsonl, lines, runJob, type Source } from 'meantime/batch';
import { folder, meantime, resultLines, resultsIn } from './cli-harness.js';

/** A folder with inputs, a module, and a folder `elsewhere` with other inputs under the same names. */
function prepared(t: test.TestContext, module = ''): string {
  const dir = folder(t);
  mkdirSync(join(dir, 'elsewhere'));
  for (const [at, value] of [
    ['', '1'],
    ['elsewhere', '2'],
  ]) {
    writeFileSync(join(dir, at, 'in.lines'), `${value}\n`);
    writeFileSync(join(dir, at, 'in.csv'), `a\n${value}\n`);
  }
  writeFileSync(join(dir, 'elsewhere', 'other.lines'), '');
  writeFileSync(join(dir, 'fn.mjs'), module);
  return dir;
}

const goesAway =
  "import { isMainThread } from 'node:worker_threads';\nif (isMainThread) process.chdir('elsewhere');\nexport default (x) => x;";

for (const on of ['tasks', 'threads', 'processes', 'auto']) {
  test(`on ${on}: a module that changes the working directory changes no input and no output`, async (t) => {
    const dir = prepared(t, goesAway);
    for (const [args, expected] of [
      [['--lines', 'in.lines'], ['1']],
      [['--jsonl', 'in.lines'], [1]],
      [['--csv', 'in.csv'], [{ a: '1' }]],
      [['--glob', '*.lines'], ['in.lines']],
    ] as const) {
      const run = (...more: string[]) =>
        meantime(['map', './fn.mjs', ...args, '--on', on, '-q', '--out', 'r.jsonl', '--errors', 'e.jsonl', ...more], { cwd: dir });
      const first = await run('--force');
      assert.equal(first.code, 0, first.stderr);
      const again = await run('--resume');
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(
        resultsIn(join(dir, 'r.jsonl')).map((r) => r.value),
        expected,
      );
    }
    assert.deepEqual(readdirSync(join(dir, 'elsewhere')).sort(), ['in.csv', 'in.lines', 'other.lines']);
  });
}

test('a function that changes the working directory changes no output', async (t) => {
  const dir = prepared(t, "export default (x) => { process.chdir('/'); if (x === 2) throw new Error('two'); return x; };");
  const { code } = await meantime(
    ['map', './fn.mjs', '--range', '1..3', '--on', 'tasks', '-q', '--out', 'r.jsonl', '--errors', 'e.jsonl'],
    {
      cwd: dir,
    },
  );
  assert.equal(code, 1);
  assert.deepEqual([resultsIn(join(dir, 'r.jsonl')).length, resultsIn(join(dir, 'e.jsonl')).length], [2, 1]);
  assert.match(readFileSync(join(dir, 'r.jsonl.journal'), 'utf8'), /"finished"/);
});

test('in a program, paths are those of the moment of the call', async (t) => {
  const dir = prepared(t);
  process.chdir(dir);
  t.after(() => process.chdir('/'));
  const sources: [Source<unknown>, unknown[]][] = [
    [lines('in.lines'), ['1']],
    [jsonl('in.lines'), [1]],
    [csv('in.csv'), [{ a: '1' }]],
    [glob('*.lines'), ['in.lines']],
  ];
  const job = runJob({ fn: (x: unknown) => x, source: lines('in.lines'), on: 'tasks', out: 'r.jsonl', errors: 'e.jsonl' });
  process.chdir('elsewhere');
  assert.equal((await job).state, 'finished');
  assert.equal(resultsIn(join(dir, 'r.jsonl'))[0].value, '1');
  for (const [source, expected] of sources) {
    const items: unknown[] = [];
    for await (const item of source) items.push(item);
    assert.deepEqual(items, expected);
  }
  process.chdir('..');
  const again = await runJob({
    fn: (x: unknown) => x,
    source: lines('in.lines'),
    on: 'tasks',
    out: 'r.jsonl',
    errors: 'e.jsonl',
    resume: true,
  });
  assert.deepEqual([again.state, again.skipped], ['finished', 1]);
});

test('what a module does to the process changes neither the exit code nor what is told', async (t) => {
  const dir = prepared(
    t,
    `process.exitCode = 7;
     process.argv.length = 0;
     process.stdout.write = process.stderr.write = () => true;
     process.exit = () => { throw new Error('no'); };
     process.on('uncaughtException', () => {});
     console.log = console.error = () => { throw new Error('no console'); };
     export default (x) => { if (x === 2) throw new Error('two'); return x; };`,
  );
  for (const [range, code] of [
    ['1..1', 0],
    ['1..2', 1],
  ] as const) {
    const run = await meantime(['map', './fn.mjs', '--range', range, '--on', 'tasks', '--ordered'], { cwd: dir });
    assert.equal(run.code, code, run.stderr);
    assert.equal(resultLines(run.stdout).length, Number(range.at(-1)));
    assert.match(run.stderr, /Done: \d inputs? in/);
  }
  const failed = await meantime(['map', './fn.mjs#nothing', '1'], { cwd: dir });
  assert.match(failed.stderr, /has no export "nothing"/);
  assert.equal(failed.code, 2);
});

test('an end that the command did not ask for is told, and is no success', async (t) => {
  const top = prepared(t, 'process.exit(0); export default (x) => x;');
  const early = await meantime(['map', './fn.mjs', '1', '--on', 'tasks'], { cwd: top });
  assert.match(early.stderr, /The process ended before the command had: code on this thread ended it, with exit code 0/);
  assert.equal(early.code, 2);

  const dir = prepared(t, 'export default (x) => { if (x === 3) process.exit(0); return x; };');
  const args = ['map', './fn.mjs', '--range', '1..5', '--on', 'tasks', '-c', '1', '-q', '--out', 'r.jsonl'];
  const cut = await meantime(args, { cwd: dir });
  assert.match(cut.stderr, /exit code 0\. To go on where it stopped:\n {2}meantime map .* --resume/);
  assert.equal(cut.code, 1);

  writeFileSync(join(dir, 'never.mjs'), 'export default (x) => new Promise(() => {});');
  const never = await meantime(['map', './never.mjs', '1', '--on', 'tasks', '-q'], { cwd: dir });
  assert.match(never.stderr, /an await never ended, and nothing else was left to wait for/);
  assert.equal(never.code, 1);
});

test('advise measures with the inputs that were named, in the working directory of the command', async (t) => {
  const dir = prepared(t, goesAway);
  const advice = await meantime(['advise', './fn.mjs', '--csv', 'in.csv', '--json', '--timeout', '5s'], { cwd: dir });
  assert.equal(advice.code, 0, advice.stderr);
});
