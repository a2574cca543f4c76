import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { doors, root } from './doors.js';

type ErrorClass = { prototype: Error; new (...args: never[]): Error & { code: string } };

const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const rows = new Map([...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| [^|]+ \| [^|]+ \|$/gm)].map(([, code, name]) => [name, code]));

const source = ['src/core/errors.ts', 'src/tasks/errors.ts'].map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
const declared = [...source.matchAll(/^export class (\w+)/gm)].map(([, name]) => name).sort();

/** Every error class that a door exports, by name. */
async function exported(): Promise<Map<string, ErrorClass>> {
  const found = new Map<string, ErrorClass>();
  for (const door of doors()) {
    const names = (await import(door)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(names)) {
      if (typeof value === 'function' && value.prototype instanceof Error) found.set(name, value as unknown as ErrorClass);
    }
  }
  return found;
}

/** Most take a message; WorkerLostError takes an end as well. */
const make = (errorClass: ErrorClass) =>
  new (errorClass as unknown as new (...args: unknown[]) => Error & { code: string })('x', { exitCode: 1, signal: null, stderr: '' });

test('every error class has a row in docs/errors.md, and every row a class', () => {
  assert.deepEqual([...rows.keys()].sort(), declared);
});

test('every error class can be imported from meantime', async () => {
  const main = Object.keys(await import('meantime'));
  assert.deepEqual(
    declared.filter((name) => !main.includes(name)),
    [],
  );
});

test('every error class that a door exports has the code that its row says', async () => {
  const classes = await exported();
  assert.ok(classes.size > 0);
  for (const [name, errorClass] of classes) assert.equal(make(errorClass).code, rows.get(name), name);
});

test('no two error classes share a code', () => {
  assert.equal(new Set(rows.values()).size, rows.size);
});

test('an error of one copy of the package is an instance of its class in another copy', async () => {
  const { TimeoutError, MeantimeError, OptionError } = await import('meantime');
  const other = (await import(new URL('build/src/core/errors.js?copy', `file://${root}`).href)) as Record<string, ErrorClass>;
  const error = make(other.TimeoutError);
  assert.ok(!Object.is(other.TimeoutError, TimeoutError));
  assert.ok(error instanceof TimeoutError);
  assert.ok(error instanceof MeantimeError);
  assert.ok(!(error instanceof OptionError));
});
