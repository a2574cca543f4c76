import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../scripts/check-terminal.mjs', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

const head = `import { writeSync } from 'node:fs';
declare const screenOf: (stream: NodeJS.WriteStream) => { say(text: string): void };
declare const warningOf: (name: string, code: string | undefined, text: string) => Error;
declare const untouched: (stream: NodeJS.WriteStream) => NodeJS.WriteStream;
declare const error: Error;
export { writeSync, screenOf, warningOf, untouched, error };
`;

/** Runs the checker over a tree with this source. */
function check(source: string, name = 'src/x.ts'): { code: number | null; out: string } {
  const root = mkdtempSync(join(tmpdir(), 'terminal-'));
  made.push(root);
  mkdirSync(dirname(join(root, name)), { recursive: true });
  symlinkSync(modules, join(root, 'node_modules'));
  const compilerOptions = { module: 'nodenext', target: 'es2022', lib: ['es2023'], types: ['node'], strict: true };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(root, name), head + source);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--root', root], { encoding: 'utf8' });
  return { code: status, out: stdout + stderr };
}

test('what goes through the doors passes', () => {
  const { code, out } = check(`
screenOf(process.stderr).say('x');
screenOf(untouched(process.stdout)).say(String(process.stdout.columns));
process.stdout.once('error', () => undefined);
process.emitWarning(warningOf('Warning', undefined, error.message));
const made = warningOf('Warning', undefined, error.message);
process.emitWarning(made);
process.emit('warning', made);
process.emit('exit', 1);
export const write = (fd: number) => writeSync(fd, 'x'); // process.stdout.write and console.log in a comment
`);
  assert.equal(code, 0, out);
});

test('a file that passes on what was printed may write', () => {
  const { code, out } = check('process.stderr.write(error.message);\n', 'src/processes/process-link.ts');
  assert.equal(code, 0, out);
});

const planted: [string, string, RegExp][] = [
  ['a write to stdout', "process.stdout.write('x');", /uses process\.stdout/],
  ['a write to stderr', "globalThis.process.stderr.write('x');", /uses process\.stderr/],
  ['a stream by bracket', "process['stderr'].write('x');", /uses process\.stderr/],
  ['a stream that is kept', 'export const stream = process.stderr;', /uses process\.stderr/],
  ['a write that is kept', 'export const print = process.stdout.write.bind(process.stdout);', /uses process\.stdout/],
  ['a stream that is taken out', 'export const { stdout } = process;', /takes stdout out/],
  [
    'a write to a stream of another name',
    "export const f = (to: NodeJS.WriteStream) => to.write('x');",
    /calls write of a standard stream/,
  ],
  ['a write to what was untouched', "untouched(process.stderr).end('x');", /calls end of a standard stream/],
  ['console', "console.error('x');", /uses console\.error/],
  ['console that is passed on', 'export const out = [console];', /uses console/],
  ['console that is imported', "import { log } from 'node:console'; log('x');", /imports console/],
  ['process that is imported', "import { stderr } from 'node:process'; stderr.write('x');", /imports process/],
  ['a descriptor', "writeSync(2, 'x');", /calls writeSync with descriptor 2/],
  ['source that writes', "export const source = `require('node:fs').writeSync(2, text)`;", /has source that writes/],
  ['source that prints', "export const source = 'console.log(1)';", /has source that writes/],
  ['a warning of a text', "process.emitWarning('failed: ' + error.message);", /gives process\.emitWarning a text or an error as it is/],
  ['a warning that is an error of somebody', 'process.emitWarning(error);', /gives process\.emitWarning a text or an error as it is/],
  ['a warning that is a parameter', 'export const f = (made: Error) => process.emitWarning(made);', /as it is/],
  ['a warning that is emitted', "process.emit('warning', error);", /gives process\.emit a text or an error as it is/],
  ['the way to warn, passed on', 'export const tell = process.emitWarning;', /passes process\.emitWarning on/],
];
for (const [what, source, message] of planted) {
  test(`${what}: it is named`, () => {
    const { code, out } = check(`${source}\n`);
    assert.equal(code, 1, out);
    assert.match(out, message);
    assert.match(out, /src\/x\.ts:7 /);
  });
}
