import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../scripts/check-arrows.mjs', import.meta.url));
const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

const good = {
  'src/core/index.ts': "export { clock } from './clock.js';\n",
  'src/core/clock.ts': 'export const clock = { now: () => performance.now(), after: setTimeout };\n',
  'src/futures/index.ts': "export { when } from './when.js';\n",
  'src/futures/when.ts': "import { clock } from '../core/index.js';\nexport const when = (): number => clock.now(); // not Date.now()\n",
  'src/futures/when.test.ts': "import { clock } from '../core/clock.js';\nimport x from 'anything';\nsetTimeout(() => x, clock.now());\n",
};

/** Runs the checker over a tree of the good files with some replaced or added. */
function check(files: Record<string, string> = {}): { code: number | null; out: string } {
  const root = mkdtempSync(join(tmpdir(), 'arrows-'));
  made.push(root);
  const all: Record<string, string> = {
    'package.json': JSON.stringify({ dependencies: { acorn: '*' } }),
    'tsconfig.json': JSON.stringify({ compilerOptions: { module: 'nodenext', types: [] }, include: ['src'] }),
    ...good,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--root', root], { encoding: 'utf8' });
  return { code: status, out: stdout + stderr };
}

test('a tree that keeps the rules passes', () => {
  const { code, out } = check();
  assert.equal(code, 0, out);
  assert.match(out, /as they should be/);
});

const planted: [string, Record<string, string>, RegExp][] = [
  [
    'an import that goes up',
    { 'src/core/up.ts': "import '../futures/index.js';\n" },
    /src\/core\/up\.ts:1 room "core" may not import "futures"/,
  ],
  [
    'a type import that goes up',
    { 'src/core/up.ts': "import type { when } from '../futures/index.js';\nexport type W = typeof when;\n" },
    /up\.ts:1 room "core" may not/,
  ],
  [
    'a dynamic import that goes up',
    { 'src/core/up.ts': "export const load = () => import('../futures/index.js');\n" },
    /up\.ts:1 room "core" may not/,
  ],
  [
    'a way past the door',
    { 'src/futures/past.ts': "\nimport { clock } from '../core/clock.js';\nexport const c = clock;\n" },
    /past\.ts:2 enters room "core" past its door/,
  ],
  [
    'the far door on the near side',
    { 'src/wire/far.ts': 'export {};\n', 'src/pool/x.ts': "import '../wire/far.js';\n" },
    /enters room "wire" past its door/,
  ],
  ['an unknown room', { 'src/utils/x.ts': 'export const x = 1;\n' }, /"utils" is not a room/],
  [
    'a cycle',
    { 'src/core/a.ts': "import './b.js';\n", 'src/core/b.ts': "import './a.js';\n" },
    /import cycle: core\/[ab]\.ts -> core\/[ab]\.ts -> core\/[ab]\.ts/,
  ],
  [
    'an entry that loads the host side',
    { 'src/threads/thread.entry.ts': "import '../futures/index.js';\n" },
    /thread\.entry\.ts:1 imports futures\/index\.ts/,
  ],
  [
    'an entry that loads the host side through its own room',
    { 'src/threads/thread.entry.ts': "import './near.js';\n", 'src/threads/near.ts': "import '../futures/index.js';\n" },
    /threads\/near\.ts:1 imports futures\/index\.ts, and threads\/thread\.entry\.ts/,
  ],
  ['a timer outside the clock', { 'src/futures/t.ts': 'setTimeout(() => {}, 1);\n' }, /t\.ts:1 names setTimeout/],
  ['a timer of globalThis', { 'src/futures/t.ts': 'globalThis.setTimeout(() => {}, 1);\n' }, /t\.ts:1 names setTimeout/],
  [
    'timers by import',
    { 'src/futures/t.ts': "import { scheduler as s } from 'node:timers/promises';\nexport const y = s;\n" },
    /imports node:timers/,
  ],
  ['Date.now', { 'src/futures/t.ts': '\n\nexport const t = Date.now();\n' }, /t\.ts:3 names Date\.now/],
  ['a date of now', { 'src/futures/t.ts': 'export const t = new Date();\n' }, /names new Date\(\)/],
  ['performance.now', { 'src/futures/t.ts': 'export const t = performance.now();\n' }, /names performance\.now/],
  ['Math.random', { 'src/futures/t.ts': 'export const t = Math.random();\n' }, /names Math\.random/],
  ['Atomics', { 'src/threads/t.ts': 'export const t = Atomics.load(new Int32Array(1), 0);\n' }, /names Atomics/],
  ['a write by import', { 'src/futures/w.ts': "import { writeSync as w } from 'node:fs';\nexport const x = w;\n" }, /names writeSync/],
  ['a write with a callback', { 'src/futures/w.ts': "import { write } from 'node:fs';\nexport const x = write;\n" }, /names node:fs write/],
  [
    'a write of the whole module',
    { 'src/futures/w.ts': "import * as fs from 'node:fs';\nexport const x = () => fs.writeSync(1, '');\n" },
    /names writeSync/,
  ],
  [
    'a write of a module that is loaded on use',
    { 'src/futures/w.ts': "const fs = () => process.getBuiltinModule('node:fs');\nexport const x = () => fs().writeSync(1, '');\n" },
    /names writeSync/,
  ],
  [
    'a listener for abort',
    { 'src/futures/t.ts': "export const t = (s: EventTarget) => s.addEventListener('abort', () => undefined);\n" },
    /t\.ts:1 adds a listener for 'abort'/,
  ],
  [
    'a listener for abort, by the event emitters’ way',
    { 'src/futures/t.ts': "import { once } from 'node:events';\nexport const t = (s: EventTarget) => once(s, 'abort');\n" },
    /t\.ts:2 adds a listener for 'abort'/,
  ],
  ['onabort', { 'src/futures/t.ts': 'export const t = (s: AbortSignal) => s.onabort;\n' }, /names onabort/],
  ['the stack limit', { 'src/futures/t.ts': 'Error.stackTraceLimit = 0;\n' }, /assigns Error\.stackTraceLimit/],
  ['a door without names', { 'src/futures/all.ts': "export * from './when.js';\n" }, /exports \*/],
  ['a package that is not a dependency', { 'src/futures/p.ts': "import 'left-pad';\n" }, /"left-pad", which is not in dependencies/],
  ['a file that is far too long', { 'src/futures/long.ts': 'export {};\n'.repeat(501) }, /501 lines; over 500 needs a reason/],
];

for (const [what, files, complaint] of planted) {
  test(`${what} is reported`, () => {
    const { code, out } = check(files);
    assert.equal(code, 1, out);
    assert.match(out, complaint);
    assert.match(out, /arrows: 1 wrong/);
  });
}

test('what looks like a fault and is none', () => {
  const { code, out } = check({
    'src/core/a.ts': "import type { b } from './b.js';\nexport type A = typeof b;\n",
    'src/core/b.ts': "import type { A } from './a.js';\nexport const b = (a: A) => a;\n",
    'src/wire/far.ts': 'export const far = 1;\n',
    'src/threads/far.entry.ts': "import '../wire/far.js';\n",
    'src/futures/fine.ts': [
      "import { parse } from 'acorn';",
      "import { connect } from 'node:net';",
      'const socket = connect(1);',
      'socket.setTimeout(5); // a method of that name',
      "export const text = 'Math.random()';",
      'export const toString = (x: object) => x.toString();',
      'export const then = (ms: number) => [new Date(ms), parse];',
    ].join('\n'),
    'src/threads/thread.entry.ts': "import '../core/index.js';\nimport './own.js';\n",
    'src/threads/own.ts': "import '../core/index.js';\n",
  });
  assert.equal(code, 0, out);
});
