import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { folder, functions, meantime, notOnce, Running, resultsIn } from '../cli-harness.js';
import { file, until } from '../fixtures/calls/pools.js';

/* Signals that are meant for a run: sent to a whole group of processes, or to each of them, as shells, `timeout`, systemd and containers do. */

const program = fileURLToPath(new URL('../../../test/fixtures/signals/program.mjs', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The program, in a group of processes of its own. */
class Program {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly ended: Promise<unknown[]>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [program, ...args], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => this.lines.push(line));
    this.ended = once(this.child, 'close');
  }

  /** What has been said so far that begins so. */
  said(start: string): string[] {
    return this.lines.filter((line) => line.startsWith(start));
  }

  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-(this.child.pid as number), signal);
  }
}

for (const signal of SIGNALS) {
  for (const what of ['pool', 'Process']) {
    test(`${what}: ${signal} to the whole group ends no call that is running`, async () => {
      const gate = file();
      const run = new Program(what, gate);
      await until('two calls run', () => run.said('running').length === 2);
      for (let round = 1; round <= 3; round++) {
        run.signalGroup(signal);
        await until('the program has heard it', () => run.said(`heard ${signal}`).length === round);
      }
      writeFileSync(gate, '');
      const [code] = await run.ended;
      assert.equal(run.lines.at(-1), what === 'pool' ? '[0,1,2,3]' : '[0,1]');
      assert.equal(code, 0);
    });
  }

  test(`pool: ${signal} to one worker alone ends no call`, async () => {
    const gate = file();
    const run = new Program('pool', gate);
    await until('two calls run', () => run.said('running').length === 2);
    for (const line of run.said('running')) process.kill(Number(line.split(' ').at(-1)), signal);
    writeFileSync(gate, '');
    await run.ended;
    assert.equal(run.lines.at(-1), '[0,1,2,3]');
  });
}

test('pool: a call that listens to a signal hears it', async () => {
  const gate = file();
  const run = new Program('listening', gate);
  await until('the call runs', () => run.said('running').length === 1);
  run.signalGroup('SIGTERM');
  await until('the call has heard it', () => existsSync(`${gate}.heard`));
  writeFileSync(gate, '');
  await run.ended;
  assert.equal(run.lines.at(-1), '[1]');
});

test('pool: signals while the workers start end no call', async () => {
  for (const [round, after] of [0, 3, 10, 20, 30, 40, 60, 80].entries()) {
    const run = new Program('start', file());
    await until('the calls are submitted', () => run.said('submitted').length === 1);
    await pause(after); // which is what this test is about
    if (run.child.exitCode === null) run.signalGroup(SIGNALS[round % 3]);
    await run.ended;
    assert.equal(run.lines.at(-1), JSON.stringify(Array.from({ length: 20 }, (_, i) => 2 * i)), `after ${after} ms`);
  }
});

const RESUME = /To go on where it stopped:\n {2}meantime map .*--resume/;

/** Runs `meantime map` over twenty inputs in a group of its own until some of them run. */
async function running(dir: string, on: string): Promise<{ run: Running; args: string[]; env: { MARKS: string } }> {
  const env = { MARKS: join(dir, 'marks') };
  writeFileSync(env.MARKS, '');
  const args = ['map', `${functions}#marked`, '--range', '0..19', '--on', on, '-w', '2', '--out', 'r.jsonl'];
  const run = new Running(args, { cwd: dir, env, detached: true });
  await run.says('running');
  return { run, args, env };
}

/** What has been kept is right, and what is left is done by a second run, nothing twice. */
async function goesOn(dir: string, args: string[], env: { MARKS: string }, n: number): Promise<void> {
  const kept = resultsIn(join(dir, 'r.jsonl'));
  assert.deepEqual(
    kept.filter((r) => r.status !== 'fulfilled'),
    [],
  );
  assert.equal(readFileSync(env.MARKS, 'utf8').split('\n').filter(Boolean).length, kept.length, 'what ran is kept');
  const { code, stderr } = await meantime([...args, '--resume'], { cwd: dir, env });
  assert.equal(code, 0, stderr);
  assert.deepEqual(notOnce(resultsIn(join(dir, 'r.jsonl')), n), []);
}

for (const on of ['processes', 'threads']) {
  for (const signal of SIGNALS) {
    test(`map on ${on}: ${signal} to the group, once or twice within 50 ms, finishes what is running`, async (t) => {
      for (const gap of [undefined, 0, 50]) {
        const dir = folder(t);
        const { run, args, env } = await running(dir, on);
        const group = -(run.child.pid as number);
        process.kill(group, signal);
        if (gap !== undefined) {
          await pause(gap); // which is what this test is about
          process.kill(group, signal);
        }
        const { code, stderr } = await run.ended;
        assert.equal(code, 130, stderr);
        assert.match(stderr, RESUME);
        await goesOn(dir, args, env, 20);
      }
    });
  }

  test(`map on ${on}: a second signal, later, stops at once, keeps what is done and says how to go on`, async (t) => {
    const dir = folder(t);
    const args = ['map', `${functions}#endlessAt3`, '--range', '0..19', '--on', on, '-w', '1', '--out', 'r.jsonl'];
    const run = new Running(args, { cwd: dir, detached: true });
    await run.says('running');
    process.kill(-(run.child.pid as number), 'SIGTERM');
    await run.says('once more stops at once');
    await pause(400); // a request of its own
    const began = performance.now();
    process.kill(-(run.child.pid as number), 'SIGTERM');
    const { code, stderr } = await run.ended;
    assert.ok(performance.now() - began < 5000);
    assert.equal(code, 130, stderr);
    assert.match(stderr, RESUME);
    assert.deepEqual(
      resultsIn(join(dir, 'r.jsonl')).map(({ index, status }) => [index, status]),
      [0, 1, 2].map((index) => [index, 'fulfilled']),
    );
  });
}

test('map on processes: timeout ends the run as Ctrl-C does', async (t) => {
  if (spawnSync('timeout', ['--version']).status !== 0) return t.skip('there is no timeout command here');
  const dir = folder(t);
  const env = { MARKS: join(dir, 'marks') };
  writeFileSync(env.MARKS, '');
  const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
  const args = ['map', `${functions}#marked`, '--range', '0..99', '--on', 'processes', '-w', '2', '--out', 'r.jsonl'];
  const ended = spawnSync('timeout', ['-s', 'TERM', '5', process.execPath, main, ...args], {
    cwd: dir,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  assert.match(ended.stderr, RESUME);
  await goesOn(dir, args, env, 100);
});
