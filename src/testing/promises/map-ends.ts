import assert from 'node:assert/strict';
import { CancelledError, TimeoutError } from '../../core/index.js';
import { add, echo, later, linesOf, noteInput, untilAborted } from '../calls.js';
import { failAt, failOdd } from '../failing-calls.js';
import { type ExecutorPromise, promise } from '../promise.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Numbers without end, and whether its clean-up ran. */
function endless() {
  const state = { closed: false, taken: 0 };
  function* sync(): Generator<number, void, undefined> {
    try {
      for (;;) yield state.taken++;
    } finally {
      state.closed = true;
    }
  }
  async function* async(): AsyncGenerator<number, void, undefined> {
    try {
      for (;;) yield state.taken++;
    } finally {
      await null;
      state.closed = true;
    }
  }
  return { state, sync, async };
}

export const mapEnds: readonly ExecutorPromise[] = [
  promise('leaving the loop early closes the inputs and cancels what is in flight', async (rig) => {
    for (const kind of ['sync', 'async'] as const) {
      for (const ordered of [true, false]) {
        const executor = rig.make();
        const { state, ...inputs } = endless();
        for await (const value of executor.map(echo<number>, inputs[kind](), { ordered })) if (value >= 20) break;
        await rig.until('the inputs were closed', () => state.closed);
        const { taken } = state;
        await rig.until('nothing is in flight', () => executor.stats().running + executor.stats().queued === 0);
        assert.equal(await executor.submit(add, 1, 2), 3);
        assert.equal(state.taken, taken, 'none is taken afterwards');
      }
    }
  }),

  promise('cancelling a map aborts its running calls, and whoever waits is told', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    const { state, sync } = endless();
    function* inputs() {
      for (const _ of sync()) yield file;
    }
    const results = executor.map(untilAborted, inputs(), { chunk: 1 });
    const waiting = assert.rejects(
      async () => await results,
      (error) => error instanceof CancelledError,
    );
    await rig.lines(file, 2);
    results.cancel('enough');
    await waiting;
    await rig.until('both were aborted', () => linesOf(file).filter((line) => line.startsWith('aborted')).length >= 2);
    assert.equal(state.closed, true);
    assert.equal(await executor.submit(add, 1, 2), 3);
  }),

  promise('a signal ends a map', async (rig) => {
    const executor = rig.make();
    const controller = new AbortController();
    const { state, async } = endless();
    let seen = 0;
    await assert.rejects(
      async () => {
        for await (const _ of executor.map(echo, async(), { signal: controller.signal })) if (++seen === 30) controller.abort();
      },
      { name: 'AbortError' },
    );
    assert.ok(seen >= 30);
    await rig.until('the inputs were closed', () => state.closed);
  }),

  promise('the first failure ends a map: an ordered one gives all results before it', async (rig) => {
    const executor = rig.make();
    for (const chunk of [1, 10, 'auto'] as const) {
      const inputs = upTo(100).map((n) => ({ n, bad: 57 }));
      const seen: number[] = [];
      await assert.rejects(
        async () => {
          for await (const value of executor.map(failAt, inputs, { chunk })) seen.push(value);
        },
        { name: 'RangeError', message: 'bad 57' },
      );
      assert.deepEqual(seen, upTo(57));
      await assert.rejects(async () => await executor.map(failAt, inputs, { chunk }), { message: 'bad 57' });
      await assert.rejects(async () => await executor.map(failAt, inputs, { chunk, ordered: false }), { message: 'bad 57' });
    }
    assert.equal(await executor.submit(add, 1, 2), 3);
  }),

  promise('a failure closes an endless input', async (rig) => {
    const executor = rig.make();
    const { state, async } = endless();
    await assert.rejects(async () => await executor.map(failOdd, async()), /odd \d+/);
    await rig.until('the inputs were closed', () => state.closed);
    assert.ok(state.taken < 100_000);
  }),

  promise('with settle every input has its record, in order', async (rig) => {
    const executor = rig.make();
    for (const chunk of [1, 9, 'auto'] as const) {
      const ends = await executor.map(failOdd, upTo(50), { onError: 'settle', chunk });
      assert.equal(ends.length, 50);
      for (const [i, end] of ends.entries()) {
        assert.deepEqual([end.index, end.input], [i, i]);
        if (end.status === 'fulfilled') assert.equal(end.value, i);
        else assert.equal((end.reason as Error).message, `odd ${i}`);
        assert.equal(end.status, i % 2 === 0 ? 'fulfilled' : 'rejected');
      }
      const mixed = await executor.map(failOdd, upTo(50), { onError: 'settle', chunk, ordered: false });
      assert.deepEqual(
        mixed.map((end) => end.index).sort((a, b) => a - b),
        upTo(50),
      );
      for (const end of mixed) assert.equal(end.input, end.index);
    }
  }),

  promise('inputs that fail end the map with their error, after what they had given', async (rig) => {
    const executor = rig.make();
    function* breaking(): Generator<number, void, undefined> {
      yield 1;
      yield 2;
      throw new RangeError('no more inputs');
    }
    async function* breakingLater() {
      yield* breaking();
    }
    await assert.rejects(async () => await executor.map(echo, breaking()), { message: 'no more inputs' });
    await assert.rejects(async () => await executor.map(echo, breakingLater()), { message: 'no more inputs' });
    assert.equal(await executor.submit(add, 1, 2), 3);
  }),

  promise('retries in a map belong to one input', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    const inputs = upTo(20).map((n) => ({ file, n }));
    assert.deepEqual(await executor.map(noteInput, inputs, { retries: 2, timeout: 10_000 }), upTo(20));
    assert.equal(linesOf(file).length, 20);
    const ends = await executor.with({ retries: 1 }).map(failOdd, upTo(4), { onError: 'settle' });
    assert.deepEqual(
      ends.map((end) => end.status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
    );
  }),

  promise('a time limit in a map belongs to one input', async (rig) => {
    const executor = rig.make();
    const file = rig.file();
    const ends = await executor.map(untilAborted, [file, file], { timeout: 50, onError: 'settle' });
    for (const end of ends) assert.ok(end.status === 'rejected' && end.reason instanceof TimeoutError);
    assert.deepEqual(await executor.map(later, upTo(40), { timeout: 5000 }), upTo(40), 'forty together may take longer');
  }),
];
