import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markDead } from './life.js';
import { InLine } from './line.js';
import { READ, RW_LOCK_WORDS, RwLockCore } from './rw-lock-core.js';

test('that a writer died is told to the next, if whoever would have been told is cancelled in that instant', () => {
  const core = new RwLockCore(new Int32Array(new SharedArrayBuffer(RW_LOCK_WORDS * 4)));
  const read = () => new InLine('read', core, READ, (answer) => answer);
  const writer = 99_999;
  core.words[1] = writer;
  const cancelled = read();
  assert.equal(cancelled.begin(), false);
  markDead(writer);
  const second = read();
  assert.equal(second.begin(), true, 'which serves the first one');
  assert.equal(second.outcome(), 0);
  assert.equal(cancelled.leave(), false);
  cancelled.decline();
  const third = read();
  assert.equal(third.begin(), true);
  assert.equal(third.outcome(), 1);
  assert.equal(core.readers, 2);
});

test('that a writer died is told to the next, if the thread that would have been told dies before', () => {
  const core = new RwLockCore(new Int32Array(new SharedArrayBuffer(RW_LOCK_WORDS * 4)));
  const read = () => new InLine('read', core, READ, (answer) => answer);
  const [writer, reader] = [99_998, 99_997];
  core.words[1] = writer;
  assert.equal(read().begin(), false);
  core.words[core.slots.stateAt(0) + 2] = reader;
  markDead(writer);
  assert.equal(core.tryAcquire(READ), undefined);
  core.monitor.within(() => core.serve(false));
  assert.equal(core.readers, 1);
  markDead(reader);
  core.monitor.within(() => core.serve(false));
  assert.equal(core.readers, 0);
  assert.equal(core.tryAcquire(READ), 1);
});
