import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doors, measure, pinned } from './doors.js';

/** A door may drift by this much before somebody has to look. */
const DRIFT = 0.1;

for (const door of doors()) {
  test(`${door} is as big as pinned`, () => {
    const { bytes } = measure(door);
    const pin = pinned(door).bytes;
    assert.ok(
      Math.abs(bytes - pin) <= pin * DRIFT,
      `${door} loads ${bytes} bytes of code, ${pin} are pinned: if that is meant, npm run pin`,
    );
  });
}
