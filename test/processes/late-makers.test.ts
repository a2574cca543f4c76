// A message is taken when somebody has it: a receiver that is cut off while what is in the message is being loaded loses nothing.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('../../../test/fixtures/processes/late-makers.mjs', import.meta.url));
const run = async (...args: string[]): Promise<unknown[]> =>
  JSON.parse((await promisify(execFile)(process.execPath, [program, ...args], { timeout: 20_000 })).stdout);

for (const name of (await run()) as string[]) {
  test(name, async () => {
    const [how, ...got] = await run(name);
    if (name.includes('the other end is closed')) assert.deepEqual([how, ...got], [1, 'ConnectionClosedError']);
    else if (name.includes('a second receiver')) assert.deepEqual([how, ...got], [null, 'AbortError', 1, 2]);
    else assert.deepEqual([how, ...got], [name.includes('timed out') ? 'TimeoutError' : 'AbortError', 1, 2]);
  });
}
