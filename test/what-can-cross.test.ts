import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { NotCloneableError } from 'meantime';
import { ProcessPoolExecutor } from 'meantime/processes';
import { ThreadPoolExecutor } from 'meantime/threads';
import { look, samples } from './fixtures/calls/values.js';

/** From build/test/. */
const page = new URL('../../docs/what-can-cross.md', import.meta.url);

const head = `# What can cross

What becomes of a value that is an argument of a call, or its result, on its way to a worker. This page is written by the test that checks it
(\`UPDATE_DOCS=1 npm test -- what-can-cross\`).

Values are copied as structured clone copies them, and errors as the wire carries them: with class or name, message, code, cause, own properties and
both stacks; a property that cannot travel is described in its place. Any other value that cannot travel fails that one call with a \`NotCloneableError\` that names the part; no worker is lost. What is named in
\`transfer\` is moved where the transport can do that. A value may be nested 400 levels deep, which the stack of every reader holds. Nothing in a value is
special by its name.

Of a class only the fields travel, not its methods: rebuild the object over there. A function cannot be sent as a value, but what a call runs is one: see
\`NotPortableError\` in [errors](errors.md) for which.

`;

/** A table whose columns line up, as the formatter of the project would write it. */
function table(rows: string[][]): string {
  const width = (s: string) => [...s].length;
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => width(row[column]))));
  const line = (row: string[]) => `| ${row.map((cell, i) => cell + ' '.repeat(widths[i] - width(cell))).join(' | ')} |`;
  return [line(rows[0]), line(widths.map((n) => '-'.repeat(n))), ...rows.slice(1).map(line)].join('\n');
}

test('docs/what-can-cross.md says what becomes of every kind of value', async () => {
  await using threads = new ThreadPoolExecutor({ workers: 1 });
  await using processes = new ProcessPoolExecutor({ workers: 1 });
  const rows = [['value', 'to a thread', 'to a process']];
  for (const [name, sample] of Object.entries(samples)) {
    const row = [name];
    for (const pool of [threads, processes]) {
      const value = sample.make() as never;
      const transfer = sample.transfer?.(value);
      let cell: string;
      try {
        const seen = await (transfer ? pool.with({ transfer }) : pool).submit(look, name, value);
        const left = sample.left?.(value);
        cell = left === undefined ? seen : `${seen}; ${left}`;
      } catch (error) {
        assert.ok(error instanceof NotCloneableError, `${name}: ${error}`);
        cell = '`NotCloneableError`';
      }
      row.push(sample.varies?.includes(cell) ? `${sample.varies.join(' or ')} (depends on Node)` : cell);
      (value as { close?(): void } | undefined)?.close?.();
    }
    rows.push(row);
  }
  assert.deepEqual([threads.stats().lost, processes.stats().lost], [0, 0]);
  const text = `${head}${table(rows)}\n`;
  if (process.env.UPDATE_DOCS === '1') writeFileSync(page, text);
  assert.equal(readFileSync(page, 'utf8'), text, 'the page is stale: UPDATE_DOCS=1 npm test -- what-can-cross');
});
