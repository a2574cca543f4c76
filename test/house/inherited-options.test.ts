import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../scripts/check-options.mjs', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

const head = `import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
interface Limits { timeout?: number; signal?: AbortSignal }
interface Link { usage?(): number; end(): void }
declare const bare: <T extends object>(part: T) => T;
declare const read: Limits;
declare const wait: (limits: Limits) => void;
export { readFileSync, statSync, connect, Worker, bare, read, wait, type Limits, type Link };
`;

/** Runs the checker over a tree with this source. */
function check(source: string): { code: number | null; out: string } {
  const root = mkdtempSync(join(tmpdir(), 'options-'));
  made.push(root);
  mkdirSync(join(root, 'src'));
  symlinkSync(modules, join(root, 'node_modules'));
  const compilerOptions = { module: 'nodenext', target: 'es2022', lib: ['es2023'], types: ['node'], strict: true };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(root, 'src/x.ts'), head + source);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--root', root], { encoding: 'utf8' });
  return { code: status, out: stdout + stderr };
}

test('what cannot inherit passes', () => {
  const { code, out } = check(`
wait(bare({ timeout: 1 }));
wait({ timeout: 1, signal: undefined });
wait({ __proto__: null, timeout: 1 } as Limits);
new Worker('x', bare({ env: {} }));
readFileSync('x', bare({ encoding: 'utf8' as const }));
export const plain = { ...{ a: 1 }, b: 2 };
export class A implements Link { usage = undefined; end() {} }
export const { timeout } = bare(JSON.parse('{}'));
`);
  assert.equal(code, 0, out);
});

const planted: [string, string, RegExp][] = [
  ['a spread of options', 'wait({ ...read });', /may inherit timeout, signal/],
  ['a spread of options without a type', 'export const more = { ...read, workers: 2 };', /may inherit timeout, signal/],
  ['options that lack one', 'wait({ timeout: 1 });', /may inherit signal/],
  ['no options', 'wait({});', /may inherit timeout, signal/],
  ['frozen options', 'export const none: Limits = Object.freeze({});', /may inherit timeout, signal/],
  ['a choice of options', 'wait(process.argv.length > 9 ? {} : read);', /may inherit timeout, signal/],
  ['the rest of options', 'export const { timeout, ...rest } = read;', /\.\.\.rest may inherit signal/],
  ['a default', 'export const f = (limits: Limits = {}): Limits => limits;', /may inherit timeout, signal/],
  ['what is taken apart', 'export const { timeout } = process.argv.length > 9 ? {} as Limits : read;', /\{\} may inherit/],
  ['options of Node', "new Worker('x', { env: {} });", /may inherit argv/],
  ['one of several types of options', "statSync('x', { throwIfNoEntry: false });", /may inherit bigint/],
  ['an encoding', "readFileSync('x', 'utf8');", /is given an encoding/],
  ['a path of a socket', "connect('/x');", /connect is given a path/],
  ['a descriptor', "Object.defineProperty({}, 'x', { value: 1 });", /may inherit .*get/],
  ['a question by `in`', "export const isOn = 'timeout' in read;", /"timeout" may be inherited/],
  ['a variable of the environment', 'export const home = process.env.HOME;', /process\.env\.HOME may be inherited/],
  ['a record of a file', "export const { a } = JSON.parse('{}');", /JSON\.parse gives an object that may inherit/],
  ['a member of a record of a file', "export const a = JSON.parse('{}').a;", /JSON\.parse gives an object that may inherit/],
  ['a member that a class lacks', 'export class A implements Link { end() {} }', /class A may inherit usage of Link/],
];
for (const [what, source, message] of planted) {
  test(`${what}: it is named`, () => {
    const { code, out } = check(`${source}\n`);
    assert.equal(code, 1, out);
    assert.match(out, message);
    assert.match(out, /src\/x\.ts:10 /);
  });
}
