// Programs as users write them, run as users run them: each hands functions to a pool of threads and prints what came.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'portability-'));
after(() => rmSync(folder, { recursive: true }));

/** The test's own environment must not reach the programs. */
const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, NODE_V8_COVERAGE: ___, ...env } = process.env;

before(() => {
  cpSync(join(root, 'test/fixtures/portability'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/meantime'), 'junction');
  symlinkSync(join(root, 'node_modules/tsx'), join(folder, 'node_modules/tsx'), 'junction');
});

interface Said {
  readonly value?: unknown;
  readonly code?: string;
  readonly free?: readonly string[];
  readonly at?: string;
  readonly message?: string;
}

/** Runs a program and gives what it said about each function. */
async function said(args: readonly string[], node = process.execPath, more: NodeJS.ProcessEnv = {}): Promise<Record<string, Said>> {
  const { stdout } = await promisify(execFile)(node, args, { cwd: folder, env: { ...env, ...more }, timeout: 60_000 });
  const lines = stdout.trim().split('\n');
  return Object.fromEntries(lines.map((line) => JSON.parse(line)).map(({ name, ...rest }) => [name, rest]));
}

const notPortable = (free: readonly string[], at: string | undefined, because: RegExp) => ({ free, at, because });

/** Compares all that a program said: values exactly, errors by their parts and a piece of their message. */
function assertSaid(all: Record<string, Said>, expected: Record<string, unknown>): void {
  assert.deepEqual(Object.keys(all), Object.keys(expected));
  for (const [name, want] of Object.entries(expected)) {
    const got = all[name];
    if (typeof want === 'object' && want !== null && 'because' in want) {
      const { free, at, because } = want as ReturnType<typeof notPortable>;
      assert.deepEqual({ code: got.code, free: got.free, at: got.at }, { code: 'MEANTIME_NOT_PORTABLE', free, at }, name);
      assert.match(got.message as string, because, name);
    } else assert.deepEqual(got.value, want, `${name}: ${got.message ?? 'another value'}`);
  }
}

/** Where in a fixture a text stands: `main.mjs:12`. */
function lineOf(file: string, text: string): string {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes(text));
  assert.notEqual(at, -1, `${file} has no ${text}`);
  return `${file.split('/').at(-1)}:${at + 1}`;
}

test('an ES module: every kind of export, of other modules and of the entry module itself', async () => {
  const all = await said(['esm/main.mjs']);
  assertSaid(all, {
    'named export': 2,
    'default export': 3,
    'static method': ['Klass', 2],
    'inherited static method': ['Base', 2],
    'member of an exported object': 2,
    'made by a factory': 3,
    'through a barrel': 3,
    'renamed by a barrel': 2,
    'renamed export': 4,
    'entry: declaration': 11,
    'entry: arrow': 12,
    'entry: static method': ['Own', 2],
    'entry: member': 2,
    'entry: renamed': 13,
    portable: 42,
    inline: 6,
    'inline async': 1,
    method: 5,
    'Math.max': 4,
    'path.join': join('a', 'b'),
    randomBytes: all.randomBytes.value,
    'not exported': notPortable(
      ['one'],
      lineOf('esm/lib.mjs', 'function secret'),
      /no export .* uses one \(line \d+\).* portable\(import\.meta\.url, 'secret', secret\)/,
    ),
    closure: notPortable(['local'], lineOf('esm/main.mjs', `show('closure'`), /uses local .* pass local as an argument/),
    'made by a factory here': notPortable(['local'], lineOf('esm/main.mjs', 'wrappedHere = '), /still being evaluated/),
    bound: notPortable([], lineOf('esm/lib.mjs', 'function resize'), /bound function/),
    class: notPortable([], undefined, /is a class/),
  });
  assert.equal(Object.keys(all.randomBytes.value as object).length, 3);
});

test('a CommonJS program: exports, module.exports, what a compiler makes of an ES module, sloppy functions', async () => {
  assertSaid(await said(['cjs/main.cjs']), {
    'named export': 2,
    'static method': ['Klass', 2],
    'member of an exported object': 2,
    'export called default': 3,
    'module.exports': 2,
    'property of module.exports': 2,
    'default beside module.exports': 3,
    'compiled: named': 4,
    'compiled: default': 5,
    entry: 11,
    sloppy: true,
    strict: 'none',
    closure: notPortable(['local'], lineOf('cjs/main.cjs', `show('closure'`), /uses local/),
    require: notPortable(['require'], lineOf('cjs/main.cjs', `show('require'`), /uses require/),
  });
});

/** What both TypeScript programs say. */
const typescript = (file: string) => ({
  'named export': 6,
  'of a namespace': 2,
  'entry: declaration': 3,
  'entry: arrow': 3,
  'entry: static method': 'Own 2',
  inline: 'inner 6',
  closure: notPortable(['local'], lineOf(file, `show('closure'`), new RegExp(`uses local \\(line ${lineNumber(file, 'x + local, 1)')}\\)`)),
});

const lineNumber = (file: string, text: string): string => lineOf(file, text).split(':')[1];

const stripsTypes = (version: string): boolean => {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
};

/** Nodes that strip types: the one that runs the tests, or those that MEANTIME_NODES lists. */
const stripping = [process.execPath, ...(process.env.MEANTIME_NODES ?? '').split(delimiter).filter(Boolean)].filter((node) =>
  stripsTypes(node === process.execPath ? process.version : execFileSync(node, ['--version'], { encoding: 'utf8' })),
);

const skip = stripping.length === 0 && `Node ${process.version} strips no types, and MEANTIME_NODES names no Node that does`;
test('TypeScript run by Node itself', { skip }, async () => {
  for (const node of stripping) {
    assertSaid(await said(['ts/main.ts'], node), typescript('ts/main.ts'));
  }
});

test('TypeScript through tsx: ES modules, CommonJS, by preload and by command', async () => {
  for (const file of ['ts/main.ts', 'ts-cjs/main.ts']) {
    assertSaid(await said(['--import', 'tsx', file]), typescript(file));
    assertSaid(await said(['node_modules/tsx/dist/cli.mjs', file]), typescript(file));
  }
});

test('a program on the command line has no module to import', async () => {
  const program = `
    import { ThreadPoolExecutor } from 'meantime/threads';
    import { shower } from './show.mjs';
    const pool = new ThreadPoolExecutor({ workers: 1 });
    const show = shower(pool);
    const local = 1;
    await show('inline', (x) => x * 2, 2);
    await show('closure', (x) => x * local, 2);
    await pool.shutdown();`;
  assertSaid(await said(['--input-type=module', '--eval', program]), {
    inline: 4,
    closure: notPortable(['local'], '[eval1]:8', /made by evaluating text, .* Define it in a module/),
  });
});

test('a path with spaces, hashes and letters from elsewhere', async () => {
  const odd = join(folder, 'a #1 %20 ö');
  mkdirSync(odd);
  writeFileSync(join(odd, 'lib.mjs'), 'const one = 1; export const add = (x) => x + one;');
  writeFileSync(
    join(odd, 'main.mjs'),
    `import { ThreadPoolExecutor } from 'meantime/threads';
    import { add } from './lib.mjs';
    import { shower } from '../show.mjs';
    const pool = new ThreadPoolExecutor({ workers: 1 });
    await shower(pool)('add', add, 2);
    await pool.shutdown();`,
  );
  assertSaid(await said([join(odd, 'main.mjs')]), { add: 3 });
});

test('without an inspector, as under the permission model, the modules on the stack are enough', async () => {
  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const all = await said([flag, '--allow-worker', '--allow-fs-read=*', 'esm/main.mjs']);
  const { closure, bound, class: __, 'not exported': ___, 'made by a factory here': ____, 'entry: member': twin, ...travelled } = all;
  for (const [name, { message }] of Object.entries(travelled)) assert.equal(message, undefined, name);
  assert.equal(Object.keys(travelled).length, 20);
  // Its text stands in the module more than once, and one of the others might be meant.
  assert.equal(twin.code, 'MEANTIME_NOT_PORTABLE');
  assert.match(closure.message as string, /no module on the stack exports it .* uses local from around it/);
  assert.match(bound.message as string, /bound function/);
});

test('a search that goes as far as the inspector leaves the coverage of the program as it is', async () => {
  const coverage = join(folder, 'coverage');
  await said(['esm/main.mjs'], process.execPath, { NODE_V8_COVERAGE: coverage });
  const counts = readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: Script[] };
    const script = result.find(({ url }) => url.endsWith('/show.mjs'));
    return script?.functions.filter((f) => f.functionName === 'say').map((f) => f.ranges[0].count) ?? [];
  });
  // One process and its worker: only the process prints, a line for each function.
  assert.equal(Math.max(...counts), 26);
});

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly functionName: string; readonly ranges: readonly { readonly count: number }[] }[];
}
