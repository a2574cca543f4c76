import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('../../../test/fixtures/memory/finished-waits.mjs', import.meta.url));

/** Bytes that all waits of a place may leave together: caches, and code that was compiled meanwhile. One wait that leaves a promise behind is over 200 bytes. */
const NOISE = 600_000;

// In a process of its own: the hooks of the test runner keep more for each promise than what is measured here.
test('a wait that is over leaves nothing behind, on a promise, a future or a signal that never comes', async (t) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--expose-gc', program]);
  assert.equal(stderr, '', 'no warning of a leak');
  const places: { name: string; count: number; left: number }[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(places.length > 40, `${places.length} places`);
  for (const { name, count, left } of places) {
    await t.test(`${name}: ${left} bytes each of ${count}`, () => assert.ok(left < 2 + NOISE / count, `${left} bytes each`));
  }
});
