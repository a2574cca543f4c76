import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { ProcessPoolExecutor } from 'meantime/processes';
import { file, kinds } from '../fixtures/calls/pools.js';
import { echo, endless, fill } from '../fixtures/memory/calls.js';
import { blockAndExit, endAfter, endWhileAnswering, marks, never, pid, points, takeAway } from '../fixtures/memory/torn.js';

/* A worker that is killed at any byte of what it says or hears: whatever waits for it settles, and its pool goes on. */

const ROUNDS = Number(process.env.ROUNDS ?? 2);
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Another call, a stream and what reads it, and a broadcast, all in the worker that is about to die. */
async function inOneWorker(die: (pool: ProcessPoolExecutor, worker: number, stream: AsyncIterator<Uint8Array>) => unknown) {
  await using pool = new ProcessPoolExecutor({ workers: 1, concurrency: 6 });
  const worker = await pool.submit(pid);
  const stream = pool.stream(endless, 300_000)[Symbol.asyncIterator]();
  const call = pool.submit(never);
  assert.equal((await stream.next()).value.length, 300_000);
  const waits: Record<string, PromiseLike<unknown>> = { call, broadcast: pool.broadcast(never) };
  for (const wait of Object.values(waits)) wait.then(undefined, () => undefined); // looked at below
  const died = Promise.resolve(die(pool, worker, stream));
  died.catch(() => undefined);
  for (const [what, wait] of Object.entries(waits)) {
    await assert.rejects(async () => await wait, { code: 'MEANTIME_WORKER_LOST' }, what);
  }
  // Values that have come are read to their end, which is the loss.
  const readAll = async () => {
    while (!(await stream.next()).done);
  };
  await Promise.allSettled([readAll(), stream.return?.(), died]);
  assert.equal((await stream.next()).done, true);
  const bytes = fill(300_000, 3);
  assert.deepEqual(await pool.submit(echo, bytes), bytes);
  await pool.shutdown();
}

for (const point of points) {
  test(`a worker that dies when it has written ${point}`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await inOneWorker((pool) => assert.rejects(async () => await pool.submit(endAfter, point), { code: 'MEANTIME_WORKER_LOST' }));
    }
  });
}

test('a worker that dies when it has taken away what it had sent beside its answer', { timeout: 60_000 }, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await inOneWorker(async (pool) => {
      const answer = pool.submit(takeAway).then(
        (bytes) => assert.equal(bytes.length, 300_000),
        (error) => assert.equal(error.code, 'MEANTIME_WORKER_LOST'),
      );
      const until = performance.now() + 20;
      if (round % 2) while (performance.now() < until); // so that it reads too late
      await answer;
    });
  }
});

test('a worker that dies in the middle of a large answer', { timeout: 60_000 }, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await inOneWorker((pool) =>
      assert.rejects(async () => await pool.submit(endWhileAnswering, 100_000_000), { code: 'MEANTIME_WORKER_LOST' }),
    );
  }
});

/** What this process says to a worker that has stopped, or is gone and not yet known to be. */
const said: Record<string, (pool: ProcessPoolExecutor, stream: AsyncIterator<Uint8Array>) => unknown> = {
  credits: (_, stream) => Promise.allSettled(Array.from({ length: 40 }, () => stream.next())),
  'the end of a stream': (_, stream) => stream.return?.(),
  'credits and the end of a stream': (_, stream) =>
    Promise.allSettled([...Array.from({ length: 20 }, () => stream.next()), stream.return?.()]),
  'more than its pipe takes': (pool) => Promise.allSettled(Array.from({ length: 4 }, () => pool.submit(echo, 'x'.repeat(5_000_000)))),
  'large buffers': (pool) => Promise.allSettled(Array.from({ length: 4 }, () => pool.submit(echo, fill(1_000_000, 1)))),
};

for (const [what, say] of Object.entries(said)) {
  test(`a worker that is killed before it has heard ${what}`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await inOneWorker((pool, worker, stream) => {
        process.kill(worker, 'SIGKILL');
        return say(pool, stream);
      });
    }
  });

  test(`a worker that is stopped, is told ${what}, and is killed`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await inOneWorker(async (pool, worker, stream) => {
        process.kill(worker, 'SIGSTOP');
        const told = say(pool, stream);
        for (let i = 0; i < 20 * (round % 4); i++) await turn();
        process.kill(worker, 'SIGKILL');
        await told;
      });
    }
  });
}

for (const { name, make } of kinds) {
  test(`${name}: a stream whose reader has left is not begun when its worker is gone, however long the grace`, {
    timeout: 60_000,
  }, async () => {
    await using pool = make({ workers: 1, concurrency: 2, grace: 50_000 });
    await pool.submit(pid);
    const began = performance.now();
    const ends = pool.submit(blockAndExit, 300); // reads nothing more before it ends its worker
    ends.catch(() => undefined); // looked at below
    const path = file();
    const stream = pool.stream(marks, path)[Symbol.asyncIterator]();
    stream.next().catch(() => undefined);
    await turn();
    await turn(); // it has been sent
    await stream.return?.();
    await assert.rejects(async () => await ends, { code: 'MEANTIME_WORKER_LOST' });
    await pool.submit(pid);
    assert.ok(performance.now() - began < 20_000);
    assert.equal(existsSync(path), false, 'nobody would have read it');
  });
}
