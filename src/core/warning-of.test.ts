import assert from 'node:assert/strict';
import { test } from 'node:test';
import { warningOf } from './warning-of.js';

const evil = '\u001b]0;x\u0007\u009b2J\u202e';

test('a foreign error is in the text of a warning and not printed by itself', () => {
  const foreign = Object.assign(new Error(evil), { name: evil, code: evil, detail: evil, toString: () => evil });
  const warning = warningOf('LateError', 'MEANTIME_LATE_ERROR', `it failed: ${foreign.message}\n    at x`, foreign);
  assert.equal(String(warning), `${String.raw`LateError: it failed: \x1b]0;x\x07\x9b2J\u202e`}\n    at x`);
  assert.equal((warning as NodeJS.ErrnoException).code, 'MEANTIME_LATE_ERROR');
  assert.equal(warning.cause, foreign);
  assert.ok(!warning.stack?.includes('\u001b'));
});

test('without a code and a cause it has none', () => {
  const warning = warningOf('Warning', undefined, 'x');
  assert.ok(!('code' in warning) && !('cause' in warning));
});
