import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from './errors.js';
import { either, func, list, milliseconds, oneOf, readOptions, text, whole } from './options.js';

const table = {
  workers: whole(1),
  timeout: milliseconds,
  mode: oneOf('a', 'b'),
  chunk: either(whole(1), oneOf('auto')),
  run: either(func, list),
  name: text,
};
const read = (options: unknown) => readOptions('Thing', options as Record<string, unknown>, table);

test('what is there is read, and nothing else: the result has no prototype', () => {
  const options = read({ workers: 2, timeout: undefined, mode: 'b' });
  assert.equal(Object.getPrototypeOf(options), null);
  assert.deepEqual({ ...options }, { workers: 2, mode: 'b' });
  assert.deepEqual({ ...read(undefined) }, {});
});

test('inherited properties are no options', () => {
  const inherited = Object.create({ workers: 5, unknown: 1 });
  assert.deepEqual({ ...read(inherited) }, {});
  Object.defineProperty(Object.prototype, 'workers', { value: 7, configurable: true, enumerable: true });
  try {
    assert.equal(read({}).workers, undefined);
  } finally {
    delete (Object.prototype as { workers?: number }).workers;
  }
});

test('an unknown name is refused, and the nearest is suggested', () => {
  assert.throws(() => read({ wokers: 2 }), { name: 'OptionError', message: 'Thing has no option "wokers"; did you mean "workers"?' });
  assert.throws(() => read({ toString: 1 }), OptionError);
  assert.throws(() => read(JSON.parse('{"__proto__": 1}')), /"__proto__"/);
});

test('a wrong value is refused: what was expected, and what came', () => {
  const wrong: [object, RegExp][] = [
    [{ workers: 0 }, /"workers" expects a whole number from 1 up, got 0/],
    [{ workers: 1.5 }, /got 1.5/],
    [{ timeout: -1 }, /a number of milliseconds, 0 or more, got -1/],
    [{ timeout: Number.NaN }, /got NaN/],
    [{ timeout: '5' }, /got "5"/],
    [{ mode: 'c' }, /one of "a", "b", got "c"/],
    [{ chunk: 'all' }, /a whole number from 1 up, or one of "auto", got "all"/],
    [{ run: 5 }, /a function, or an array/],
    [{ name: null }, /a string, got null/],
  ];
  for (const [options, message] of wrong) assert.throws(() => read(options), message);
  for (const notOptions of [5, null, 'x']) assert.throws(() => read(notOptions), /expects an object of options/);
});
