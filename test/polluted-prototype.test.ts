import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const fixtures = fileURLToPath(new URL('../../test/fixtures/pollution/', import.meta.url));
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const { harm } = (await import(pathToFileURL(join(fixtures, 'pollute.mjs')).href)) as { harm: Record<string, unknown> };
const pollute = pathToFileURL(join(fixtures, 'pollute.mjs')).href;

const home = mkdtempSync(join(tmpdir(), 'meantime-polluted-'));
const canary = join(home, 'canary');
after(() => rmSync(home, { recursive: true }));

/** Uses doors in a child process, and gives its lines: what each door gave. */
function use(env: Record<string, string>, doors: readonly string[] = [], flags: readonly string[] = []): string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(fixtures, 'doors.mjs'), ...doors], {
    encoding: 'utf8',
    env: { ...process.env, CANARY: canary, HOME_OF_DOORS: home, SHOW_STACKS: '1', ...env },
    timeout: 200_000,
  });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

const expected = use({});

const everywhere: [string, (name: string) => boolean][] = [
  ['what Node loads and starts', (name) => at(name) < at('host')],
  ['sockets, files and streams', (name) => at(name) >= at('host') && at(name) < at('timeout')],
  ['the options of Meantime, and what its records have', (name) => at(name) >= at('timeout')],
];
const at = (name: string): number => Object.keys(harm).indexOf(name);

for (const [what, isOf] of everywhere) {
  test(`every door does the same in a program and workers whose Object.prototype has ${what}`, () => {
    const names = Object.keys(harm).filter(isOf);
    assert.ok(names.length > 10);
    assert.deepEqual(use({ POLLUTION: names.join(',') }, [], ['--import', pollute]), expected);
    assert.equal(existsSync(canary), false, 'it loaded what an inherited option named');
  });
}

const inThisThread = [
  ...['tasks: groups and limits', 'tasks: retry and rates', 'tasks: locks and queues', 'futures: wait', 'TaskExecutor'],
  ...['ProcessReentrantLock', 'ProcessCondition', 'ProcessBarrier', 'threads: memory', 'Timer'],
];
const withOthers = [...inThisThread, 'pipe', 'Listener', 'ProcessQueue', 'SharedQueue', 'threads: locks', 'Thread.start', 'Process.start'];
// With the first two lots Node's own sockets and ports are of no use; so they are tried where it
// has none.
const late: [string, readonly string[]][] = [
  ['encoding,end,writable,once,path,buffer,resume', inThisThread],
  ['signal', inThisThread],
  ['source,error', withOthers],
  ['get,set,value', withOthers],
];

test('with what Node itself cannot be loaded with, all the same once it is loaded', () => {
  for (const [name, doors] of late) {
    const wanted = doors.map((door) => expected.find((line) => line.startsWith(`["${door}",`)));
    assert.deepEqual(use({ LATE: name }, doors), wanted, name);
  }
  assert.equal(existsSync(canary), false);
});

test('no code of ours reads a property that is inherited from Object.prototype', () => {
  const script = fileURLToPath(new URL('../../scripts/check-options.mjs', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [script, '--names'], { encoding: 'utf8' });
  const names = stdout.trim().split('\n');
  assert.ok(names.length > 100, stderr);
  // Of all objects; and `cause` and the like, which are asked of errors and compared with their
  // class.
  const asked = new Set(['then', 'toJSON', 'constructor', 'code', 'cause', 'errors', 'stack', 'name', 'message', 'length']);
  // With these, even inherited and undefined, each descriptor of Node's own is a wrong one.
  for (const name of ['get', 'set', 'value', 'writable']) asked.add(name);
  const watched = [...new Set([...names, ...Object.keys(harm)])].filter((name) => !asked.has(name));
  const reads = join(home, 'reads');
  use({ WATCH: watched.join(','), READS: reads }, [], ['--import', pollute]);
  const lines = readFileSync(reads, 'utf8').trim().split('\n');
  const ours = lines.filter((line) => /\/(?:dist|build\/src)\//.test(JSON.parse(line)[1]) && !line.includes('/node_modules/'));
  assert.ok(lines.length > ours.length, 'nothing was watched');
  assert.deepEqual(ours, []);
});

/** Runs a command of the CLI in a folder of its own. */
function command(args: readonly string[], polluted: boolean): unknown {
  const folder = mkdtempSync(join(home, 'cli-'));
  copyFileSync(join(fixtures, 'calls.mjs'), join(folder, 'calls.mjs'));
  writeFileSync(join(folder, 'in.txt'), 'a b\nc\nd e f\n');
  writeFileSync(join(folder, 'in.csv'), 'a,b\n1,2\n');
  writeFileSync(join(folder, 'in.jsonl'), '"a b"\n');
  const names = Object.keys(harm).join(',');
  const env = polluted ? { NODE_OPTIONS: `--import ${pollute}`, POLLUTION: names, CANARY: canary } : {};
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const lines = stdout.split('\n').sort();
  const written = existsSync(join(folder, 'out.jsonl')) ? readFileSync(join(folder, 'out.jsonl'), 'utf8').split('\n').sort() : [];
  return { status, lines: /advise|compare/.test(args[0]) ? lines.length > 3 : lines, written, said: status === 0 ? '' : stderr };
}

const commands = [
  ['map', './calls.mjs#words', '--lines', 'in.txt', '--out', 'out.jsonl'],
  ['map', './calls.mjs#words', '--lines', 'in.txt', '--on', 'threads', '--workers', '1'],
  ['map', './calls.mjs#words', '--jsonl', 'in.jsonl', '--on', 'processes', '--workers', '1', '--quiet'],
  ['map', './calls.mjs#nothing', '--csv', 'in.csv', '--on', 'tasks'],
  ['map', './calls.mjs#words', '*.txt', '--on', 'tasks'],
  ['map', './calls.mjs#square', '--range', '1..3', '--worker', '2'],
  ['map', './calls.mjs#squares', '--range', '1..3'],
  ['advise', './calls.mjs#square', '--range', '1..3', '--budget', '20'],
  ['compare', './calls.mjs#square', '--range', '1..3', '--rounds', '1', '--on', 'processes'],
];
for (const args of commands) {
  test(`meantime ${args.join(' ')}: the same with a polluted Object.prototype`, () => {
    assert.deepEqual(command(args, true), command(args, false));
    assert.equal(existsSync(canary), false);
  });
}
