import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { doors, root } from './doors.js';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const folder = mkdtempSync(join(tmpdir(), 'pack-'));
const project = join(folder, 'project');
const installed = join(project, 'node_modules/meantime');
after(() => rmSync(folder, { recursive: true }));

/** The test's own environment must not reach the strangers' commands. */
const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;

before(() => {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const options = { encoding: 'utf8', env } as const;
  const [packed] = JSON.parse(
    execFileSync(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { ...options, cwd: root }),
  );
  execFileSync(npm, ['install', '--no-audit', '--no-fund', join(folder, packed.filename)], { ...options, cwd: project, stdio: 'pipe' });
});

test('the tarball has what users need, and no tests', () => {
  const { exports, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const [door, target] of Object.entries(exports as Record<string, Record<string, string>>)) {
    if (door === './package.json') continue;
    assert.deepEqual(Object.keys(target), ['types', 'default'], `${door}: "types" has to come first`);
    for (const file of Object.values(target)) assert.ok(existsSync(join(installed, file)), `${door}: ${file} is not in the tarball`);
  }
  assert.ok(existsSync(join(installed, bin.meantime)));
  for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md']) assert.ok(existsSync(join(installed, name)), name);
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    files.filter((file) => file.includes('.test.')),
    [],
  );
});

test('every door imports, in an empty project with only the tarball installed', () => {
  const code = `for (const door of ${JSON.stringify(doors())}) console.log(door, Object.keys(await import(door)).length > 0);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: project,
    encoding: 'utf8',
    env,
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    stdout.trim().split('\n'),
    doors().map((door) => `${door} true`),
  );
});

test('what is not a door cannot be imported', () => {
  const code = "import('meantime/pool').then(() => console.log('open'), (error) => console.log(error.code));";
  const { stdout } = spawnSync(process.execPath, ['-e', code], { cwd: project, encoding: 'utf8', env });
  assert.equal(stdout.trim(), 'ERR_PACKAGE_PATH_NOT_EXPORTED');
});

for (const on of ['tasks', 'threads', 'processes']) {
  test(`npx meantime map runs a function of the project on ${on}`, () => {
    writeFileSync(join(project, 'square.js'), 'export const square = (n) => n * n;\n');
    const args = ['meantime', 'map', './square.js#square', '--range', '1..10', '--on', on, '--out', `${on}.jsonl`];
    const { status, stderr } = spawnSync('npx', ['--no-install', ...args], { cwd: project, encoding: 'utf8', env });
    assert.equal(status, 0, stderr);
    const lines = readFileSync(join(project, `${on}.jsonl`), 'utf8')
      .trim()
      .split('\n');
    const values = lines.map((line) => JSON.parse(line).value as number);
    assert.deepEqual(
      values.sort((a, b) => a - b),
      [1, 4, 9, 16, 25, 36, 49, 64, 81, 100],
    );
  });
}

test('a TypeScript program of the project sees the types', () => {
  writeFileSync(
    join(project, 'main.ts'),
    [
      "import { type Future, FutureSource } from 'meantime/futures';",
      "import { ThreadPoolExecutor } from 'meantime/threads';",
      'const future: Future<number> = new FutureSource<number>().future;',
      'const pool = new ThreadPoolExecutor({ workers: 1 });',
      'const length: Future<number> = pool.submit((text: string) => text.length, "four");',
      '// @ts-expect-error the argument is a string',
      'pool.submit((text: string) => text.length, 4);',
      'export { future, length };',
    ].join('\n'),
  );
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
  ];
  const roots = ['--typeRoots', join(root, 'node_modules/@types')];
  const args = [join(root, 'node_modules/typescript/bin/tsc'), ...flags, ...roots, 'main.ts'];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', env });
  assert.equal(status, 0, stdout);
});
