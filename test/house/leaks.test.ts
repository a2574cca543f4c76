import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const hook = new URL('../setup/leaks.js', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'leaks-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs a test file with this body under the hook, as the whole suite is run. */
function runFile(body: string, rest = ''): { code: number | null; out: string } {
  const file = join(folder, 'planted.test.js');
  writeFileSync(file, `require('node:test').test('planted', async () => { ${body} });\n${rest}\n`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--test', '--import', hook, file], { encoding: 'utf8', env });
  return { code: status, out: stdout + stderr };
}

const planted: [string, string, RegExp][] = [
  ['a timer', 'setTimeout(() => {}, 1e8)', /leaves alive: 1 x Timeout/],
  ['a server', "await new Promise((r) => require('node:net').createServer().listen(0, r))", /leaves alive: 1 x TCPServerWrap/],
  ['a port', "new MessageChannel().port1.on('message', () => {})", /leaves alive: 1 x MessagePort/],
  [
    'an unreferenced worker',
    "new (require('node:worker_threads').Worker)('setInterval(() => {}, 99)', { eval: true }).unref()",
    /leaves alive: worker thread/,
  ],
  [
    'an unreferenced child',
    "require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5000)'], { stdio: 'ignore' }).unref()",
    /leaves alive: child process \d+: .*setTimeout/,
  ],
];

for (const [what, body, complaint] of planted) {
  test(`${what} that outlives its test file fails the file`, () => {
    const { code, out } = runFile(body);
    assert.equal(code, 1, out);
    assert.match(out, complaint);
  });
}

test('a file that clears up passes', () => {
  const { code, out } = runFile(`
    const worker = new (require('node:worker_threads').Worker)('1', { eval: true });
    await new Promise((resolve) => worker.once('exit', resolve));
    clearTimeout(setTimeout(() => {}, 1e8));
  `);
  assert.equal(code, 0, out);
});

test('a file that clears up after its last test passes', () => {
  const { code, out } = runFile(
    '',
    `const parked = new (require('node:worker_threads').Worker)('setInterval(() => {}, 99)', { eval: true });
     require('node:test').after(() => parked.terminate());`,
  );
  assert.equal(code, 0, out);
});
