import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folder, meantime, Running, resultsIn } from './cli-harness.js';

/** A module that is there at once in the command itself, and never in a worker. */
const inWorkers = (how: string) => `
import { isMainThread } from 'node:worker_threads';
import { appendFileSync } from 'node:fs';
if (!isMainThread || process.env.IS_WORKER === String(process.ppid)) { appendFileSync(process.env.NOTE, process.pid + '\\n'); ${how} }
process.env.IS_WORKER = String(process.pid);
const two = 2;
export const double = (text) => two * Number(text);
`;
const spins = 'for (;;);';
const awaits = 'await new Promise(() => {});';

for (const on of ['auto', 'threads', 'processes']) {
  for (const how of [spins, awaits]) {
    test(`map on ${on}: a module that no worker gets through (${how}) ends the run with an error that says so, and nothing is recorded as failed`, async (t) => {
      const dir = folder(t);
      const [module, out, note] = ['never.mjs', 'out.jsonl', 'note'].map((name) => join(dir, name));
      writeFileSync(module, inWorkers(how));
      const args = [
        'map',
        `${module}#double`,
        '1',
        '2',
        '3',
        '--on',
        on,
        '--timeout',
        '1s',
        '--start-timeout',
        '2s',
        '--out',
        out,
        '--retries',
        '2',
      ];
      const { code, stderr } = await meantime(args, { env: { NOTE: note } });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /startTimeout\) it was still importing .*never\.mjs for the call of double/);
      assert.match(stderr, /--resume/);
      assert.deepEqual(resultsIn(out), []);
    });
  }
}

test('map: the first Ctrl-C says for which workers it waits, the second ends it at once', {
  skip: process.platform === 'win32' && 'no signals',
}, async (t) => {
  const dir = folder(t);
  const [module, note] = [join(dir, 'never.mjs'), join(dir, 'note')];
  writeFileSync(module, inWorkers(spins));
  const running = new Running(['map', './never.mjs#double', '1', '2', '3', '--on', 'processes', '--workers', '2'], {
    cwd: dir,
    env: { NOTE: note },
  });
  while (!existsSync(note) || readFileSync(note, 'utf8').split('\n').length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill('SIGINT');
  await running.says('Waiting for 2 workers that are still loading ./never.mjs (up to ');
  await new Promise((resolve) => setTimeout(resolve, 500)); // signals that come close together are one request
  running.child.kill('SIGINT');
  const { code } = await running.ended;
  assert.equal(code, 130);
});

test('a module that the command itself never gets through is told, and ended: what waits and what loops', async (t) => {
  const dir = folder(t);
  const module = join(dir, 'never.mjs');
  const args = ['map', `${module}#double`, '1', '--start-timeout', '1s'];
  const says = /Importing .*never\.mjs had not ended after 1000 ms.*--start-timeout/;
  writeFileSync(module, `${awaits} export const double = (x) => 2 * x;`);
  const waiting = await meantime(args);
  assert.deepEqual([waiting.code, waiting.stdout], [2, ''], waiting.stderr);
  assert.match(waiting.stderr, says);
  writeFileSync(module, `${spins} export const double = (x) => 2 * x;`);
  const looping = await meantime(args);
  assert.equal(looping.signal, 'SIGKILL', looping.stderr);
  assert.match(looping.stderr, says);
});
