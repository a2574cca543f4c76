import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError } from '../core/index.js';
import { isCancellation, isPassing } from './border.js';
import { Scope } from './scope.js';

const by = new CancelledError();
const other = new CancelledError();

class AbortError extends Error {
  override name = 'AbortError';
}
const with_ = (properties: object): Error => Object.assign(new AbortError('aborted'), properties);
const all = (...errors: unknown[]): Error => new AggregateError(errors);

const table: [what: string, error: unknown, is: boolean][] = [
  ['the error itself', by, true],
  ['an AbortError that names no cause', new AbortError(), true],
  ['an AbortError whose cause it is', with_({ cause: by }), true],
  ['an AbortError whose cause is another cancellation', with_({ cause: other }), false],
  ['an AbortError whose cause is a failure', with_({ cause: new Error() }), false],
  ['an AbortError with a reason of its own', with_({ reason: undefined }), false],
  ['a cancellation of somebody else’s', other, false],
  ['an error of another name whose cause it is', new Error('failed', { cause: by }), false],
  ['what only looks like an AbortError', { name: 'AbortError' }, false],
  ['a string', 'AbortError', false],
  ['nothing', undefined, false],
  ['null', null, false],
  ['several, all of them cancellations', all(by, with_({ cause: by })), true],
  ['several, one of them a failure', all(by, new Error()), false],
  ['several in several', all(all(by), by), true],
  ['several in several, one of them a failure', all(all(by, new Error()), by), false],
  ['none at all', all(), false],
  ['several that call themselves an AbortError, one of them a failure', Object.assign(all(new Error()), { name: 'AbortError' }), false],
];
for (const [what, error, is] of table)
  test(`${what} is ${is ? 'the' : 'not the'} cancellation`, () => assert.equal(isCancellation(error, by), is));

test('on its way out is the cancellation of a scope, of one around it, or of both; not that of one inside, or beside it', () => {
  const outer = new Scope(undefined);
  const middle = new Scope(outer);
  const inner = new Scope(middle);
  const beside = new Scope(outer);
  const passing = (error: unknown) => [outer, middle, inner, beside].map((scope) => isPassing(error, scope));

  assert.deepEqual(passing(by), [false, false, false, false]);
  assert.deepEqual(passing(new AbortError()), [false, false, false, false]); // nobody was cancelled: a failure like any other

  middle.cancelBecause(() => by);
  assert.deepEqual(passing(by), [false, true, true, false]);
  assert.deepEqual(passing(new AbortError()), [false, true, true, false]);
  assert.deepEqual(passing(other), [false, false, false, false]);
  assert.deepEqual(passing(undefined), [false, false, false, false]);
  assert.deepEqual(passing(new Error()), [false, false, false, false]);

  // The outer one names the error from now on; what was on its way before still is.
  outer.cancelBecause(() => other);
  assert.deepEqual(passing(other), [true, true, true, true]);
  assert.deepEqual(passing(by), [false, true, true, false]);
  assert.deepEqual(passing(new Error()), [false, false, false, false]);
  for (const scope of [inner, middle, beside, outer]) scope.finish('cancelled', other);
});

test('the cancellation of a shield is on its way out of what is inside it, and not of what is around it', () => {
  const outer = new Scope(undefined);
  const inner = new Scope(outer, true);
  inner.cancelBecause(() => by);
  outer.cancelBecause(() => other);
  assert.deepEqual([isPassing(by, inner), isPassing(by, outer)], [true, false]);
  for (const scope of [inner, outer]) scope.finish('cancelled', other);
});
