import assert from 'node:assert/strict';
import { OptionError } from '../../core/index.js';
import { add, echo, later, linesOf, noteInput, pause, spin } from '../calls.js';
import { type ExecutorPromise, promise } from '../promise.js';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

function* generated(n: number): Generator<number, void, undefined> {
  for (let i = 0; i < n; i++) yield i;
}

async function* generatedLater(n: number): AsyncGenerator<number, void, undefined> {
  for (let i = 0; i < n; i++) {
    if (i % 10 === 0) await pause(1);
    yield i;
  }
}

export const maps: readonly ExecutorPromise[] = [
  promise('a map gives the results in the order of the inputs', async (rig) => {
    const executor = rig.make();
    assert.deepEqual(await executor.map(later, upTo(300)), upTo(300));
    const one: number[] = [];
    for await (const value of executor.map(echo<number>, upTo(2000))) one.push(value);
    assert.deepEqual(one, upTo(2000));
  }),

  promise('a map of no inputs is empty', async (rig) => {
    const executor = rig.make();
    assert.deepEqual(await executor.map(echo, []), []);
    assert.deepEqual(await executor.map(echo, generatedLater(0)), []);
    for await (const value of executor.map(echo, new Set())) assert.fail(`it gave ${value}`);
  }),

  promise('inputs that are promises are waited for; one that rejects is the failure of its input', async (rig) => {
    const executor = rig.make();
    const no = new Error('no');
    const inputs = () => [1, Promise.resolve(2), Promise.reject(no), 4];
    const settled = await executor.map(echo<number>, inputs(), { onError: 'settle' });
    const seen = settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason));
    assert.deepEqual(seen, [1, 2, no, 4]);
    assert.equal(await executor.map(echo<number>, inputs()).catch((error: unknown) => error), no);
  }),

  promise('inputs are whatever can be iterated', async (rig) => {
    const executor = rig.make();
    const keyed = new Map([[1, 'one']]);
    assert.deepEqual(await executor.map(echo<number>, new Set([3, 1, 2])), [3, 1, 2]);
    assert.deepEqual(await executor.map(echo<string>, 'añ😀'), ['a', 'ñ', '😀']);
    assert.deepEqual(await executor.map(echo, keyed), [[1, 'one']]);
    assert.deepEqual(await executor.map(echo<number>, generated(100)), upTo(100));
    assert.deepEqual(await executor.map(echo<number>, generatedLater(100)), upTo(100));
    assert.deepEqual(await executor.map(echo<number>, new Uint8Array([7, 8])), [7, 8]);
    assert.deepEqual(await executor.map(echo, [undefined, null, [undefined]]), [undefined, null, [undefined]]);
    for (const wrong of [5, null, undefined, {}]) {
      assert.throws(() => executor.map(echo, wrong as unknown as []), /iterated/);
    }
  }),

  promise('a map runs every input exactly once, in chunks of any size', async (rig) => {
    const executor = rig.make();
    for (const chunk of [1, 3, 1000, 'auto'] as const) {
      const file = rig.file();
      const inputs = upTo(345).map((n) => ({ file, n, bad: -1 }));
      assert.deepEqual(await executor.map(noteInput, inputs, { chunk }), upTo(345));
      assert.equal(new Set(linesOf(file)).size, 345);
      assert.equal(linesOf(file).length, 345);
      assert.deepEqual(await executor.map(echo<number>, upTo(1234), { chunk }), upTo(1234));
    }
  }),

  promise('an unordered map gives every result, each as it comes', async (rig) => {
    const executor = rig.make({ workers: 2 });
    const results = await executor.map(later, upTo(500), { ordered: false });
    assert.deepEqual(
      [...results].sort((a, b) => a - b),
      upTo(500),
    );
    const seen: number[] = [];
    for await (const value of executor.map(echo<number>, generatedLater(200), { ordered: false })) seen.push(value);
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      upTo(200),
    );
  }),

  promise('automatic chunks keep every worker busy to the end', async (rig) => {
    const executor = rig.make();
    await executor.map(spin, [1, 1]);
    const times = upTo(60).map(() => 5);
    const counts = await executor.map(spin, times);
    assert.equal(counts.length, 60);
    assert.ok(counts.every((turns) => turns > 0));
  }),

  promise('a map starts when it is looked at, and runs once', async (rig) => {
    const executor = rig.make();
    let taken = 0;
    function* inputs() {
      for (; taken < 3; ) yield taken++;
    }
    const results = executor.map(echo<number>, inputs());
    await executor.submit(add, 1, 2);
    assert.equal(taken, 0);
    assert.deepEqual(await results, [0, 1, 2]);
    assert.deepEqual(await results, [0, 1, 2], 'awaiting it again gives the same');
    assert.equal(taken, 3);
  }),

  promise('no more than buffer inputs are taken ahead of the reader', async (rig) => {
    const executor = rig.make();
    for (const ordered of [true, false]) {
      let taken = 0;
      async function* endless() {
        for (;;) yield taken++;
      }
      let delivered = 0;
      for await (const _ of executor.map(echo, endless(), { buffer: 10, ordered })) {
        delivered++;
        assert.ok(taken - delivered <= 11, `${taken} taken, ${delivered} delivered`);
        if (delivered % 20 === 0) await pause(2);
        if (delivered === 200) break;
      }
    }
  }),

  promise('a reader that stops reading stops the taking of an endless input', async (rig) => {
    const executor = rig.make();
    let taken = 0;
    function* endless() {
      for (;;) yield taken++;
    }
    const iterator = executor.map(echo<number>, endless(), { buffer: 100 })[Symbol.asyncIterator]();
    assert.deepEqual(await iterator.next(), { done: false, value: 0 });
    await executor.submit(add, 1, 2);
    await pause(50);
    assert.ok(taken <= 102, `${taken} inputs were taken`);
    await iterator.return?.();
  }),

  promise('a slow asynchronous input is not waited for: what it has given is worked on', async (rig) => {
    const executor = rig.make();
    let [give, got] = [(_: number) => {}, 0];
    async function* byHand() {
      for (;;) {
        const value = await new Promise<number>((resolve) => {
          give = resolve;
        });
        if (value < 0) return;
        yield value;
      }
    }
    const iterator = executor.map(echo<number>, byHand())[Symbol.asyncIterator]();
    let next = iterator.next();
    for (; got < 5; got++) {
      await pause(1);
      give(got);
      assert.deepEqual(await next, { done: false, value: got }, 'it comes before the next input is there');
      next = iterator.next();
    }
    await pause(1);
    give(-1);
    assert.deepEqual(await next, { done: true, value: undefined });
  }),

  promise('readers that do not wait for each other get one result each', async (rig) => {
    const iterator = rig
      .make()
      .map(echo<number>, upTo(5))
      [Symbol.asyncIterator]();
    const steps = await Promise.all(Array.from({ length: 7 }, () => iterator.next()));
    assert.deepEqual(
      steps.map((step) => step.value),
      [0, 1, 2, 3, 4, undefined, undefined],
    );
    assert.deepEqual(
      steps.map((step) => step.done),
      [false, false, false, false, false, true, true],
    );
  }),

  promise('many maps share an executor', async (rig) => {
    const executor = rig.make();
    const all = await Promise.all(upTo(8).map((n) => executor.map(echo<number>, upTo(50 + n))));
    assert.deepEqual(
      all,
      upTo(8).map((n) => upTo(50 + n)),
    );
  }),

  promise('a map refuses what belongs to one call', async (rig) => {
    const executor = rig.make();
    assert.throws(() => executor.map(echo, [1], { transfer: [] }), OptionError);
    assert.throws(() => executor.map(echo, [1], { chunk: 0 }), /"chunk".*whole number.*0/);
    assert.throws(() => executor.map(echo, [1], { buffer: Number.POSITIVE_INFINITY as never }), OptionError);
    await assert.rejects(async () => await executor.map('echo' as never, [1]), { code: 'MEANTIME_NOT_CALLABLE' });
  }),
];
