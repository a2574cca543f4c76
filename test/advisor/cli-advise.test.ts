import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Advice } from 'meantime/advisor';
import { fixtures, functions, meantime, Running } from '../cli-harness.js';
import { until } from '../fixtures/calls/pools.js';

const LIMIT = { timeout: 60_000 };
const work = fileURLToPath(new URL('../fixtures/advisor/work.js', import.meta.url));

test('advise prints the kind, the bar, the point and the reasons', LIMIT, async () => {
  const { code, stdout, stderr } = await meantime(['advise', `${work}#waits`, '--range', '10..12']);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.match(stdout, /^waits is (probably )?io-bound/);
  assert.match(stdout, /░{30}/);
  assert.match(stdout, /Run it on tasks: \d+ calls at a time/);
  assert.match(stdout, /the pasta boils/);
});

test('advise --json is one value, and what the function prints is not in it', LIMIT, async () => {
  const { code, stdout } = await meantime(['advise', `${functions}#double`, '--range', '1..1000000000', '--json']);
  assert.equal(code, 0);
  const advice = JSON.parse(stdout) as Advice;
  assert.equal(advice.name, 'double');
  assert.equal(advice.kind, 'tiny');
});

test('an endless standard input is not drained', LIMIT, async () => {
  const running = new Running(['advise', `${functions}#default`, '-']);
  const { stdin } = running.child;
  stdin?.on('error', () => undefined); // it stops reading, which is the point
  const feed = () => {
    while (stdin?.writable && stdin.write('a line\n'.repeat(1000)));
  };
  stdin?.on('drain', feed);
  feed();
  const { code, stdout } = await running.ended;
  assert.equal(code, 0);
  assert.match(stdout, /upper is|default is/);
});

test('not one call went well: exit code 1, and why', LIMIT, async () => {
  const failing = await meantime(['advise', `${work}#refuses`, '--range', '1..2']);
  assert.equal(failing.code, 1);
  assert.match(failing.stdout, /! failed: .*RangeError: 1 is out of range/);
  const ending = await meantime(['advise', `${work}#exits`, '--range', '4..4']);
  assert.equal(ending.code, 1);
  assert.match(ending.stdout, /! ended-its-process: .*exit code 4/);
  const endless = await meantime(['advise', `${work}#loops`, '1', '--timeout', '1s']);
  assert.equal(endless.code, 1);
  assert.match(endless.stdout, /! never-returned: .*1000 ms/);
});

test('one core: threads are not advised for what computes', LIMIT, async (t) => {
  if (!existsSync('/usr/bin/taskset')) return t.skip('there is no taskset to take the other cores away');
  const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
  const args = ['-c', '0', process.execPath, main, 'advise', `${work}#parses`, '--range', '2..3', '--json'];
  const { stdout, status } = spawnSync('/usr/bin/taskset', args, { encoding: 'utf8' });
  assert.equal(status, 0);
  const { kind, point, predictions, why } = JSON.parse(stdout) as Advice;
  assert.equal(kind, 'cpu-bound');
  assert.deepEqual(point, { on: 'tasks', workers: 1, concurrency: 1 });
  for (const { speedup } of predictions) assert.ok(speedup < 1.1, String(speedup));
  assert.match(why[1], /one core/);
});

test('a pool of Node with fewer threads than cores is told of', LIMIT, async (t) => {
  if (spawnSync(process.execPath, ['-p', 'os.availableParallelism()'], { encoding: 'utf8' }).stdout.trim() === '1')
    return t.skip('one core');
  const args = ['advise', `${work}#derives`, '--range', '10000..10001'];
  const { stdout } = await meantime(args, { env: { UV_THREADPOOL_SIZE: '1' } });
  assert.match(stdout, /! small-libuv-pool: .*1 thread for \d+ cores: start with UV_THREADPOOL_SIZE=\d+/);
});

test('Ctrl-C stops it', LIMIT, async (t) => {
  if (process.platform !== 'linux') return t.skip('its probe is found by /proc');
  const running = new Running(['advise', `${work}#loops`, '1']);
  const { pid } = running.child;
  await until('the probe is there', () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8') !== '');
  running.child.kill('SIGINT');
  const { code } = await running.ended;
  assert.equal(code, 130);
});

const mistakes: [string, string[], RegExp][] = [
  ['no function', ['advise'], /Expected a function/],
  ['no inputs', ['advise', `${functions}#double`], /Expected inputs, got none/],
  ['an empty file', ['advise', `${functions}#double`, '--lines', '/dev/null'], /at least one sample input, got none/],
  ['an unknown option', ['advise', `${functions}#double`, '1', '--bugdet', '2'], /no option --bugdet; did you mean "--budget"\?/],
  ['an option of another command', ['advise', `${functions}#double`, '1', '--out', 'x'], /no option --out/],
  ['a time that is none', ['advise', `${functions}#double`, '1', '--timeout', 'soon'], /--timeout expects a time.*got "soon"/],
  ['a mistyped command', ['advice', `${functions}#double`, '1'], /no command "advice"; did you mean "advise"\?/],
  ['a file that is not there', ['advise', `${functions}#double`, '--lines', 'no-such.txt'], /Cannot read no-such\.txt/],
  ['an export that is not there', ['advise', `${functions}#duoble`, '1'], /did you mean "double"/],
  ['a module that is not there', ['advise', join(fixtures, 'functoins.mjs'), '1'], /Cannot find the module/],
];

for (const [name, args, expected] of mistakes) {
  test(`${name}: exit code 2 and one paragraph that says what to do`, async () => {
    const { code, stdout, stderr } = await meantime(args, { cwd: fixtures });
    assert.match(stderr, expected);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}
