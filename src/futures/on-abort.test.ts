import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { onAbort } from './on-abort.js';

test('a thousand that wait for one signal are one listener, and are called in order', () => {
  const controller = new AbortController();
  const seen: number[] = [];
  for (let i = 0; i < 1000; i++) onAbort(controller.signal, () => seen.push(i));
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  controller.abort();
  assert.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, i) => i),
  );
});

test('the listener goes with the last that is taken back, and comes again', () => {
  const controller = new AbortController();
  const listeners = () => getEventListeners(controller.signal, 'abort').length;
  const seen: string[] = [];
  const undo = ['a', 'b'].map((name) => onAbort(controller.signal, () => seen.push(name)));
  undo[0]();
  undo[0]();
  assert.equal(listeners(), 1);
  undo[1]();
  assert.equal(listeners(), 0);
  onAbort(controller.signal, () => seen.push('c'));
  undo[1]();
  assert.equal(listeners(), 1, 'an old undo does not touch the new one');
  controller.abort();
  assert.deepEqual(seen, ['c']);
});

test('one that is called may take back another', () => {
  const controller = new AbortController();
  const seen: string[] = [];
  onAbort(controller.signal, () => {
    seen.push('first');
    undo();
  });
  const undo = onAbort(controller.signal, () => seen.push('second'));
  controller.abort();
  assert.deepEqual(seen, ['first']);
});
