// Builds, then runs every test: src/**/*.test.ts, test/**/*.test.ts and the examples in the documentation.
// npm test [-- PART OF A PATH...]     only the files whose path has one of these parts
// node scripts/test.mjs --no-build    on what was built before; also for another Node than the one that built
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { filesBelow, node, tsc } from './lib/run.mjs';

/** The longest that one test, or one file, may take, in ms. A file that does not end by itself is a failure. */
const LIMIT = 300_000;

const { values, positionals } = parseArgs({ options: { 'no-build': { type: 'boolean' } }, allowPositionals: true });

let broken = 0;
if (!values['no-build']) {
  for (const file of filesBelow('build/test', '.test.js')) rmSync(file);
  const steps = [() => node(['scripts/build.mjs']), () => tsc('test/tsconfig.json'), () => tsc('test/types/tsconfig.json')];
  for (const step of [...steps, () => node(['scripts/doctest.mjs'])]) if (step() !== 0) broken++;
}

const all = [...filesBelow('build/src', '.test.js'), ...filesBelow('build/test', '.test.js'), ...filesBelow('build/doctest', '.test.js')];
const files = positionals.length === 0 ? all : all.filter((file) => positionals.some((part) => file.includes(part)));
if (files.length === 0) {
  console.error(`npm test: expected test files${positionals.length ? ` whose path contains ${positionals.join(' or ')}` : ''}, found none`);
  process.exit(2);
}

mkdirSync('build', { recursive: true });
const tally = resolve('build/counts.json');
rmSync(tally, { force: true });
const hook = pathToFileURL(resolve('build/test/setup/leaks.js')).href;
const reporters = ['spec', 'stdout', pathToFileURL(resolve('scripts/lib/counts.mjs')).href, tally];
const code = node([
  ...['--test', `--test-timeout=${LIMIT}`, '--import', hook],
  ...reporters.map((value, i) => `--test-reporter${i % 2 ? '-destination' : ''}=${value}`),
  ...files,
]);
const { passed, failed, skipped, failures } = JSON.parse(readFileSync(tally, 'utf8'));
if (skipped > 0) console.log(`${skipped} skipped`);
for (const { name, file, line, why } of failures) console.log(`FAILED ${relative('.', file ?? '')}:${line ?? 0} ${name}: ${why}`);
if (broken > 0) console.log(`${broken} build steps failed, see above`);
console.log(`${passed} passed, ${failed + broken} failed`);
process.exitCode = code !== 0 || broken > 0 || failed > 0 ? 1 : 0;
