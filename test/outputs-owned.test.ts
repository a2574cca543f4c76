import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { list, range, runJob } from 'meantime/batch';
import { folder, functions, meantime, notOnce, Running, resultsIn } from './cli-harness.js';

// src/batch/outputs/README.md, rules 1 to 3: one run owns each file that it writes, until it ends,
// however it ends.

/** Everything in a folder: names, inodes and contents. */
const snapshot = (dir: string): string[] =>
  readdirSync(dir)
    .sort()
    .map((name) => {
      const { ino, mode } = statSync(join(dir, name));
      return `${name} ${ino} ${mode} ${statSync(join(dir, name)).isFile() ? readFileSync(join(dir, name), 'latin1') : ''}`;
    });

/** How a second run names its outputs while a first one has r.jsonl and e.jsonl. */
const sharing: [string, string[]][] = [
  ['the results', ['--out', 'r.jsonl']],
  ['the results, to go on with them', ['--out', 'r.jsonl', '--errors', 'e.jsonl', '--resume']],
  ['the results, to overwrite them', ['--out', 'r.jsonl', '--errors', 'e.jsonl', '--force']],
  ['the results by a symbolic link', ['--out', 'symbolic.jsonl', '--resume', '--force']],
  ['the results by a hard link', ['--out', 'hard.jsonl', '--force']],
  ['the results through a linked folder', ['--out', 'linked/r.jsonl', '--resume']],
  ['only the failures', ['--out', 'new.jsonl', '--errors', 'e.jsonl', '--force']],
  ['only the failures, and results go to standard output', ['--errors', './e.jsonl', '--force']],
  ['the failures as its results', ['--out', 'e.jsonl', '--force']],
  ['the results as its failures', ['--out', 'new.jsonl', '--errors', 'hard.jsonl', '--force']],
  ['both, crossed', ['--out', 'e.jsonl', '--errors', 'r.jsonl', '--force']],
];

test('a second run on a file of a first one is told who has it, ends with exit code 2 and changes nothing', async (t) => {
  const dir = folder(t);
  const running = new Running(['map', `${functions}#endless`, '0', '1', '--out', 'r.jsonl', '--errors', 'e.jsonl', '--on', 'tasks'], {
    cwd: dir,
  });
  t.after(() => running.child.kill('SIGKILL'));
  await running.says('running');
  symlinkSync('r.jsonl', join(dir, 'symbolic.jsonl'));
  linkSync(join(dir, 'r.jsonl'), join(dir, 'hard.jsonl'));
  symlinkSync('.', join(dir, 'linked'));
  const before = snapshot(dir);
  for (const [name, args] of sharing) {
    const { code, stderr } = await meantime(['map', `${functions}#endless`, '0', '1', ...args], { cwd: dir });
    const who = process.platform === 'linux' ? `process ${running.child.pid} on ${hostname()}, which started at 20` : '';
    assert.ok(stderr.includes(`is being written by ${who}`), `${name}: ${stderr}`);
    assert.equal(code, 2, name);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.deepEqual(snapshot(dir), before, name);
  }
  running.child.kill('SIGKILL');
  await running.ended;
  const { code, stderr } = await meantime(
    ['map', `${functions}#endless`, '0', '1', '--out', 'r.jsonl', '--errors', 'e.jsonl', '--resume', '--timeout', '50'],
    { cwd: dir },
  );
  assert.equal(code, 1, stderr);
  assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl'), join(dir, 'e.jsonl')), 2), []);
});

test('two jobs of one program do not share a file either', async (t) => {
  const dir = folder(t);
  const out = join(dir, 'r.jsonl');
  let release!: () => void;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun!: () => void;
  const first = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const hold = async (x: number) => {
    begun();
    await held;
    return x;
  };
  const job = runJob({ fn: hold, source: list([1, 2]), out, on: 'tasks' });
  await first;
  for (const options of [{ resume: true }, { force: true }, {}]) {
    const second = runJob({ fn: hold, source: list([1, 2]), out, on: 'tasks', ...options });
    await assert.rejects(second, { code: 'MEANTIME_OUTPUT', message: /is being written by process \d+( \(this one\))? on / });
  }
  release();
  assert.equal((await job).state, 'finished');
  assert.equal((await runJob({ fn: hold, source: list([1, 2]), out, on: 'tasks', resume: true })).skipped, 2);
});

test('a job gives its files back, also when it is refused', async (t) => {
  const dir = folder(t);
  const out = join(dir, 'r.jsonl');
  const errors = join(dir, 'e.jsonl');
  const fn = (x: number) => x;
  for (let i = 0; i < 20; i++) {
    await runJob({ fn, source: range(1, 3), out, errors, on: 'tasks', force: true });
    await assert.rejects(runJob({ fn, source: range(1, 3), out, errors, on: 'tasks' }), /not empty/);
  }
  const open = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
  await assert.rejects(runJob({ fn, source: range(1, 3), out, errors, on: 'tasks' }), /not empty/);
  if (process.platform === 'linux') assert.equal(readdirSync('/proc/self/fd').length, open);
});

test('a run that is refused takes the files away again that it has made', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'full.jsonl'), 'x\n');
  const fn = (x: number) => x;
  const refused = [
    { out: 'new.jsonl', errors: 'full.jsonl' },
    { out: 'new.jsonl', errors: 'new.jsonl' },
    { out: 'new.jsonl', errors: 'nowhere/e.jsonl' },
    { out: 'full.jsonl', errors: 'new.jsonl' },
  ];
  for (const { out, errors } of refused) {
    await assert.rejects(runJob({ fn, source: range(1, 3), out: join(dir, out), errors: join(dir, errors), on: 'tasks' }));
    assert.deepEqual(readdirSync(dir), ['full.jsonl'], `${out} ${errors}`);
  }
});

test('many runs at once and kill -9 of the one that writes: each input has one whole result line in the end', async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e6);
  t.diagnostic(`SEED=${seed}`);
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  let kills = 0;
  for (let round = 0; round < 5; round++) {
    const dir = join(folder(t), 'sub');
    mkdirSync(dir);
    const n = 3000;
    const on = ['tasks', 'threads', 'processes'][round % 3];
    const args = ['map', `${functions}#work`, '--range', `1..${n}`, '--on', on, '--out', 'r.jsonl', '--errors', 'e.jsonl', '-q'];
    for (let wave = 0; wave < 3; wave++) {
      const runs = [0, 1, 2].map(() => new Running(wave === 0 ? args : [...args, '--resume'], { cwd: dir }));
      const ends = runs.map(({ ended }) => ended);
      // The moment is the point of this test; nothing is waited for by it.
      const kill = (async () => {
        await sleep(200 + random() * 700);
        for (const { child } of runs) if (child.exitCode === null && child.kill('SIGKILL')) kills++;
      })();
      for (const { code, signal, stderr } of await Promise.all(ends)) {
        if (signal === 'SIGKILL' || code === 1) continue;
        assert.equal(code, 2, stderr);
        assert.match(stderr, /is being written by|exists and is not empty|did not finish/);
      }
      await kill;
    }
    const { code, stderr } = await meantime([...args, '--resume'], { cwd: dir });
    assert.equal(code, 1, stderr);
    assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl'), join(dir, 'e.jsonl')), n), []);
    assert.deepEqual(readdirSync(dir).sort(), ['e.jsonl', 'r.jsonl', 'r.jsonl.journal']);
  }
  t.diagnostic(`${kills} kills`);
});
