import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonl, map, range, runJob } from 'meantime/batch';
import { TaskExecutor } from 'meantime/tasks';
import { fixtures, folder, notOnce, resultsIn } from './cli-harness.js';

const { double, oddOnly } = (await import(join(fixtures, 'functions.mjs'))) as {
  double(x: number): number;
  oddOnly(x: number): number;
};

for (const on of ['tasks', 'threads', 'processes'] as const) {
  test(`on ${on}: awaited, looped over, settled, and ended by its first failure`, async () => {
    assert.deepEqual(await map(double, range(1, 5), { on }), [2, 4, 6, 8, 10]);
    const seen: number[] = [];
    for await (const value of map(double, range(1, 2000), { on, ordered: false, workers: on === 'tasks' ? undefined : 2 }))
      seen.push(value);
    assert.equal(seen.length, 2000);
    assert.equal(new Set(seen).size, 2000);
    const settled = await map(oddOnly, [1, 2, 3], { on, onError: 'settle' });
    assert.deepEqual(
      settled.map((s) => [s.index, s.status]),
      [
        [0, 'fulfilled'],
        [1, 'rejected'],
        [2, 'fulfilled'],
      ],
    );
    await assert.rejects(async () => await map(oddOnly, [1, 2, 3], { on }), { name: 'RangeError', message: '2 is even' });
  });

  test(`on ${on}: leaving the loop over endless inputs closes them`, async () => {
    let closed = false;
    function* endless() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed = true;
      }
    }
    let seen = 0;
    for await (const _ of map(double, endless(), { on })) if (++seen === 100) break;
    assert.ok(closed);
  });
}

test('no more than `buffer` inputs are taken ahead of the reader', async () => {
  let taken = 0;
  let read = 0;
  let most = 0;
  async function* inputs() {
    for (let i = 0; i < 200; i++) {
      taken++;
      most = Math.max(most, taken - read);
      yield i;
    }
  }
  for await (const _ of map(async (x: number) => x, inputs(), { on: 'tasks', buffer: 7 })) {
    await new Promise(setImmediate);
    read++;
  }
  assert.equal(read, 200);
  // The one that is being delivered has left the buffer and is not counted as read yet.
  assert.ok(most <= 8, `${most} were taken ahead`);
});

test('a failing call runs again after its backoff, and in order all the same', async () => {
  const tries = new Map<number, number>();
  const values = await map(
    async (x: number) => {
      const n = (tries.get(x) ?? 0) + 1;
      tries.set(x, n);
      if (n <= x % 3) throw new Error(`try ${n}`);
      return x;
    },
    range(0, 99),
    { on: 'tasks', retries: 2, backoff: 1 },
  );
  assert.deepEqual(
    values,
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.deepEqual([tries.get(3), tries.get(4), tries.get(5)], [1, 2, 3]);
});

test('with as many retries as needed less one, the last failure is thrown', async () => {
  let tries = 0;
  const never = async () => {
    tries++;
    throw new Error(`try ${tries}`);
  };
  await assert.rejects(async () => await map(never, [1], { on: 'tasks', retries: 3, backoff: 1 }), { message: 'try 4' });
});

test('the calls of a limited rate are spread over the time they need', async () => {
  const starts: number[] = [];
  await map(async () => starts.push(performance.now()), range(1, 21), { on: 'tasks', rate: 200 });
  const gaps = starts.slice(1).map((at, i) => at - starts[i]);
  assert.ok(starts[20] - starts[0] >= 20 * 5 - 60, `${starts[20] - starts[0]} ms`);
  assert.ok(gaps.filter((gap) => gap < 0.5).length < 15, `calls came in bursts: ${gaps.map((g) => g.toFixed(1))}`);
});

test('an aborted signal cancels what is in flight and is what the reader gets', async () => {
  const controller = new AbortController();
  const results = map(async () => sleep(60_000, undefined, { ref: false }), [1, 2, 3], { on: 'tasks', signal: controller.signal });
  const ended = assert.rejects(async () => await results, { name: 'AbortError', code: 'ABORT_ERR' });
  setTimeout(() => controller.abort(), 10);
  await ended;
});

test('an executor of one’s own is used and left open', async () => {
  const executor = new TaskExecutor({ concurrency: 2 });
  assert.deepEqual(await map(double, [1, 2], { on: executor }), [2, 4]);
  assert.equal(await executor.submit(double, 4), 8);
  await executor.shutdown();
});

test('mistakes are told at once', () => {
  assert.throws(() => map(double, [], { worker: 1 } as never), {
    code: 'MEANTIME_OPTION',
    message: /no option "worker"; did you mean "workers"/,
  });
  assert.throws(() => map(double, [], { rate: 0 }), { message: /"rate" expects a number above 0/ });
  assert.throws(() => map(5 as never, []), { message: /map expects a function, got number 5/ });
});

test('a failure of the inputs comes after the results that were there before it', async () => {
  async function* broken() {
    yield 1;
    yield 2;
    throw new Error('the well is dry');
  }
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const value of map(double, broken(), { on: 'tasks' })) seen.push(value);
  }, /the well is dry/);
  assert.deepEqual(seen, [2, 4]);
});

test('a malformed line ends a map, and is a failure like any other in a job', async (t) => {
  const dir = folder(t);
  const file = join(dir, 'in.jsonl');
  writeFileSync(file, '1\n2\n{\n4\n');
  await assert.rejects(async () => await map(double, jsonl(file) as AsyncIterable<number>, { on: 'tasks' }), {
    code: 'MEANTIME_INPUT',
    message: /in\.jsonl:3/,
  });
  const out = join(dir, 'out.jsonl');
  const report = await runJob({ fn: double, source: jsonl(file), out, on: 'tasks' });
  assert.deepEqual([report.state, report.done, report.failed], ['finished', 4, 1]);
  assert.deepEqual(notOnce(resultsIn(out), 4), []);
});

test('progress is told while it goes on, and never more than there is', async () => {
  const told: number[] = [];
  await map(
    async () => {
      const end = performance.now() + 3;
      while (performance.now() < end);
    },
    range(1, 100),
    { on: 'tasks', onProgress: (p) => told.push(p.done) },
  );
  assert.ok(told.length >= 3, `told ${told.length} times, though the thread was never free`);
  assert.deepEqual(
    told,
    [...told].sort((a, b) => a - b),
  );
  assert.equal(told.at(-1), 100);
});
