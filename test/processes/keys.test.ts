import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { connect, Listener, Manager, Process, ProcessPoolExecutor } from 'meantime/processes';
import { Thread, ThreadPoolExecutor } from 'meantime/threads';

/*
 * A value that was given as a key, or has one in it, is in no error: not in its message, its
 * properties, its causes, nor in what a logger prints of it.
 */

const TEXT = 'TOPSECRET';
const bytes = Buffer.from(TEXT);
const forms = [
  TEXT,
  bytes.toString('hex'),
  bytes.toString('base64'),
  [...bytes].join(', '),
  [...bytes].join(','),
  '424242424242',
  bytes.toString('hex').replace(/..(?!$)/g, '$& '),
];

class Revealing {
  toString() {
    return TEXT;
  }
  toJSON() {
    return TEXT;
  }
  [inspect.custom]() {
    return TEXT;
  }
  get [Symbol.toStringTag]() {
    return TEXT;
  }
}
const named = { [TEXT]: () => undefined }[TEXT];
/** None of them will do as a key: too short, or no text and no bytes. */
const keys: [name: string, key: unknown][] = [
  ['text', TEXT],
  ['a Buffer', bytes],
  ['a Uint8Array', new Uint8Array(bytes)],
  ['an ArrayBuffer', new Uint8Array(bytes).buffer],
  ['a DataView', new DataView(new Uint8Array(bytes).buffer)],
  ['a KeyObject', createSecretKey(bytes)],
  ['a number', 424242424242],
  ['a bigint', 424242424242n],
  ['a symbol', Symbol(TEXT)],
  ['a String', new String(TEXT)],
  ['an array of text', [TEXT]],
  ['an array of bytes', [...bytes]],
  ['an object', { key: TEXT }],
  ['an object that shows itself', new Revealing()],
  ['an object that says no text', Object.assign(Object.create(null), { key: TEXT })],
  ['a function', named],
  ['a URL', new URL(`http://${TEXT}@x/`)],
  ['an Error', new Error(TEXT)],
  ['a RegExp', new RegExp(TEXT)],
  ['a Map', new Map([[TEXT, TEXT]])],
  ['a promise', Promise.resolve(TEXT)],
];

const doors: Record<string, (key: never) => unknown> = {
  'Listener.open, its key': (key) => Listener.open({ key }),
  'Listener.open, in place of its options': (key) => Listener.open(key),
  'connect, its key': (key) => connect('/nobody', { key }),
  'connect, in place of its options': (key) => connect('/nobody', key),
  'connect, in place of its path': (key) => connect(typeof key === 'string' ? ('' as never) : key, { key: 'x'.repeat(16) }),
};
/** A variable, or all of them, is no text. */
const environments: Record<string, (env: never) => unknown> = {
  ProcessPoolExecutor: (env) => new ProcessPoolExecutor({ env }),
  ThreadPoolExecutor: (env) => new ThreadPoolExecutor({ env }),
  'Thread.with': (env) => Thread.with({ env }),
  'Process.with': (env) => Process.with({ env }),
  'Manager.start': (env) => Manager.start({ env }),
};

async function errorOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return undefined;
}

function mustNotTell(error: unknown, where: string): void {
  assert.ok(error instanceof Error, `${where}: no error`);
  const shown = [
    inspect(error, { depth: null, showHidden: true }),
    String(error),
    error.message,
    JSON.stringify(error),
    String(error.stack),
  ].join('\n');
  // The stack names this file and its lines, and nothing of the key.
  for (const form of forms) assert.ok(!shown.includes(form), `${where} tells ${form}: ${shown}`);
}

for (const [door, open] of Object.entries(doors))
  test(`${door}: no kind of key is told`, async () => {
    for (const [name, key] of keys) mustNotTell(await errorOf(() => open(key as never)), `${door}, ${name}`);
  });

for (const [door, open] of Object.entries(environments))
  test(`${door}: no environment is told`, async () => {
    const wrong = keys.filter(([, env]) => typeof env !== 'object' || Array.isArray(env) || env instanceof Map);
    for (const [name, env] of wrong) mustNotTell(await errorOf(() => open(env as never)), `${door}, ${name}`);
    for (const [name, variable] of keys)
      if (!['string', 'number'].includes(typeof variable))
        mustNotTell(await errorOf(() => open({ KEY: variable } as never)), `${door}, a variable that is ${name}`);
    mustNotTell(await errorOf(() => open({ KEY: `${TEXT}\0` } as never)), `${door}, a variable with NUL`);
  });

test('a key that is not the other’s is told on neither side', async () => {
  const long = TEXT.repeat(2);
  const refused: Error[] = [];
  await using listener = await Listener.open({ key: `${long}-1`, onRefused: (error) => refused.push(error) });
  mustNotTell(await errorOf(() => connect(listener.path, { key: `${long}-2` })), 'connect');
  assert.equal(refused.length, 1);
  mustNotTell(refused[0], 'onRefused');
  assert.ok(!inspect(listener, { depth: null, showHidden: true }).includes(TEXT));
});
