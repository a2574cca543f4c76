import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Executor, WorkerLostError } from 'meantime';
// @ts-expect-error a module without types
import { imported } from '../../../test/fixtures/reviewed/ends-at-import.mjs';
import { add, echo, exit, linesOf, pid, where } from '../fixtures/calls/calls.js';
import { file, kinds } from '../fixtures/calls/pools.js';
import { blobResult, deep, deepResult, failWithBytes, noteAndReturn, sizeAfter } from '../fixtures/reviewed/calls.js';
import { block, blockUntil, blockUntilGone, sent, within } from '../fixtures/reviewed/within.js';

/** What a review found about values on their way and workers that end under them. */
const limit = { timeout: 60_000 };
const [threads, processes] = kinds;
const fn: (value: number) => number = imported;

for (const { name, make } of kinds) {
  test(`${name}: an argument nested too deep fails that call alone`, limit, async () => {
    await using pool = make({ workers: 1 });
    const worker = await pool.submit(where);
    const [bad, beside] = [pool.submit(echo, deep(20_000)), pool.submit(add, 1, 2)];
    await assert.rejects(within('the call', bad), { name: 'NotCloneableError' });
    assert.equal(await within('the call beside it', beside), 3);
    assert.deepEqual([await within('a later call', pool.submit(where)), pool.stats().lost], [worker, 0]);
  });

  test(`${name}: a result nested too deep fails that call alone`, limit, async () => {
    await using pool = make({ workers: 1 });
    const worker = await pool.submit(where);
    const [bad, beside] = [pool.submit(deepResult), pool.submit(add, 1, 2)];
    await assert.rejects(within('the call', bad), { name: 'NotCloneableError' });
    assert.equal(await within('the call beside it', beside), 3);
    assert.deepEqual([await within('a later call', pool.submit(where)), pool.stats().lost], [worker, 0]);
  });

  test(`${name}: a module that ends each worker that imports it fails every input, after a few workers`, limit, async () => {
    await using pool = make({ workers: 1, env: { ...process.env, END_AT_IMPORT: 'yes' } });
    await assert.rejects(within('a call', pool.submit(fn, 1)), WorkerLostError);
    const results = await within('the map', pool.map(fn, [1, 2, 3, 4], { onError: 'settle' }));
    assert.deepEqual(
      results.map(({ index, status }) => [index, status]),
      [0, 1, 2, 3].map((index) => [index, 'rejected']),
    );
    assert.ok(pool.stats().lost <= 30, `${pool.stats().lost} workers`);
  });

  test(`${name}: a chunk that goes out again has one result for each input, whatever ran in its worker before`, limit, async () => {
    await using pool = make({ workers: 1, env: { ...process.env, END_ONCE_AT_IMPORT: file() } });
    const many = Array.from({ length: 1000 }, (_, i) => i);
    await pool.map(echo, many, { chunk: 1000, buffer: 2000 }); // leaves its progress where the next chunk's will be
    const inputs = [1, 2, 3, 4, 5, 6, 7, 8];
    const executor: Executor = pool; // the overloads of map are lost in a union of two pools
    const results = await within('the map', executor.map(fn, inputs, { chunk: 4, onError: 'settle' }));
    assert.deepEqual(
      results.map((result) => [result.index, result.input, result.status === 'fulfilled' ? result.value : result.reason]),
      inputs.map((input, index) => [index, input, input]),
    );
    assert.equal(pool.stats().lost, 1);
  });
}

for (const [what, make] of Object.entries({ Blob: () => new Blob(['a']), SharedArrayBuffer: () => new SharedArrayBuffer(8) })) {
  test(`processes: a ${what} as an argument or an input fails that call alone`, limit, async () => {
    await using pool = processes.make({ workers: 1 });
    const worker = await pool.submit(pid);
    await assert.rejects(within('the call', pool.submit(echo, make())), { name: 'NotCloneableError' });
    await assert.rejects(within('the map', pool.map(echo, [make()])), { name: 'NotCloneableError' });
    assert.deepEqual([await within('a later call', pool.submit(pid)), pool.stats().lost], [worker, 0]);
  });
}

test('processes: a Blob as a result fails that call alone', limit, async () => {
  await using pool = processes.make({ workers: 1 });
  const worker = await pool.submit(pid);
  await assert.rejects(within('the call', pool.submit(blobResult)), { name: 'NotCloneableError' });
  assert.deepEqual([await within('a later call', pool.submit(pid)), pool.stats().lost], [worker, 0]);
});

test('threads: what was moved to one worker does not arrive empty at another that takes the call over', limit, async () => {
  await using pool = threads.make({ workers: 2 });
  for (let i = 0; i < 200; i++) await pool.submit(sizeAfter, 0, new ArrayBuffer(4)); // known as a short call: many go out at once
  const moved = (ms: number) => {
    const buffer = new ArrayBuffer(16);
    return pool.with({ transfer: [buffer] }).submit(sizeAfter, ms, buffer);
  };
  const sizes = await within('the calls', Promise.all([moved(100), ...Array.from({ length: 20 }, () => moved(0))]));
  assert.deepEqual(new Set(sizes), new Set([16]));
});

test('threads: a call whose argument was moved is not tried again without it', limit, async () => {
  await using pool = threads.make({ workers: 1 });
  const [ran, buffer] = [file(), new ArrayBuffer(16)];
  // That it could be, without saying so, is refused: see test/options.test.ts.
  assert.throws(() => pool.with({ transfer: [buffer], retries: 1 }), { code: 'MEANTIME_OPTION' });
  const future = pool.with({ transfer: [buffer] }).submit(failWithBytes, ran, buffer);
  await assert.rejects(within('the call', future), { message: 'no second try' });
  assert.deepEqual(linesOf(ran), ['16']);
});

test('processes: a call whose process ends while its parent is about to write runs once, and the next is done', limit, async () => {
  await using pool = processes.make({ workers: 1, concurrency: 2 });
  const worker = await pool.submit(pid);
  const ran = file();
  const ending = pool.submit(exit, ran, 7);
  const outcome = assert.rejects(within('the call that ends its process', ending), { name: 'WorkerLostError', exitCode: 7 });
  await sent();
  blockUntilGone(worker);
  const next = pool.submit(add, 1, 2); // is written to a process that is no more
  await outcome;
  assert.equal(await within('the next call', next), 3);
  assert.deepEqual(linesOf(ran), ['ran']);
});

test('processes: what a process answered before it was killed is read, although a write to it fails first', limit, async () => {
  await using pool = processes.make({ workers: 1, concurrency: 2 });
  const ran = file();
  await pool.submit(noteAndReturn, ran, 'warm');
  const worker = await pool.submit(pid);
  const answered = pool.submit(noteAndReturn, ran, 'answered');
  for (let i = 0; i < 6; i++) await null; // leaves; its answer is not read before the end of this turn
  blockUntil(() => linesOf(ran).includes('answered'));
  block(100);
  process.kill(worker, 'SIGKILL');
  blockUntilGone(worker);
  const next = pool.submit(noteAndReturn, ran, 'next');
  assert.equal(await within('the answered call', answered), 'answered');
  assert.equal(await within('the next call', next), 'next');
  assert.deepEqual(linesOf(ran), ['warm', 'answered', 'next']);
});
