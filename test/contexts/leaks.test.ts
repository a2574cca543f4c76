import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('../../../test/fixtures/contexts/leaks.mjs', import.meta.url));

test('nothing that lives on keeps the AsyncLocalStorage store of the request that came first', { timeout: 120_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program]);
  const { rows, kept } = JSON.parse(stdout);
  assert.ok(rows > 20, `${rows} rows`);
  assert.deepEqual(kept, []);
});
