import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markDead } from './life.js';
import { InLine } from './line.js';
import { RW_LOCK_WORDS, RwLockCore, WRITE } from './rw-lock-core.js';

test('that a writer died is told to the next, if whoever would have been told is cancelled in that instant', () => {
  const core = new RwLockCore(new Int32Array(new SharedArrayBuffer(RW_LOCK_WORDS * 4)));
  const write = () => new InLine('write', core, WRITE, (answer) => answer);
  const writer = 99_999;
  core.words[1] = writer;
  const cancelled = write();
  assert.equal(cancelled.begin(), false);
  markDead(writer);
  core.monitor.within(() => core.serve(false));
  assert.equal(cancelled.leave(), false, 'it was served');
  cancelled.decline();
  const next = write();
  assert.equal(next.begin(), true);
  assert.equal(next.outcome(), 1);
  core.release(WRITE);
});
