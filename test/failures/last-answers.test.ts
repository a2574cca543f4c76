import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process, ProcessPoolExecutor } from 'meantime/processes';

/* A process that ends while megabytes of its answer wait for its pipe: all of it arrives, however late it is read. */

const at = new URL('../../../test/fixtures/output/calls.mjs', import.meta.url);
const { answer, answerAndExit, failAndExit } = (await import(at.href)) as Record<string, (size: number) => string>;

const SIZE = 20_000_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Keeps this thread busy: nothing is read meanwhile. */
const block = (ms: number) => Atomics.wait(sleeper, 0, 0, ms);

/** How this process reads: not at all until the worker has long been ending, or now and then. */
const readers: Record<string, (settled: Promise<unknown>) => Promise<void>> = {
  'reads at once': async () => undefined,
  'is busy': async () => {
    for (let i = 0; i < 2; i++) {
      block(300);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  'reads slowly': async (settled) => {
    let isOver = false;
    settled.then(
      () => {
        isOver = true;
      },
      () => {
        isOver = true;
      },
    );
    while (!isOver) {
      block(3);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};

/** Each runs one call in a process that ends right after its answer. */
const endings: Record<string, () => Promise<number>> = {
  'a Process ends': async () => (await Process.start(answer, SIZE)).length,
  'a call of a Process calls process.exit': async () => (await Process.start(answerAndExit, SIZE)).length,
  'a worker of a pool has had its last call': async () => {
    const pool = new ProcessPoolExecutor({ workers: 1, maxCallsPerWorker: 1 });
    const { length } = await pool.submit(answer, SIZE);
    await pool.shutdown();
    return length;
  },
  'a pool is shut down': async () => {
    const pool = new ProcessPoolExecutor({ workers: 1 });
    const call = pool.submit(answer, SIZE);
    await pool.shutdown();
    return (await call).length;
  },
  'a call of a pool calls process.exit': async () => {
    const pool = new ProcessPoolExecutor({ workers: 1 });
    const { length } = await pool.submit(answerAndExit, SIZE);
    await pool.shutdown();
    return length;
  },
  'a call of a pool fails and calls process.exit': async () => {
    const pool = new ProcessPoolExecutor({ workers: 1 });
    const error = (await pool.submit(failAndExit, SIZE).then(assert.fail, (error) => error)) as Error & { text: string };
    assert.equal(error.message, 'large');
    await pool.shutdown();
    return error.text.length;
  },
};

for (const [ending, run] of Object.entries(endings)) {
  for (const [how, read] of Object.entries(readers)) {
    test(`${ending}, and its parent ${how}: 20 MB arrive whole`, { timeout: 60_000 }, async () => {
      for (let round = 0; round < 3; round++) {
        const length = run();
        await Promise.all([length, read(length)]);
        assert.equal(await length, SIZE);
      }
    });
  }
}
