import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

/** A small package whose only door has this source. */
function project(source: string): string {
  const root = mkdtempSync(join(tmpdir(), 'docs-'));
  made.push(root);
  const files = {
    'package.json': JSON.stringify({
      name: 'small',
      type: 'module',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2022',
        lib: ['es2023'],
        types: ['node'],
        strict: true,
        rootDir: 'src',
        outDir: 'dist',
      },
      include: ['src'],
    }),
    'README.md': '# Small\n',
    'src/index.ts': source,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(root, 'node_modules'));
  return root;
}

const script = (name: string) => fileURLToPath(new URL(`../../../scripts/${name}`, import.meta.url));

function check(source: string): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script('check-docs.mjs'), project(source)], { encoding: 'utf8' });
  return { code: status, out: stdout + stderr };
}

const fence = '```';
const example = ` * @example\n * ${fence}ts run\n * 1 + 1; // => 2\n * ${fence}`;

test('documented declarations pass', () => {
  const { code, out } = check(`
/** Later.
 *
 * Cancelling: cannot be cancelled.
 *
${example}
 */
export async function later(): Promise<number> { return 1; }
/** A number. */
export const one = 1;
/** For another room. @internal */
export function inner(): Promise<void> { return later().then(() => {}); }
`);
  assert.equal(code, 0, out);
  assert.match(out, /3 public declarations/);
});

const planted: [string, string, RegExp][] = [
  ['no docstring', 'export const one = 1;', /src\/index\.ts:1 one .*has no docstring/],
  ['no example', '/** Adds. */\nexport function add(): number { return 1; }', /src\/index\.ts:2 add .*no example/],
  ['an example that asserts nothing', `/** One.\n * ${fence}ts run\n * 1;\n * ${fence}\n */\nexport const one = 1;`, /asserts nothing/],
  [
    'a promise without Cancelling:',
    `/** Later.\n${example}\n */\nexport async function later() { return 1; }`,
    /returns Promise<number> and has no "Cancelling:"/,
  ],
  [
    'a member without Cancelling:',
    '/** A thing. */\nexport interface Thing {\n  end(): Promise<void>;\n}',
    /src\/index\.ts:3 Thing\.end .*"Cancelling:"/,
  ],
];

for (const [what, source, complaint] of planted) {
  test(`${what} is reported`, () => {
    const { code, out } = check(source);
    assert.equal(code, 1, out);
    assert.match(out, complaint);
    assert.match(out, /docs: 1 wrong/);
  });
}

test('an example whose value is wrong fails, naming file and line', () => {
  const root = project(
    [
      '/**',
      ` * ${fence}ts run`,
      ' * const two = 1 + 1; // => 2',
      " * [two, 'a']; // => [3, 'a']",
      ` * ${fence}`,
      ' */',
      'export const one = 1;',
    ].join('\n'),
  );
  writeFileSync(
    join(root, 'README.md'),
    [
      '# Small',
      `${fence}ts run`,
      "JSON.parse('{'); // => throws SyntaxError",
      'await Promise.reject(new RangeError()); // => rejects TypeError',
      fence,
    ].join('\n'),
  );
  assert.equal(spawnSync(process.execPath, [script('doctest.mjs')], { cwd: root, encoding: 'utf8', stdio: 'ignore' }).status, 0);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const files = ['README.test.js', 'src.test.js'].map((name) => `build/doctest/${name}`);
  const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...files], { cwd: root, encoding: 'utf8', env });
  assert.match(stdout, /src\/index\.ts:4 gives \[ 2, 'a' \], and says => \[ 3, 'a' \]/);
  assert.match(stdout, /README\.md:4 fails with RangeError.*, and says => TypeError/s);
  assert.match(stdout, /# fail 2/);
});
