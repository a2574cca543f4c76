import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inheritedExecArgv, workerEnv } from './exec-argv.js';

/** NODE_OPTIONS of this process for as long as the function runs. */
function withOptions<T>(options: string, fn: () => T): T {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = options;
  try {
    return fn();
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  }
}

const spellings: [string, string][] = [
  ['--inspect', ''],
  ['--inspect=9230', ''],
  ['--inspect=localhost:0', ''],
  ['--inspect-brk', ''],
  ['--inspect_brk=0', ''],
  ['--inspect-wait=127.0.0.1:0', ''],
  ['--inspect-port 9230 --inspect', ''],
  ['--inspect-port=0', ''],
  ['--debug-port=9230', ''],
  ['--debug_port 9230', ''],
  ['--inspect-publish-uid=http --inspect', ''],
  ['"--inspect=0"', ''],
  ['--in"spect=0"', ''],
  ['  --inspect  --no-warnings ', '--no-warnings'],
  ['  --no-warnings ', '  --no-warnings '],
  ['--require "/a path/x.cjs" --inspect=0', '--require "/a path/x.cjs"'],
  ['--require "/a\\\\b \\"c\\".cjs" --inspect', '--require "/a\\\\b \\"c\\".cjs"'],
  ['--import ./inspect.mjs', '--import ./inspect.mjs'],
  ['--max-old-space-size=100', '--max-old-space-size=100'],
];

test('a worker is given no inspector by a NODE_OPTIONS that is not its own, however it is spelled', () => {
  for (const [options, left] of spellings) {
    withOptions(options, () => {
      for (const env of [undefined, { ...process.env }]) assert.equal((workerEnv(env) ?? process.env).NODE_OPTIONS, left, options);
    });
  }
});

test('what was written for the workers is theirs', () => {
  withOptions('--inspect=0', () => assert.equal(workerEnv({ NODE_OPTIONS: '--inspect=9300' })?.NODE_OPTIONS, '--inspect=9300'));
  withOptions('', () => assert.equal(workerEnv({ NODE_OPTIONS: '--inspect' })?.NODE_OPTIONS, '--inspect'));
  const env = { A: '1' };
  withOptions('--inspect', () => assert.equal(workerEnv(env), env));
});

test('what is left means to node what it meant before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'a "quoted\\ folder '));
  const path = join(folder, 'x.cjs');
  writeFileSync(path, 'globalThis.preloaded = true;');
  const options = `--require "${path.replace(/["\\]/g, '\\$&')}" --inspect=0`;
  const env = withOptions(options, () => workerEnv(undefined));
  assert.equal(execFileSync(process.execPath, ['-p', 'preloaded'], { env, encoding: 'utf8' }), 'true\n');
  rmSync(folder, { recursive: true });
});

test('options that name the program, and those of its inspector, are not handed on', () => {
  const argv = [
    '--inspect_brk',
    '--inspect-port',
    '9230',
    '--debug-port=1',
    '--import',
    './x.mjs',
    '--eval',
    '1',
    '--no-warnings',
    '--input-type=module',
  ];
  assert.deepEqual(inheritedExecArgv(argv), ['--import', './x.mjs', '--no-warnings']);
});
