import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isGone, until } from '../fixtures/calls/pools.js';

const program = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/calls/${name}.mjs`, import.meta.url));

async function output(name: string): Promise<string> {
  const child = spawn(process.execPath, [program(name)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, text);
  return text;
}

test('a parent that is killed with -9 leaves no busy child behind: it is gone within a second', async () => {
  const parent = spawn(process.execPath, [program('busy-parent')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(parent.stdout, 'data');
  const pids: number[] = JSON.parse(String(chunk));
  assert.equal(pids.length, 2);
  assert.ok(pids.every((pid) => !isGone(pid)));
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  await until('both workers are gone', () => pids.every(isGone), 1000);
});

for (const kind of ['threads', 'processes']) {
  test(`${kind}: a pool made at the top level of a module that its workers import fails with the guard that mends it`, async () => {
    const text = await output(`recursive-${kind}`);
    assert.match(text, /^MEANTIME_RECURSIVE_IMPORT .*isMain\(import\.meta\.url\)/);
  });
}

test('behind that guard it works', async () => {
  assert.equal(await output('guarded'), 'value 42\n');
});
