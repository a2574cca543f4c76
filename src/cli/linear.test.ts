import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { csv } from '../batch/inputs/csv.js';
import { expandBraces } from '../batch/inputs/globbing/braces.js';
import { namePattern } from '../batch/inputs/globbing/name-pattern.js';
import { jsonl } from '../batch/inputs/jsonl.js';
import { lines } from '../batch/inputs/lines.js';
import { toJson } from '../batch/json.js';
import type { Source } from '../batch/source.js';
import { clock, nearest } from '../core/index.js';
import { joinStacks } from '../futures/origin.js';
import { userFrames } from '../tasks/debug.js';
import { exportPathAt } from '../wire/export-syntax.js';
import { freeVariables } from '../wire/free-variables.js';
import { isNative } from '../wire/function-ref.js';
import { sourceText } from '../wire/source-text.js';
import { loadParser, type Syntax } from '../wire/syntax.js';
import { preload } from '../wire/tsx-in-worker.js';
import { UsageError } from './exit-code.js';
import { bounds, bytes, duration, perSecond } from './quantities.js';
import { resumeLine } from './resume-line.js';

const parse = await loadParser();
const parsed = (text: string): Syntax => {
  const program = parse(text);
  if (program instanceof Error) throw program;
  return program;
};
const functionOf = (text: string): Syntax => (parsed(text).body as Syntax[])[0];
const wild = (part: string, name: string): boolean => {
  const pattern = namePattern(part);
  return pattern.kind === 'wild' && pattern.matches(name);
};
const names = (n: number, head: string): string => Array.from({ length: n }, (_, i) => head.replaceAll('#', String(i))).join();

/** Whether it is refused or done: only the time counts. */
function tried(what: () => unknown, kind: new (...args: never[]) => Error): void {
  try {
    what();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
  }
}

/** The work with a text of the size n, and the smaller of two sizes. */
const cases: Record<string, [work: (n: number) => unknown, size: number]> = {
  'braces that nothing closes': [(n) => expandBraces('{'.repeat(n)), 4096],
  'braces that hold nothing': [(n) => expandBraces('{}'.repeat(n)), 2048],
  'braces with one word': [(n) => expandBraces('{a}'.repeat(n)), 2048],
  'braces in one another, beside others': [(n) => expandBraces('{{{a}}}'.repeat(n)), 1024],
  'a brace of many words': [(n) => expandBraces(`{${'a,'.repeat(n)}}`), 1024],
  'brackets that nothing closes': [(n) => namePattern('['.repeat(n)), 1024],
  'brackets whose end is quoted': [(n) => namePattern('[[:a:][\\]'.repeat(n)), 512],
  'brackets of classes': [(n) => namePattern('[[:alpha:]'.repeat(n)), 512],
  'many stars': [(n) => wild(`${'*a'.repeat(n)}b`, 'a'.repeat(255)), 512],
  'a long class after a star': [(n) => wild(`*[${'b'.repeat(n)}]`, 'a'.repeat(255)), 512],
  'names in a folder, for a typo': [
    (n) =>
      nearest(
        'x'.repeat(255),
        Array.from({ length: n }, (_, i) => `${i}`.padStart(255, 'x')),
      ),
    128,
  ],
  'a long name, for a typo': [(n) => nearest('x'.repeat(n), ['timeout', 'deadline']), 16_384],
  'a long option after another': [(n) => nearest('x'.repeat(n), ['x'.repeat(n)]), 1024],
  'uses in many scopes': [
    (n) => freeVariables(functionOf(`function f(){${'{let a;'.repeat(100)}${'u;'.repeat(n)}${'}'.repeat(100)}}`)),
    1024,
  ],
  'variables of one function': [(n) => freeVariables(functionOf(`function f(){{var ${names(n, 'a#')}}}`)), 2048],
  'parameters of one function': [(n) => freeVariables(functionOf(`function f({${names(n, 'a#: {b#}')}}){}`)), 1024],
  'functions beside each other': [(n) => freeVariables(functionOf(`function f(){${'function g(){var x}'.repeat(n)}}`)), 512],
  'one object under many names': [
    (n) => exportPathAt(parsed(`const o={${names(n, 'a#(){}')}};export {${names(n, 'o as b#')}};function last(){}`), 0),
    256,
  ],
  'preloads that never come': [(n) => preload.exec(`${'--import='.repeat(n)}`), 1024],
  'preloads after spaces': [(n) => preload.exec(`--import${' '.repeat(n)}--import ${'/tsx/dist/'.repeat(n)}`), 1024],
  'functions of the engine': [(n) => isNative(`${'{ [native code] } '.repeat(n)}x`), 1024],
  'a stack of many frames': [(n) => userFrames(`Error\n${`    at f (${'(<anonymous>'.repeat(8)}:1:1)\n`.repeat(n)}`), 256],
  'a stack of one long frame': [(n) => userFrames(`Error\n   ${' at (<anonymous>:1'.repeat(n)}`), 1024],
  'a message of many lines': [
    (n) => joinStacks(Object.assign(new Error(), { stack: '\n '.repeat(n) }), { stack: '\n at '.repeat(n) }),
    1024,
  ],
  'a line that resumes': [(n) => resumeLine(['map', "'\n\x1b".repeat(n)]), 1024],
  ...Object.fromEntries(
    Object.entries({ bounds, bytes, duration, perSecond }).flatMap(([what, read]) =>
      ['1', '1_', '1.', '1e', '1e1', ' ', '1..', '/', '-1'].map((piece): [string, [(n: number) => unknown, number]] => [
        `${what} of ${JSON.stringify(piece)}`,
        [(n) => tried(() => read(`1${piece.repeat(n)}!`, '--x'), UsageError), 4096],
      ]),
    ),
  ),
};

const TIMES = 32;

for (const [what, [work, size]] of Object.entries(cases)) {
  test(`${what}: the time it takes grows as the text does`, () => {
    const time = (n: number) => {
      const from = clock.now();
      work(n);
      return clock.now() - from;
    };
    const few = Math.max(1, ...[1, 2, 3].map(() => time(size)));
    const many = time(TIMES * size);
    // With O(n^2) it is TIMES times TIMES, and a noisy machine takes some times as long.
    assert.ok(many < 12 * TIMES * few, `${few} ms, then ${many} ms`);
  });
}

test('braces that stand for too much are refused, with the limit', () => {
  const refused: [pattern: string, limit: RegExp][] = [
    ['{1..1000000000}', /100000 patterns/],
    ['{a,b}'.repeat(64), /100000 patterns/],
    [`{1..90000}${'{}'.repeat(60_000)}`, /33554432 characters/],
    [`{${'0'.repeat(50_000)}1..90000}`, /33554432 characters/],
    [`{1..90000}${'x'.repeat(100_000)}`, /33554432 characters/],
    [`{${Array(50).fill('{1..90000}').join()}}`, /100000 patterns/],
    [`${'{'.repeat(50_000)}a${'}'.repeat(50_000)}`, /100 braces/],
    [`${'{a,'.repeat(50_000)}a${'}'.repeat(50_000)}`, /100 braces/],
  ];
  for (const [pattern, limit] of refused) {
    assert.throws(
      () => expandBraces(pattern),
      (error: Error & { code?: string }) => error.code === 'MEANTIME_INPUT' && limit.test(error.message) && error.message.length < 1000,
      pattern.slice(0, 50),
    );
  }
  assert.equal(expandBraces(`${'{'.repeat(100)}a${'}'.repeat(100)}`).length, 1);
});

test('a function that is nested deeper than the stack is unreadable, and no error is thrown', async () => {
  const readable: boolean[] = [];
  for (let depth = 64; depth < 20_000; depth = Math.ceil(depth * 1.3)) {
    const read = await sourceText(() => {}, `function f(){${'{let a;'.repeat(depth)}${'}'.repeat(depth)}}`);
    readable.push(!Object.hasOwn(read, 'unreadable'));
  }
  assert.deepEqual([readable[0], readable.at(-1)], [true, false]);
});

test('a value whose objects hold one another twice is refused before it fills the memory', () => {
  let value: unknown = 1n;
  for (let i = 0; i < 40; i++) value = [value, value];
  assert.throws(() => toJson(value), { name: 'RangeError', message: /4194304 objects/ });
});

test('files of text: the time it takes grows as they do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meantime-linear-'));
  const file = join(folder, 'file');
  const read = async (source: Source<unknown>) => {
    const from = clock.now();
    const reader = source.open();
    while ((await reader.read()).length > 0);
    reader.close();
    return clock.now() - from;
  };
  try {
    for (const kind of [csv, jsonl, lines]) {
      for (const piece of ['"', 'a"\n', '"a\n', 'a\n', '"",', '\n"a"b\n""\n', '\r', '\r\r\n', '[', ',', '\xff\n', 'at line 1 ']) {
        const time = async (size: number) => {
          writeFileSync(file, `"a"\n${piece.repeat(Math.ceil(size / piece.length))}`, 'latin1');
          return await read(kind(file));
        };
        const few = Math.max(1, await time(2048), await time(2048));
        const many = await time(8 * 2048);
        assert.ok(many < 60 * few, `${kind.name} of ${JSON.stringify(piece)}: ${few} ms, then ${many} ms`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
