import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { didYouMean, nearest } from './nearest.js';

test('the nearest name is offered: a letter wrong, missing, too many, two swapped, another case', () => {
  const names = ['timeout', 'deadline', 'priority', 'signal'];
  for (const typo of ['timout', 'timeoutt', 'tiemout', 'Timeout', 'timeo', 'tineout'])
    assert.deepEqual(nearest(typo, names), ['timeout'], typo);
  assert.deepEqual(nearest('xyz', names), []);
  assert.equal(didYouMean('dedline', names), '; did you mean "deadline"?');
  assert.equal(didYouMean('nothing like it', names), '');
});

test('several are given best first, no more than asked for', () => {
  assert.deepEqual(nearest('worker', ['workers', 'worker', 'porter', 'walker'], 2), ['worker', 'workers']);
});

test('a name itself is always its nearest', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), fc.nat(), (names, n) => {
      const word = names[n % names.length];
      assert.equal(nearest(word, names)[0]?.toLowerCase(), word.toLowerCase());
    }),
  );
});
