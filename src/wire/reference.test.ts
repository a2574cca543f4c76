import { fail } from 'node:assert';
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { NotPortableError } from '../core/index.js';
import type { AnyFunction, FunctionRef } from './function-ref.js';
import { portable } from './portable.js';
import { referenceOf } from './reference.js';

const fixtures = new URL('../../../test/fixtures/portability/', import.meta.url);
const lib = await import(new URL('esm/lib.mjs', fixtures).href);
const late = await import(new URL('load/late.mjs', fixtures).href);

/** A real far side: a thread that loads what a reference means, and calls it. */
const far = new Worker(
  `const { parentPort } = require('node:worker_threads');
   const loading = import(${JSON.stringify(new URL('./load.js', import.meta.url).href)});
   parentPort.on('message', async ({ ref, args }) => {
     try {
       const { loadFunction } = await loading;
       const fn = await loadFunction(ref);
       parentPort.postMessage({ value: await fn(...args) });
     } catch (error) {
       parentPort.postMessage({ message: error.message, code: error.code, name: error.name });
     }
   });`,
  { eval: true, execArgv: [] },
);
after(() => far.terminate());

interface Answer {
  readonly value?: unknown;
  readonly message?: string;
  readonly code?: string;
  readonly name?: string;
}

const there = (ref: FunctionRef, ...args: unknown[]): Promise<Answer> =>
  new Promise((resolve) => {
    far.once('message', resolve);
    far.postMessage({ ref, args });
  });

async function refused(fn: AnyFunction): Promise<NotPortableError> {
  try {
    await referenceOf(fn);
  } catch (error) {
    assert.ok(error instanceof NotPortableError, String(error));
    return error;
  }
  return fail(`${fn} was expected to be refused`);
}

test('a function of a module that nobody on the stack imports is found through the inspector', async () => {
  const ref = await referenceOf(lib.resize);
  assert.deepEqual(ref.kind === 'export' && [ref.url, ref.path], [new URL('esm/lib.mjs', fixtures).href, ['resize']]);
  assert.deepEqual(await there(ref, 1), { value: 2 });
  const inherited = await referenceOf(lib.Klass.inherited);
  assert.deepEqual(await there(inherited, 1), { value: ['Base', 2] });
});

test('a function that is known is known at once; of many calls in one turn one searches', async () => {
  const first = referenceOf(lib.api.inner);
  assert.ok(first instanceof Promise);
  assert.equal(referenceOf(lib.api.inner), first);
  const ref = await first;
  assert.equal(referenceOf(lib.api.inner), ref);
});

test('an arrow function in a loop is parsed once', async () => {
  const makes = () => (x: number) => x * 7;
  const ref = await referenceOf(makes());
  assert.equal(referenceOf(makes()), ref);
  assert.deepEqual(await there(ref, 6), { value: 42 });
});

test('functions of the runtime travel by their name', async () => {
  assert.deepEqual(await there(await referenceOf(Math.hypot), 3, 4), { value: 5 });
  assert.deepEqual(await there(await referenceOf(Array.from), 'ab'), { value: ['a', 'b'] });
  assert.deepEqual(await there(await referenceOf(Promise.resolve), 1), { value: 1 });
  assert.deepEqual(await there(await referenceOf(path.join), 'a', 'b'), { value: path.join('a', 'b') });
  const zipped = (await there(await referenceOf(gzipSync), 'text')).value;
  assert.deepEqual(Buffer.from(zipped as Uint8Array), gzipSync('text'));
  assert.match((await refused(Math.max.bind(null))).message, /bound function/);
  assert.match((await refused(process.memoryUsage.rss)).message, /native code|uses/);
});

test('a global that the program has added is not one that workers have', async () => {
  const realm = globalThis as unknown as { addedHere?: AnyFunction };
  Object.defineProperty(realm, 'addedHere', { value: Math.max.bind(null), configurable: true });
  assert.match((await refused(realm.addedHere as AnyFunction)).message, /bound function/);
  const uses = new Function('return addedHere()') as AnyFunction;
  assert.deepEqual((await refused(uses)).freeVariables, ['addedHere']);
  Reflect.deleteProperty(realm, 'addedHere');
});

test('the error says which function, where, what it uses and what to do', async () => {
  const error = await refused(lib.getSecret());
  const file = new URL('esm/lib.mjs', fixtures);
  assert.equal(error.code, 'MEANTIME_NOT_PORTABLE');
  assert.equal(error.functionName, 'secret');
  assert.deepEqual(error.freeVariables, ['one']);
  assert.equal(error.location?.url, file.href);
  assert.match(error.message, /^secret \(.*lib\.mjs:\d+:\d+\) cannot travel to a worker: no export of its module is this function/);
  assert.match(error.message, /pass one as an argument or name it there with portable\(import\.meta\.url, 'secret', secret\)\.$/);
});

test('after a failure, naming the function by hand mends it', async () => {
  const fn = late.make();
  await refused(fn);
  portable(pathToFileURL('/nowhere.mjs').href, 'late', fn);
  const ref = await referenceOf(fn);
  assert.deepEqual(ref, { kind: 'export', url: 'file:///nowhere.mjs', path: ['late'], name: 'late' });
});

test('a class is refused, and so is what is no function over there', async () => {
  assert.throws(() => referenceOf(lib.Klass), /Klass is a class/);
  const url = new URL('load/other.mjs', fixtures).href;
  const ask = (...names: string[]) => there({ kind: 'export', url, path: names, name: names.join('.') });
  assert.match((await ask('resizd')).message as string, /has no export resizd; did you mean "resized"\?/);
  assert.match((await ask('quite', 'else')).message as string, /has no export quite\.else; it has notFunction, resized/);
  assert.match((await ask('notFunction')).message as string, /notFunction of .* was expected to be a function, got an object/);
  // What every object inherits is no export.
  assert.match((await ask('notFunction', 'toString')).message as string, /has no export notFunction\.toString/);
  assert.deepEqual(await there({ kind: 'export', url, path: ['resized'], name: 'resized' }, 1), { value: 2 });
});

test('what a module throws while it is imported is what the caller gets, each time', async () => {
  const ref: FunctionRef = { kind: 'export', url: new URL('load/throws.mjs', fixtures).href, path: ['x'], name: 'x' };
  const expected = { message: 'this module does not want to load', code: 'NOT_TODAY', name: 'RangeError' };
  assert.deepEqual(await there(ref), expected);
  assert.deepEqual(await there(ref), expected);
  const missing = await there({ ...ref, url: new URL('load/missing.mjs', fixtures).href });
  assert.equal(missing.code, 'ERR_MODULE_NOT_FOUND');
});
