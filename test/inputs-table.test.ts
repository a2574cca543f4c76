import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { csv, jsonl, lines, type Source } from 'meantime/batch';
import { folder, functions, meantime, resultLines } from './cli-harness.js';

/** What a file gives: its inputs, a pattern for one that fails; or a pattern for the error that ends it. */
type Expected = readonly unknown[] | RegExp;

interface Case {
  name: string;
  bytes: string | Buffer;
  lines: Expected;
  jsonl: Expected;
  csv: Expected;
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const big = 'x'.repeat(262_144 - 4);
const notText = /in: is|in is not UTF-8 text/;
const other = /^in:2: expected UTF-8 text, got other bytes/;

const cases: Case[] = [
  { name: 'LF', bytes: '1\n2\n3\n', lines: ['1', '2', '3'], jsonl: [1, 2, 3], csv: [{ 1: '2' }, { 1: '3' }] },
  { name: 'CRLF', bytes: '1\r\n2\r\n3\r\n', lines: ['1', '2', '3'], jsonl: [1, 2, 3], csv: [{ 1: '2' }, { 1: '3' }] },
  { name: 'CR', bytes: '1\r2\r3\r', lines: ['1', '2', '3'], jsonl: [1, 2, 3], csv: [{ 1: '2' }, { 1: '3' }] },
  { name: 'CR, and none at the end', bytes: '1\r2\r3', lines: ['1', '2', '3'], jsonl: [1, 2, 3], csv: [{ 1: '2' }, { 1: '3' }] },
  { name: 'all three', bytes: '1\n2\r\n3\r4', lines: ['1', '2', '3', '4'], jsonl: [1, 2, 3, 4], csv: [{ 1: '2' }, { 1: '3' }, { 1: '4' }] },
  { name: 'no last line end', bytes: '1\n2', lines: ['1', '2'], jsonl: [1, 2], csv: [{ 1: '2' }] },
  { name: 'an empty file', bytes: '', lines: [], jsonl: [], csv: [] },
  { name: 'one line', bytes: '1\n', lines: ['1'], jsonl: [1], csv: [] },
  { name: 'blank lines', bytes: '\n1\n\n2\r\n\r\n', lines: ['', '1', '', '2', ''], jsonl: [1, 2], csv: [{ 1: '2' }] },
  { name: 'a byte order mark', bytes: '\ufeff1\n2\n', lines: ['1', '2'], jsonl: [1, 2], csv: [{ 1: '2' }] },
  { name: 'nothing but a byte order mark', bytes: '\ufeff', lines: [], jsonl: [], csv: [] },
  { name: 'UTF-16LE', bytes: Buffer.from('\ufeff1\n2\n', 'utf16le'), lines: notText, jsonl: notText, csv: notText },
  { name: 'UTF-16BE', bytes: Buffer.from('\ufeff1\n2\n', 'utf16le').swap16(), lines: notText, jsonl: notText, csv: notText },
  { name: 'UTF-16LE without a mark', bytes: Buffer.from('1\n2\n', 'utf16le'), lines: notText, jsonl: notText, csv: notText },
  { name: 'a NUL in the first line', bytes: '1\0\n2\n', lines: notText, jsonl: notText, csv: notText },
  {
    name: 'a NUL later',
    bytes: '1\n2\0\n3\n',
    lines: ['1', /^in:2: expected UTF-8 text, got a NUL/, '3'],
    jsonl: [1, /^in:2: expected UTF-8 text, got a NUL/, 3],
    csv: [/^in:2: expected UTF-8 text, got a NUL/, { 1: '3' }],
  },
  { name: 'Latin-1', bytes: latin1('1\nf\xfcr\n3\n'), lines: ['1', other, '3'], jsonl: [1, other, 3], csv: [other, { 1: '3' }] },
  {
    name: 'Latin-1 in the first line',
    bytes: latin1('f\xfcr\n3\n'),
    lines: [/^in:1: expected UTF-8/, '3'],
    jsonl: [/^in:1: expected UTF-8/, 3],
    csv: /^in:1: expected UTF-8/,
  },
  { name: 'an overlong form', bytes: latin1('1\n\xc0\xaf\n3\n'), lines: ['1', other, '3'], jsonl: [1, other, 3], csv: [other, { 1: '3' }] },
  { name: 'a surrogate', bytes: latin1('1\n\xed\xa0\x80\n3\n'), lines: ['1', other, '3'], jsonl: [1, other, 3], csv: [other, { 1: '3' }] },
  { name: 'UTF-8 cut off at the end', bytes: latin1('1\n\xf0\x9f\x98'), lines: ['1', other], jsonl: [1, other], csv: [other] },
  {
    name: 'a character over the end of a chunk',
    bytes: `1\n"${big}\u{1f600}"\n3\n`,
    lines: ['1', `"${big}\u{1f600}"`, '3'],
    jsonl: [1, `${big}\u{1f600}`, 3],
    csv: [{ 1: `${big}\u{1f600}` }, { 1: '3' }],
  },
  {
    name: 'CRLF over the end of a chunk',
    bytes: `1\n${'x'.repeat(262_141)}\r\n3\r\n`,
    lines: ['1', 'x'.repeat(262_141), '3'],
    jsonl: [1, /^in:2: expected one JSON value/, 3],
    csv: [{ 1: 'x'.repeat(262_141) }, { 1: '3' }],
  },
  {
    name: 'U+2028 in a text',
    bytes: '"a"\n"\u2028\u2029\u0085"\n',
    lines: ['"a"', '"\u2028\u2029\u0085"'],
    jsonl: ['a', '\u2028\u2029\u0085'],
    csv: [{ a: '\u2028\u2029\u0085' }],
  },
  {
    name: 'a quote that is not closed',
    bytes: 'a,b\n1,"2\n3,4\n',
    lines: ['a,b', '1,"2', '3,4'],
    jsonl: [/^in:1:/, /^in:2:/, /^in:3:/],
    csv: [/^in:2: .* a quote that is not closed/, { a: '3', b: '4' }],
  },
  {
    name: 'a quote in the header that is not closed',
    bytes: '"a,b\n1,2\n',
    lines: ['"a,b', '1,2'],
    jsonl: [/^in:1:/, /^in:2:/],
    csv: /^in:1: expected a CSV header, got a quote that is not closed/,
  },
  {
    name: 'a quote in the middle',
    bytes: 'a,b\n1,x"y"z\n3,4\n',
    lines: ['a,b', '1,x"y"z', '3,4'],
    jsonl: [/./, /./, /./],
    csv: [/^in:2: expected a CSV record/, { a: '3', b: '4' }],
  },
  {
    name: 'a quote in the middle of the header',
    bytes: 'a,x"y"z\n1,2\n',
    lines: ['a,x"y"z', '1,2'],
    jsonl: [/./, /./],
    csv: /^in:1: expected a CSV header/,
  },
  {
    name: 'a name twice',
    bytes: 'a,b,a\n1,2,3\n',
    lines: ['a,b,a', '1,2,3'],
    jsonl: [/./, /./],
    csv: /^in:1: expected a name of its own for each column, got "a" for columns 1 and 3/,
  },
  {
    name: 'two columns without a name',
    bytes: 'a,,\n1,2,3\n',
    lines: ['a,,', '1,2,3'],
    jsonl: [/./, /./],
    csv: /got "" for columns 2 and 3/,
  },
  {
    name: 'short and long records',
    bytes: 'a,b\n1\n1,2,3\n1,2\n   \n',
    lines: ['a,b', '1', '1,2,3', '1,2', '   '],
    jsonl: [/./, 1, /./, /./],
    csv: [/^in:2: expected 2 columns as in the header, got 1/, /^in:3: .* got 3/, { a: '1', b: '2' }],
  },
  { name: 'spaces, in one column', bytes: 'a\n  \n', lines: ['a', '  '], jsonl: [/./], csv: [{ a: '  ' }] },
  {
    name: 'line ends in quotes',
    bytes: 'a,b\r\n"1\r\n2\r3","\n"\r\n',
    lines: ['a,b', '"1', '2', '3","', '"'],
    jsonl: [/./, /./, 2, /./, /./],
    csv: [{ a: '1\n2\n3', b: '\n' }],
  },
  {
    name: 'names that objects have',
    bytes: '__proto__,constructor\n1,2\n',
    lines: ['__proto__,constructor', '1,2'],
    jsonl: [/./, /./],
    csv: [JSON.parse('{"__proto__":"1","constructor":"2"}')],
  },
];

const readers = { lines, jsonl, csv } as const;

interface Got {
  items: unknown[];
  error: string | undefined;
}

function check({ items, error }: Got, expected: Expected): void {
  if (expected instanceof RegExp) return assert.match(error ?? `no error, but ${JSON.stringify(items)}`, expected);
  assert.equal(error, undefined);
  assert.equal(items.length, expected.length, JSON.stringify(items).slice(0, 1000));
  for (const [i, wanted] of expected.entries()) {
    if (wanted instanceof RegExp) assert.match(String((items[i] as { error?: string }).error), wanted);
    else assert.deepEqual(items[i], wanted);
  }
}

/** Through a `for await`, which throws at the first malformed input. */
async function read(source: Source<unknown>): Promise<Got> {
  const items: unknown[] = [];
  try {
    for await (const item of source) items.push(item);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'MEANTIME_INPUT');
    return { items, error: (error as Error).message };
  }
  return { items, error: undefined };
}

test('every reader, in a program: right values, or an error that says where', async (t) => {
  process.chdir(folder(t));
  for (const { name, bytes, ...expected } of cases) {
    writeFileSync('in', bytes);
    for (const [kind, reader] of Object.entries(readers)) {
      await t.test(`${kind}: ${name}`, async () => {
        const wanted = expected[kind as keyof typeof readers];
        const firstBad = wanted instanceof RegExp ? 0 : wanted.findIndex((item) => item instanceof RegExp);
        const got = await read(reader('in'));
        if (wanted instanceof RegExp || firstBad < 0) check(got, wanted);
        else {
          assert.match(got.error ?? 'none', wanted[firstBad] as RegExp);
          assert.deepEqual(got.items, wanted.slice(0, firstBad));
        }
      });
    }
  }
  process.chdir('/');
});

for (const kind of Object.keys(readers) as (keyof typeof readers)[]) {
  test(`--${kind}: what is lost is never lost with exit code 0`, async (t) => {
    const dir = folder(t);
    // What no error is expected of is read above, in the program.
    for (const one of cases.filter(
      (one) => one[kind] instanceof RegExp || (one[kind] as unknown[]).some((item) => item instanceof RegExp),
    )) {
      writeFileSync(join(dir, 'in'), one.bytes);
      const { code, stdout, stderr } = await meantime(['map', `${functions}#same`, `--${kind}`, 'in', '--on', 'tasks', '--ordered', '-q'], {
        cwd: dir,
      });
      const results = resultLines(stdout);
      const items = results.map((r) => (r.status === 'fulfilled' ? r.value : { error: r.error?.message }));
      const failed = /^meantime: (.*)\n$/s.exec(stderr)?.[1];
      await t.test(one.name, () => {
        check({ items, error: failed }, one[kind]);
        assert.equal(code, one[kind] instanceof RegExp ? 2 : 1, stderr);
      });
    }
  });
}
