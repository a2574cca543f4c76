import assert from 'node:assert/strict';
import { NotCloneableError, NotPortableError } from '../../core/index.js';
import { add, echo, whereAmI } from '../calls.js';
import { giveFunction, giveOrNot, giveSymbol } from '../failing-calls.js';
import { type ExecutorPromise, promise } from '../promise.js';
import { yieldFunction } from '../stream-calls.js';

/** What cannot be cloned, and the name that the message must give it. */
const uncloneable: readonly [unknown, RegExp][] = [
  [() => 1, /argument 1 is a function/],
  [{ deep: [{ callback: function named() {} }] }, /argument 1\.deep\[0\]\.callback is a function named/],
  [Symbol('s'), /argument 1 is a Symbol\(s\)/],
  [new WeakMap(), /argument 1 is \[object WeakMap\]/],
  [Promise.resolve(1), /argument 1 is \[object Promise\]/],
];

export const crossing: readonly ExecutorPromise[] = [
  promise(
    'an argument that cannot travel fails that call alone, with a message that names it, and takes no worker',
    async (rig) => {
      const executor = rig.make({ workers: 1 });
      const before = await executor.submit(whereAmI);
      for (const [value, message] of uncloneable) {
        const futures = [executor.submit(add, 1, 2), executor.submit(echo, value), executor.submit(add, 3, 4)];
        await assert.rejects(
          async () => await futures[1],
          (error: Error) => {
            assert.ok(error instanceof NotCloneableError, `${error}`);
            assert.match(error.message, message);
            return true;
          },
        );
        assert.deepEqual([await futures[0], await futures[2]], [3, 7]);
      }
      assert.equal(await executor.submit(whereAmI), before);
      assert.equal(executor.stats().lost, 0);
    },
    'copies',
  ),

  promise(
    'a result that cannot travel fails that call alone and keeps the worker',
    async (rig) => {
      const executor = rig.make({ workers: 1 });
      const before = await executor.submit(whereAmI);
      for (const give of [giveFunction, giveSymbol]) {
        const futures = [executor.submit(add, 1, 2), executor.submit(give), executor.submit(add, 3, 4)];
        await assert.rejects(
          async () => await futures[1],
          (error: Error) => {
            assert.ok(error instanceof NotCloneableError, `${error}`);
            assert.match(error.message, /giveFunction|giveSymbol/);
            return true;
          },
        );
        assert.deepEqual([await futures[0], await futures[2]], [3, 7]);
      }
      assert.equal(await executor.submit(whereAmI), before);
    },
    'copies',
  ),

  promise(
    'in a map, inputs and results that cannot travel fail alone',
    async (rig) => {
      const executor = rig.make();
      for (const chunk of [1, 7, 'auto'] as const) {
        const ends = await executor.map(
          giveOrNot,
          Array.from({ length: 30 }, (_, i) => i),
          { onError: 'settle', chunk },
        );
        for (const { index, status } of ends) assert.equal(status, index % 3 === 2 ? 'rejected' : 'fulfilled', `chunk ${chunk}, ${index}`);
        const inputs = Array.from({ length: 20 }, (_, i) => (i % 5 === 4 ? () => i : i));
        const echoes = await executor.map(echo<unknown>, inputs, { onError: 'settle', chunk });
        for (const [i, end] of echoes.entries()) {
          assert.equal(end.index, i);
          if (end.status === 'fulfilled') assert.equal(end.value, i);
          else assert.ok(end.reason instanceof NotCloneableError && i % 5 === 4, `${end.reason}`);
        }
        assert.equal(echoes.filter((end) => end.status === 'rejected').length, 4);
      }
    },
    'copies',
  ),

  promise(
    'a value of a stream that cannot travel fails the stream and keeps the worker',
    async (rig) => {
      const executor = rig.make({ workers: 1 });
      const before = await executor.submit(whereAmI);
      const seen: unknown[] = [];
      await assert.rejects(async () => {
        for await (const value of executor.stream(yieldFunction)) seen.push(value);
      }, NotCloneableError);
      assert.equal(await executor.submit(whereAmI), before);
    },
    'copies',
  ),

  promise(
    'a function that cannot travel fails with an error that says which and why, and the pool goes on',
    async (rig) => {
      const executor = rig.make();
      const around = { factor: 3 };
      const scale = (n: number) => n * around.factor;
      await assert.rejects(
        async () => await executor.submit(scale, 1),
        (error: Error) => {
          assert.ok(error instanceof NotPortableError, `${error}`);
          assert.deepEqual([error.functionName, error.freeVariables], ['scale', ['around']]);
          assert.match(error.message, /\.[jt]s:\d+.*around/);
          return true;
        },
      );
      await assert.rejects(async () => await executor.map(scale, [1]), NotPortableError);
      await assert.rejects(async () => {
        for await (const _ of executor.stream(() => [around][Symbol.iterator]())) assert.fail('it gave a value');
      }, NotPortableError);
      assert.equal(await executor.submit(add, 1, 2), 3);
    },
    'copies',
    'refuses',
  ),

  promise(
    'an import that fails over there fails the calls that need it with that error, and the worker goes on',
    async (rig) => {
      const { mark } = await import('../near-mark.js');
      Object.defineProperty(globalThis, mark, { value: true, configurable: true });
      const { onlyNear } = await import('../only-near.js');
      assert.equal(onlyNear(), 'near');
      const executor = rig.make({ workers: 1 });
      const before = await executor.submit(whereAmI);
      const futures = [executor.submit(onlyNear), executor.submit(add, 1, 2), executor.submit(onlyNear)];
      for (const i of [0, 2]) {
        await assert.rejects(
          async () => await futures[i],
          (error: Error) => {
            assert.ok(error instanceof RangeError, `${error}`);
            assert.equal(error.message, 'this module cannot be imported here');
            return true;
          },
        );
      }
      assert.equal(await futures[1], 3);
      await assert.rejects(async () => await executor.map(onlyNear, [1, 2]), RangeError);
      assert.equal(await executor.submit(whereAmI), before);
    },
    'copies',
    'refuses',
  ),
];
