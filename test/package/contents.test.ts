import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from './doors.js';

interface Checks {
  checkPackage(root: string): string[];
  checkFiles(files: readonly string[]): string[];
  packedFiles(root: string): string[];
  checkDependencies(manifest: object, page: string, locked: object): string[];
}
const checks: Checks = await import(pathToFileURL(join(root, 'scripts/check-package.mjs')).href);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('the tarball has what users need and nothing that serves tests or measurements', () => {
  const files = checks.packedFiles(root);
  assert.deepEqual(checks.checkFiles(files), []);
  for (const file of ['dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js', 'src/index.ts']) assert.ok(files.includes(file), file);
});

test('what does not belong into the tarball is told', () => {
  const strange = [
    'dist/tasks/sync/trial.js',
    'src/testing/bench.ts',
    'src/threads/shared/model/machine.ts',
    'dist/tasks/queue.test.js',
    'src/tasks/borrowed/harness.ts',
    'test/fixtures/x.mjs',
    'scripts/build.mjs',
    '.npmrc',
    'src/.env',
    'dist/chunks/evil.node',
    'bench/run.mjs',
  ];
  for (const file of strange) assert.equal(checks.checkFiles([file]).length > 0, true, file);
});

test('package.json, the lock file and the page of dependencies name the same packages', () => {
  assert.deepEqual(checks.checkPackage(root), []);
});

test('a dependency that appears anywhere is told', () => {
  const manifest = JSON.parse(read('package.json'));
  const page = read('docs/dependencies.md');
  const { packages } = JSON.parse(read('package-lock.json'));
  for (const field of ['dependencies', 'optionalDependencies', 'peerDependencies', 'devDependencies']) {
    const changed = { ...manifest, [field]: { ...manifest[field], stranger: '^1.0.0' } };
    assert.match(checks.checkDependencies(changed, page, packages).join(), /stranger .* has no such row/, field);
  }
  assert.match(checks.checkDependencies({ ...manifest, bundleDependencies: ['stranger'] }, page, packages).join(), /stranger/);
  const moved = { ...manifest, dependencies: { ...manifest.dependencies, koffi: '^3.3.4' } };
  delete moved.optionalDependencies;
  assert.match(checks.checkDependencies(moved, page, packages).join(), /koffi \(dependency\) has no such row/);
  const { cac: _, ...others } = manifest.dependencies;
  assert.match(checks.checkDependencies({ ...manifest, dependencies: others }, page, packages).join(), /cac .* is not in package\.json/);
  const brought = { ...packages, 'node_modules/cac/node_modules/stranger': { version: '1.0.0' } };
  assert.match(checks.checkDependencies(manifest, page, brought).join(), /users would install stranger/);
  const script = { ...packages, 'node_modules/fast-check': { ...packages['node_modules/fast-check'], hasInstallScript: true } };
  assert.match(checks.checkDependencies(manifest, page, script).join(), /fast-check runs a script/);
});

test('the version of koffi that is looked for is the one that is declared', async () => {
  const { RANGE } = await import(pathToFileURL(join(root, 'build/src/processes/memory/own-koffi.js')).href);
  assert.equal(JSON.parse(read('package.json')).optionalDependencies.koffi, `^${RANGE.join('.')}`);
});
