import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Process } from 'meantime/processes';
import { Thread } from 'meantime/threads';
import { file, isGone, until } from '../fixtures/calls/pools.js';
import { leaveBusyProcess, spin } from '../fixtures/one-call/calls.js';

const program = fileURLToPath(new URL('../../../test/fixtures/one-call/parent.mjs', import.meta.url));

/** A second is promised; what this machine's other work takes is on top. */
const LIMIT = 1000 + 500;

/** Starts a parent and its child. `inIt` resolves when the child is in its call. */
async function family(mode: string) {
  const parent = spawn(process.execPath, [program, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(parent, 'exit');
  const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
  const { value } = await lines.next();
  const pid = Number(value);
  assert.ok(pid > 0, `a process id, got ${value}`);
  return { parent, ended, pid, lines };
}

for (const mode of ['idle', 'busy']) {
  test(`a parent that is killed with -9 leaves no ${mode} process behind for longer than a second`, async (t) => {
    const { parent, ended, pid, lines } = await family(mode);
    assert.equal((await lines.next()).value, 'in it');
    parent.kill('SIGKILL');
    await ended;
    const began = performance.now();
    await until('the child is gone', () => isGone(pid), LIMIT);
    t.diagnostic(`gone after ${Math.round(performance.now() - began)} ms`);
    parent.stdout.destroy();
  });
}

for (const ms of [0, 10, 40, 80, 120, 200]) {
  test(`a parent that dies ${ms} ms after it started a process leaves none behind, wherever the child is in its start`, async (t) => {
    const { parent, ended, pid } = await family(String(ms));
    await ended;
    const began = performance.now();
    await until('the child is gone', () => isGone(pid), LIMIT);
    t.diagnostic(`gone after ${Math.round(performance.now() - began)} ms`);
    parent.stdout.destroy();
  });
}

test('a busy process whose parent lives is left alone', async () => {
  // Longer than the watcher needs to look twice.
  assert.equal(await Process.start(spin, 1300), 'done');
});

test('a thread that ends leaves no busy process of its own behind, though this process lives on', async (t) => {
  const thread = Thread.start(leaveBusyProcess, file());
  const pid = await thread;
  await thread.join();
  const began = performance.now();
  await until('the child is gone', () => isGone(pid), LIMIT);
  t.diagnostic(`gone after ${Math.round(performance.now() - began)} ms`);
});
