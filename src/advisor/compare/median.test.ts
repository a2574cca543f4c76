import assert from 'node:assert/strict';
import test from 'node:test';
import { median } from './median.js';

test('the median is the one in the middle, or the mean of two, and one wild pass does not move it', () => {
  assert.equal(median([]), undefined);
  assert.equal(median([3]), 3);
  assert.equal(median([10, 2]), 6);
  assert.equal(median([2, 1000, 1]), 2);
  const given = [3, 1, 2];
  median(given);
  assert.deepEqual(given, [3, 1, 2]);
});
