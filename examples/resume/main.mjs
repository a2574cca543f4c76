// Killed in the middle, and nothing lost.
//
// Shows: `meantime map` with `--resume`. The numbers up to a million are searched in 200 blocks on threads; the run is ended with kill -9
// when part of it is done, then started again with the same command line, and goes on where it was.
//
// Run it:  npm run build && node examples/resume/main.mjs
// By hand: npx meantime map examples/resume/collatz.mjs#collatz --range 0..199 --out blocks.jsonl --resume

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BLOCKS = 200;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'meantime-resume-'));
const out = join(folder, 'blocks.jsonl');

/** Starts the run, or goes on with it: the command line is the same. */
function start() {
  const work = ['map', `${here('collatz.mjs')}#collatz`, '--range', `0..${BLOCKS - 1}`];
  const how = ['--on', 'threads', '--workers', '1', '--out', out, '--resume'];
  return spawn(process.execPath, [here('../../dist/cli/main.js'), ...work, ...how], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** The whole lines that are in the output. What a kill cut off in the middle is no line. */
async function lines() {
  const text = await readFile(out, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').slice(0, -1);
}

async function untilWritten(count, signal) {
  for await (const _ of watch(folder, { signal })) if ((await lines()).length >= count) return;
}

const first = start();
const ended = once(first, 'exit');
const tooLate = new AbortController();
first.once('exit', () => tooLate.abort(new Error('the run ended before it could be killed')));
await untilWritten(BLOCKS / 5, tooLate.signal);
first.kill('SIGKILL');
assert.deepEqual(await ended, [null, 'SIGKILL']);

const saved = (await lines()).length;
console.log(`killed with ${saved} of ${BLOCKS} blocks written`);
assert.ok(saved < BLOCKS, 'the run was killed before its end');

const [code] = await once(start(), 'exit');
assert.equal(code, 0);

const records = (await lines()).map((line) => JSON.parse(line));
await rm(folder, { recursive: true });

assert.deepEqual(
  records.map(({ index }) => index).sort((a, b) => a - b),
  Array.from({ length: BLOCKS }, (_, i) => i),
  'each block has exactly one line',
);
assert.ok(records.every(({ input, index, status }) => input === index && status === 'fulfilled'));

const longest = records.map(({ value }) => value).reduce((a, b) => (b.steps > a.steps ? b : a));
assert.deepEqual(longest, { start: 837_799, steps: 524 });
console.log(`of the first million numbers ${longest.start} takes the most steps, ${longest.steps}`);
console.log(`proof: ${saved} blocks before the kill and ${BLOCKS - saved} after it; each of the ${BLOCKS} has exactly one line`);
