import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Comparison } from 'meantime/advisor';
import { meantime, Running } from './cli-harness.js';

const functions = fileURLToPath(new URL('../../test/fixtures/compare/functions.mjs', import.meta.url));
const compare = (name: string, ...args: string[]) => meantime(['compare', `${functions}#${name}`, ...args]);
const rounds = ['--rounds', '1'];

test('a table on standard output, with a line for each way, and nothing on standard error', async () => {
  const { code, stdout, stderr } = await compare('nap', '--range', '30..49', ...rounds);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  assert.match(stdout, /^nap over 20 inputs, 1 round, \d+ cores?\n/);
  for (const way of [
    /^one at a time +\d/m,
    /^tasks, 16 at a time/m,
    /^\d+ threads?/m,
    /^\d+ process(es)? /m,
    /^Best: .* as fast as one at a time\.$/m,
  ]) {
    assert.match(stdout, way);
  }
});

test('--json: the comparison as one line', async () => {
  const { code, stdout } = await compare('double', '--range', '1..10', '--json', '--on', 'threads', '--on', 'tasks', '--rounds', '2');
  assert.equal(code, 0);
  assert.equal(stdout.trimEnd().split('\n').length, 1);
  const comparison = JSON.parse(stdout) as Comparison;
  assert.equal(comparison.name, 'double');
  assert.equal(comparison.rounds, 2);
  assert.deepEqual([...new Set(comparison.rows.map(({ on }) => on))], ['loop', 'tasks', 'threads']);
  assert.equal(typeof comparison.rows[1].cpuMs, 'number');
});

test('what the function prints, here or in workers, is not in the table', async () => {
  const { stdout, stderr } = await compare('chatty', 'a', 'b', 'c', '--json', ...rounds);
  assert.equal((JSON.parse(stdout) as Comparison).state, 'finished');
  assert.match(stderr, /thinking about a/);
});

test('inputs come from files as they do for map; an unreadable one is exit code 2', async () => {
  const { stdout } = await meantime(['compare', `${functions}#double`, '--lines', '-', '--on', 'tasks', '--json', ...rounds], {
    input: '1\n2\n3\n',
  });
  assert.equal((JSON.parse(stdout) as Comparison).inputs, 3);
  const broken = await meantime(['compare', `${functions}#double`, '--jsonl', '-'], { input: '1\n{\n' });
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /standard input:2/);
  const none = await meantime(['compare', `${functions}#double`, '--lines', '-'], { input: '' });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /expects inputs to run the function on, got none/);
});

test('calls that fail: the table says so, and exit code 1', async () => {
  const { code, stdout } = await compare('fails', '1', '2', ...rounds);
  assert.equal(code, 1);
  assert.match(stdout, /^one at a time +failed: every call failed: RangeError: no 1$/m);
});

test('a function that never returns ends at --timeout', async () => {
  const { code, stdout } = await compare('endless', '--range', '1..5', '--timeout', '3s');
  assert.equal(code, 1);
  assert.match(stdout, /^one at a time +never returned: the call of input 3 of 5 had not returned after 1\.5 s$/m);
});

test('a function that exits does not end the command', async () => {
  const { code, stdout } = await compare('exitsAt3', '--range', '1..5', ...rounds);
  assert.equal(code, 1);
  assert.match(stdout, /^one at a time +failed: a call ended its process \(exit code 5\)$/m);
  assert.match(stdout, /^tasks, 5 at a time +not run: a call ended its process, and here/m);
});

test('Ctrl-C: what is measured so far, exit code 130, and no process is left', async () => {
  const running = new Running(['compare', `${functions}#tellsWhere`, '--range', '1..20', ...rounds], { detached: true });
  await running.says('in a process');
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 130);
  assert.match(stderr, /Stopping: here is what has been measured/);
  assert.match(stdout, /stopped before all was measured/);
  assert.match(stdout, /^tasks, 16 at a time +\d/m);
  assert.match(stdout, /^\d+ process(es)? +not run: stopped/m);
  // It was the leader of a process group of its own, and its workers are in it.
  assert.throws(() => process.kill(-(running.child.pid as number), 0), { code: 'ESRCH' });
});

test('whoever read the table went away: exit code 141', async () => {
  const running = new Running(['compare', `${functions}#double`, '1', '2', '--on', 'tasks', ...rounds]);
  running.child.stdout?.destroy();
  assert.equal((await running.ended).code, 141);
});

const mistakes: [string, string[], RegExp][] = [
  ['no function', [], /Expected a function/],
  ['no inputs', [`${functions}#double`], /Expected inputs, got none/],
  ['an unknown option', [`${functions}#double`, '1', '--ruonds', '2'], /no option --ruonds; did you mean "--rounds"\?/],
  ['an option of another command', [`${functions}#double`, '1', '--retries', '2'], /no option --retries/],
  ['an unknown way', [`${functions}#double`, '1', '--on', 'fibres'], /--on expects tasks, threads, processes, got "fibres"/],
  ['no rounds', [`${functions}#double`, '1', '--rounds', '0'], /--rounds expects a whole number from 1 up, got "0"/],
  ['a time that is none', [`${functions}#double`, '1', '--timeout', 'soon'], /--timeout expects a time/],
  ['an export that is not there', [`${functions}#duoble`, '1'], /has no export "duoble"; did you mean "double"\?/],
  ['a file that is not there', [`${functions}#double`, '--lines', 'no-such.txt'], /Cannot read no-such\.txt/],
];

for (const [name, args, expected] of mistakes) {
  test(`${name}: exit code 2 and one line that says what to do`, async () => {
    const { code, stdout, stderr } = await meantime(['compare', ...args]);
    assert.match(stderr, expected);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  });
}

test('compare --help names its options, and an unknown command that is nearly it is named', async () => {
  const { code, stdout } = await meantime(['compare', '--help']);
  assert.equal(code, 0);
  for (const word of ['--rounds', '--on', '--timeout', '--max-inputs', '--json', 'Examples', 'Exit code', 'Ctrl-C']) {
    assert.ok(stdout.includes(word), word);
  }
  assert.match((await meantime(['comapre'])).stderr, /did you mean "compare"\?/);
});
