// Everything short of the long tests. All of it runs, also after a failure: one run shows all there is to mend.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { node, tsc } from './lib/run.mjs';

const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');

const steps = {
  'types of src': () => node(['scripts/build.mjs']),
  'types of test': () => tsc('test/tsconfig.json'),
  'type tests': () => tsc('test/types/tsconfig.json'),
  'lint and format': () => node([biome, 'check', '--error-on-warnings', '.']),
  arrows: () => node(['scripts/check-arrows.mjs']),
  options: () => node(['scripts/check-options.mjs']),
  terminal: () => node(['scripts/check-terminal.mjs']),
  docs: () => node(['scripts/check-docs.mjs']),
  package: () => node(['scripts/check-package.mjs']),
  'size and loads': () => node(['--test', 'build/test/package/loads.test.js', 'build/test/package/size.test.js']),
  lockfile: noRegistry,
};

/** The lock file must not tie the project to a registry's host. */
function noRegistry() {
  const { stdout } = spawnSync('git', ['grep', '-nE', '"resolved": *"https?:', '--', '*package-lock.json'], { encoding: 'utf8' });
  if (stdout !== '') console.error(`package-lock.json records where packages came from:\n${stdout.slice(0, 500)}`);
  return stdout === '' ? 0 : 1;
}

const failed = [];
for (const [name, step] of Object.entries(steps)) {
  console.log(`\n== ${name}`);
  if (step() !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nevery check passes' : `\nfailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
