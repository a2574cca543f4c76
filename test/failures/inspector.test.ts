import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('../../../test/fixtures/ports/inspected.mjs', import.meta.url));

async function run(args: string[], { flags = [], env = {} }: { flags?: string[]; env?: Record<string, string> } = {}): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, program, ...args], {
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  assert.ok(!/address already in use/.test(stderr), stderr);
  assert.ok(stderr.split('Debugger listening').length <= 2 || args.length > 1, stderr);
  return stdout.trim();
}

test('an inspected program has workers that are not, however it is told', async () => {
  const none = 'not,not,not,not';
  assert.equal(await run([], { flags: ['--inspect=127.0.0.1:0'] }), none);
  assert.equal(await run([], { env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } }), none);
  assert.equal(await run([], { env: { NODE_OPTIONS: '--inspect_port=0 "--inspect"' } }), none);
  // These wait for somebody to attach.
  for (const options of ['--inspect-brk=127.0.0.1:0', '--inspect-wait=127.0.0.1:0 --no-warnings']) {
    if (options.includes('wait') && Number(process.versions.node.split('.')[0]) < 22) continue; // Node 20 has none
    assert.equal(await run([options]), none, options);
  }
});

test('workers are inspected where that was said for them', async () => {
  assert.equal(await run(['', 'env']), 'inspected,inspected,inspected');
  assert.equal(await run(['', 'execArgv']), 'inspected,inspected,inspected');
});
