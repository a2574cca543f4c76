import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

test('a signal that has aborted calls at once, and is not listened to', () => {
  const signal = AbortSignal.abort();
  const seen: string[] = [];
  onAbort(signal, () => seen.push('called'))();
  assert.deepEqual(seen, ['called']);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('one function that was given twice is called twice, and is taken back one at a time', () => {
  const controller = new AbortController();
  let called = 0;
  const fn = () => called++;
  onAbort(controller.signal, fn);
  onAbort(controller.signal, fn)();
  onAbort(controller.signal, fn);
  controller.abort();
  assert.equal(called, 2);
});

test('one that throws keeps none of the others from being called, and its error is uncaught', () => {
  // In a process of its own: the test runner takes every uncaught error for a failure.
  const program = `
    import { onAbort } from ${JSON.stringify(new URL('on-abort.js', import.meta.url))};
    process.on('uncaughtException', (error) => console.log(String(error)));
    const controller = new AbortController();
    onAbort(controller.signal, () => { throw new RangeError('of a listener'); });
    onAbort(controller.signal, () => console.log('second'));
    controller.abort();`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  assert.deepEqual(stdout.split('\n'), ['second', 'RangeError: of a listener', '']);
});

test('signals of every kind are listened to', async () => {
  const controller = new AbortController();
  const kinds = { timeout: AbortSignal.timeout(1), any: AbortSignal.any([controller.signal]) };
  const both = Object.values(kinds).map((signal) => new Promise<void>((resolve) => onAbort(signal, resolve)));
  controller.abort();
  const hold = setInterval(() => undefined, 1000); // a signal with a time holds no event loop
  await Promise.all(both);
  clearInterval(hold);
});
