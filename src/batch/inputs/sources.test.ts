import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Malformed } from '../item.js';
import type { Source } from '../source.js';
import { csv } from './csv.js';
import { jsonl } from './jsonl.js';
import { lines } from './lines.js';
import { range } from './range.js';

const dir = mkdtempSync(join(tmpdir(), 'meantime-'));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, 'in');

async function read<I>(source: Source<I>): Promise<(I | string)[]> {
  const reader = source.open();
  const all: (I | string)[] = [];
  for (let batch = await reader.read(); batch.length > 0; batch = await reader.read()) {
    for (const item of batch) all.push(item instanceof Malformed ? item.error.message.replace(dir, '') : item);
  }
  await reader.close();
  return all;
}

test('lines come out as they went in, wherever the chunks of the file end', async () => {
  const line = fc.stringMatching(/^[^\r\n\ufeff]*$/);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 50 }),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 0, max: 3 }),
      async (some, end, big) => {
        const all = big > 0 ? [...some, 'x'.repeat(262_144 * big - 7), ...some] : some;
        writeFileSync(file, all.map((text) => text + end).join(''));
        assert.deepEqual(await read(lines(file)), all);
      },
    ),
    { numRuns: 60 },
  );
});

test('records come out as they went in, whatever is quoted in them', async () => {
  const cell = fc.stringMatching(/^[^\r\ufeff]*$/);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }), async (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      writeFileSync(file, `a,b\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}\n`);
      assert.deepEqual(
        await read(csv(file)),
        rows.map(([a, b]) => ({ a, b })),
      );
    }),
    { numRuns: 100 },
  );
});

test('a broken quote costs its own line and no other, in the order of the file', async () => {
  writeFileSync(file, 'a,b\n1,2\nx"y,3\n10,"open\n11,12\n13,14\n');
  const items = await read(csv(file));
  assert.equal(items.length, 5);
  assert.match(String(items[1]), /^\/in:3: expected a CSV record/);
  assert.match(String(items[2]), /^\/in:4: expected a CSV record, got a quote that is not closed/);
  assert.deepEqual(
    [items[0], items[3], items[4]],
    [
      { a: '1', b: '2' },
      { a: '11', b: '12' },
      { a: '13', b: '14' },
    ],
  );
});

test('a header named __proto__ is a name like any other', async () => {
  writeFileSync(file, '__proto__,b\nx,y\n');
  const [row] = await read(csv(file));
  assert.deepEqual(Object.entries(row), [
    ['__proto__', 'x'],
    ['b', 'y'],
  ]);
});

test('a file that does not end with a newline, and one that is empty', async () => {
  writeFileSync(file, '1\n2');
  assert.deepEqual(await read(jsonl(file)), [1, 2]);
  writeFileSync(file, '');
  for (const source of [lines(file), jsonl(file), csv(file)]) assert.deepEqual(await read<unknown>(source), []);
});

test('ranges count, and do not add up errors', async () => {
  assert.deepEqual(await read(range(3, 1)), [3, 2, 1]);
  assert.equal((await read(range(0, 1, 0.1))).length, 11);
  assert.equal(await range(1, 1e7).total(new AbortController().signal), 1e7);
  assert.deepEqual(await read(range(5, 5)), [5]);
});
