import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const at = (path: string): string => fileURLToPath(new URL(`../../../test/fixtures/hardened/${path}`, import.meta.url));

type Said = Record<string, unknown> & Record<'tasks' | 'threads' | 'processes', Record<string, unknown>>;

async function basics(flags: string[], ...args: string[]): Promise<Said> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', ...flags, at('basics.mjs'), ...args]);
  return JSON.parse(stdout);
}

const executor = (name: string): Record<string, unknown> => ({
  submit: 42,
  map: [2, 4, 6],
  text: 2,
  streamed: [0, 1, 2],
  far: `RangeError,fails as ${name},E_FAR,${name},true`,
  cancelled: 'AbortError: This operation was cancelled',
  timeout: 'TimeoutError: The call of untilAborted ran longer than 50 ms',
  value: '0,TypeError,sent',
});

const expected = {
  timeout: 'TimeoutError: withTimeout of 1 ms has run out of time',
  generatorTimeout: 'TimeoutError: withTimeout of 1 ms has run out of time',
  group: 'RangeError: of a task',
  race: 'first',
  gather: [1, 2],
  retry: 3,
  run: 'ran',
  lock: true,
  queue: 1,
  wait: 1,
  tasks: executor('tasks'),
  threads: executor('threads'),
  processes: executor('processes'),
  sharedLock: true,
  processLock: true,
  sharedQueue: '{"a":[1,"two"]}',
};

const hardened: [string, string[], string[]][] = [
  ['nothing is hardened', [], []],
  ['the built-ins are frozen, here and in the workers, before Meantime is loaded', ['--import', at('harden.mjs')], []],
  ['the built-ins are frozen here when Meantime has been loaded', [], ['late']],
  ['--frozen-intrinsics', ['--frozen-intrinsics'], []],
  ['--disable-proto=throw', ['--disable-proto=throw'], []],
  ['--disable-proto=delete', ['--disable-proto=delete'], []],
];

for (const [name, flags, args] of hardened) {
  test(`all that works does so where ${name}`, async () => {
    assert.deepEqual(await basics(flags, ...args), expected);
  });
}

test('where code from strings is refused, a function that travels as text is a NotPortableError that names it; all else works', async () => {
  const said = await basics(['--disallow-code-generation-from-strings']);
  for (const name of ['threads', 'processes'] as const) {
    assert.match(
      String(said[name].text),
      /^NotPortableError addOne: .*travels as source text.*disallow-code-generation-from-strings.*export the function/,
    );
    said[name].text = 2;
  }
  assert.deepEqual(said, expected);
});

test('the same where only the worker, a process, refuses it', async () => {
  const said = await basics([], 'strict-workers'); // of a thread the flag is refused by Node
  assert.match(String(said.processes.text), /^NotPortableError addOne: .*source text/);
});
