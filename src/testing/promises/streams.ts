import assert from 'node:assert/strict';
import { clock } from '../../core/index.js';
import { add, linesOf, whereAmI } from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';
import { countAndNote, countAndNoteLater, countTo, countToLater, failAfterTwo, workInSteps } from '../stream-calls.js';

/** How far a generator may run ahead of its reader. */
const AHEAD = 64;

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

export const streams: readonly ExecutorPromise[] = [
  promise('a stream gives what a generator yields, in order', async (rig) => {
    const executor = rig.make();
    assert.deepEqual(await collect(executor.stream(countTo, 1000)), upTo(1000));
    assert.deepEqual(await collect(executor.stream(countToLater, 40)), upTo(40));
    assert.deepEqual(await collect(executor.stream(countTo, 0)), []);
    assert.deepEqual(await collect(executor.with({ name: 'counting' }).stream(countTo, 3)), [1, 2, 3]);
  }),

  promise('a generator does not run ahead of a slow reader by more than a few values', async (rig) => {
    const executor = rig.make();
    for (const generator of [countAndNote, countAndNoteLater]) {
      const file = rig.file();
      let read = 0;
      for await (const _ of executor.stream(generator, file)) {
        if (++read === 1) await rig.quiet(file, 40);
        assert.ok(linesOf(file).length - read <= AHEAD, `${linesOf(file).length} made, ${read} read`);
        if (read === 100) break;
      }
    }
  }),

  promise('leaving the loop runs the finally of the generator, before the loop has been left', async (rig) => {
    const executor = rig.make();
    for (const generator of [countAndNote, countAndNoteLater]) {
      const file = rig.file();
      for await (const value of executor.stream(generator, file)) if (value === 3) break;
      assert.equal(linesOf(file).at(-1), 'closed');
    }
    assert.equal(await executor.submit(add, 1, 2), 3);
  }),

  promise('an error in the middle comes after the values before it', async (rig) => {
    const executor = rig.make();
    const seen: number[] = [];
    await assert.rejects(
      async () => {
        for await (const value of executor.stream(failAfterTwo)) seen.push(value);
      },
      { name: 'RangeError', message: 'after two' },
    );
    assert.deepEqual(seen, [1, 2]);
  }),

  promise('progress arrives while the work is going on', async (rig) => {
    const executor = rig.make({ workers: 1 });
    await executor.submit(add, 1, 2);
    const times: number[] = [];
    const began = clock.now();
    for await (const _ of executor.stream(workInSteps, 4, 60)) times.push(clock.now() - began);
    assert.equal(times.length, 4);
    assert.ok(times[3] - times[0] >= 100, `the steps came together: ${times}`);
  }),

  promise('a stream can be closed before it is read, and closed twice', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    const stream = executor.stream(countAndNote, file);
    await stream.return?.();
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.deepEqual(linesOf(file), [], 'it never ran');
    const other = executor.stream(countTo, 5);
    assert.deepEqual(await other.next(), { done: false, value: 1 });
    await other.return?.();
    await other.return?.();
    assert.deepEqual(await other.next(), { done: true, value: undefined });
  }),

  promise('what is no generator function is refused', async (rig) => {
    const executor = rig.make();
    await assert.rejects(collect(executor.stream(add as never, 1, 2)), { code: 'MEANTIME_NOT_CALLABLE' });
    await assert.rejects(collect(executor.stream('countTo' as never)), { code: 'MEANTIME_NOT_CALLABLE' });
    assert.equal(await executor.submit(add, 1, 2), 3);
  }),

  promise('a signal ends a stream, and its generator is closed', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    const controller = new AbortController();
    await assert.rejects(
      async () => {
        for await (const value of executor.with({ signal: controller.signal }).stream(countAndNoteLater, file)) {
          if (value === 5) controller.abort();
        }
      },
      { name: 'AbortError' },
    );
    await rig.until('the generator was closed', () => linesOf(file).at(-1) === 'closed');
  }),

  promise('a stream holds one place, and gives it back', async (rig) => {
    const executor = rig.make({ workers: 1 });
    const stream = executor.stream(countTo, 1000);
    await stream.next();
    const other = executor.submit(whereAmI);
    await stream.return?.();
    assert.match(await other, /\d+\/\d+/);
    const { running, queued } = executor.stats();
    assert.deepEqual([running, queued], [0, 0]);
  }),
];
