import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { threadId, type Worker } from 'node:worker_threads';
import { currentSignal, sleep } from 'meantime';
import { AutoExecutor, type Decision } from 'meantime/advisor';
import {
  eatMemory,
  echoSlowly,
  forEver,
  type Job,
  type Kind,
  Mark,
  marksFor,
  numbers,
  spin,
  wait,
  waitForAbort,
  where,
  work,
} from './auto.calls.js';

const cores = availableParallelism();

/** Jobs in a row, of the kinds of `parts`. */
function jobsOf(...parts: [n: number, kind: Kind, ms: number, fails?: (i: number) => boolean][]): { jobs: Job[]; marks: Int32Array } {
  const all = parts.reduce((sum, [n]) => sum + n, 0);
  const memory = marksFor(all);
  const jobs: Job[] = [];
  for (const [n, kind, ms, fails] of parts) {
    for (let i = 0; i < n; i++) jobs.push({ memory, index: jobs.length, kind, ms, ...(fails?.(jobs.length) && { fails: 'error' }) });
  }
  return { jobs, marks: new Int32Array(memory) };
}

/** Every call once. */
const once = (marks: Int32Array) =>
  assert.ok(
    marks.subarray(Mark.calls).every((times) => times === 1),
    'a call was lost or doubled',
  );

/** Threads that live at a time, the most. */
function watchThreads() {
  let [alive, most, all] = [0, 0, 0];
  const born = (message: unknown) => {
    all++;
    most = Math.max(most, ++alive);
    (message as { worker: Worker }).worker.once('exit', () => alive--);
  };
  subscribe('worker_threads', born);
  return {
    end: () => unsubscribe('worker_threads', born),
    get most() {
      return most;
    },
    get all() {
      return all;
    },
  };
}

function reasonsFollow(executor: AutoExecutor): void {
  const decisions = executor.decisions();
  let before: Decision | undefined;
  for (const decision of decisions) {
    assert.ok(decision.reason.length > 10, JSON.stringify(decision));
    assert.ok(decision.at >= (before?.at ?? 0), 'in the order in which they were made');
    before = decision;
  }
  const last = decisions.at(-1);
  if (last) assert.equal(executor.point.on, last.to.on);
}

test('work that waits stays on this thread, with more in flight, and no thread is started', async () => {
  const threads = watchThreads();
  await using executor = new AutoExecutor();
  const { jobs, marks } = jobsOf([400, 'wait', 20]);
  const began = performance.now();
  assert.ok((await executor.map(work, jobs)).every((id) => id === threadId));
  assert.ok(performance.now() - began < (400 * 20) / 2);
  threads.end();
  once(marks);
  assert.equal(threads.all, 0);
  assert.deepEqual([executor.point.on, executor.point.workers], ['tasks', 1]);
  assert.ok(executor.point.concurrency > 4, JSON.stringify(executor.point));
  assert.ok(executor.decisions().length > 0);
  reasonsFollow(executor);
});

test('work that computes moves to threads and uses the cores', async () => {
  const told: Decision[] = [];
  await using executor = new AutoExecutor({ onDecision: (decision) => told.push(decision) });
  const { jobs, marks } = jobsOf([250, 'spin', 8]);
  const ids = new Set(await executor.map(work, jobs));
  once(marks);
  assert.ok(ids.has(threadId), 'it began here');
  assert.equal(executor.point.on, 'threads');
  if (cores > 1) assert.ok(ids.size > 2 && marks[Mark.peak] >= 2, `${ids.size} threads, ${marks[Mark.peak]} at a time`);
  assert.deepEqual(told, executor.decisions());
  assert.match(told.map(({ reason }) => reason).join(), /this thread would be held for another \d+ ms by calls of .* ms/);
  reasonsFollow(executor);
});

test('work that blocks gets more threads than there are cores', async () => {
  await using executor = new AutoExecutor({ maxWorkers: 8 });
  const { jobs, marks } = jobsOf([500, 'block', 20]);
  const ids = new Set(await executor.map(work, jobs));
  once(marks);
  assert.ok(ids.size > cores, `${ids.size} threads`);
  assert.ok(marks[Mark.peak] > 2, `${marks[Mark.peak]} at a time`);
  reasonsFollow(executor);
});

test('twenty short calls are not worth a thread', async () => {
  const threads = watchThreads();
  await using executor = new AutoExecutor();
  await executor.map(spin, new Array(20).fill(5));
  threads.end();
  assert.equal(threads.all, 0);
  assert.equal(executor.point.on, 'tasks');
});

test('a function that cannot travel runs here, and a decision says why; what comes after it and can travel moves', async () => {
  await using executor = new AutoExecutor();
  const own = { factor: 3 };
  const closure = (x: number) => {
    spin(4);
    return x * own.factor;
  };
  const inputs = Array.from({ length: 120 }, (_, i) => i);
  assert.deepEqual(
    await executor.map(closure, inputs),
    inputs.map((x) => 3 * x),
  );
  assert.equal(executor.point.on, 'tasks');
  const stays = executor.decisions().filter(({ reason }) => /stays on this thread: .*cannot travel.*own/s.test(reason));
  assert.equal(stays.length, 1, 'said once');
  assert.equal(await executor.submit(closure, 5), 15);
  assert.ok((await executor.map(where, new Array(3).fill(1))).every((id) => id === threadId));
  const { jobs, marks } = jobsOf([200, 'spin', 6]);
  const ids = new Set(await executor.map(work, jobs));
  once(marks);
  assert.ok(ids.size > 1, 'on threads');
  assert.equal(executor.point.on, 'threads');
  // And now that it is on threads, the closure still runs here.
  assert.deepEqual(await executor.map(closure, [1, 2]), [3, 6]);
  assert.equal(executor.decisions().filter(({ reason }) => /cannot travel/.test(reason)).length, 1);
});

test('what is submitted runs on threads, as many as it can use; what cannot travel, here', async () => {
  await using executor = new AutoExecutor();
  const { jobs, marks } = jobsOf([120, 'spin', 10]);
  const ids = new Set(await Promise.all(jobs.map((job) => executor.submit(work, job))));
  once(marks);
  assert.ok(!ids.has(threadId));
  if (cores > 1) assert.ok(ids.size > 1, 'more than one thread');
  const own = {};
  assert.equal(await executor.submit(() => [own, threadId][1]), threadId);
  await assert.rejects(async () => await executor.submit('nothing' as never), { code: 'MEANTIME_NOT_CALLABLE' });
  reasonsFollow(executor);
});

test('a function whose calls were seen to wait is submitted to this thread, too', async () => {
  const threads = watchThreads();
  await using executor = new AutoExecutor();
  await executor.map(wait, new Array(60).fill(5));
  await Promise.all(Array.from({ length: 20 }, () => executor.submit(wait, 5)));
  threads.end();
  assert.equal(threads.all, 0);
});

test('maps and submitted calls of several functions at once', async () => {
  await using executor = new AutoExecutor();
  const own = { factor: 2 };
  const { jobs, marks } = jobsOf([150, 'spin', 4], [150, 'wait', 10], [60, 'block', 10], [300, 'tiny', 0]);
  const [spins, waits, blocks, closures] = await Promise.all([
    executor.map(work, jobs.slice(0, 150)),
    executor.map(work, jobs.slice(150, 300), { ordered: false }),
    Promise.all(jobs.slice(300, 360).map((job) => executor.submit(work, job))),
    executor.map((x: number) => x * own.factor, [1, 2, 3]),
    executor.map(work, jobs.slice(360)),
  ]);
  once(marks);
  assert.deepEqual([spins.length, waits.length, blocks.length, closures], [150, 150, 60, [2, 4, 6]]);
  const { done, failed, queued } = executor.stats();
  assert.deepEqual([done, failed, queued], [663, 0, 0]);
});

for (const limit of [undefined, 1]) {
  test(`from inside a call that runs here, map and submit do not wait for each other for ever (${limit ?? 'no'} limit)`, async () => {
    await using executor = new AutoExecutor(limit === undefined ? {} : { maxConcurrency: limit });
    const { jobs, marks } = jobsOf([40, 'wait', 1], [20, 'spin', 1]);
    const inner = async (k: number): Promise<number> => {
      const mapped = await executor.map(work, jobs.slice(20 * k, 20 * k + 15));
      let submitted = 0;
      for (const job of jobs.slice(20 * k + 15, 20 * k + 20)) {
        await executor.submit(work, job);
        submitted++;
      }
      return mapped.length + submitted;
    };
    assert.deepEqual(await executor.map(inner, [0, 1, 2]), [20, 20, 20]);
    assert.equal(await executor.submit(async () => await executor.submit(async () => await executor.submit(inner.bind(null, 3)))), 0);
    once(marks);
    const { done, failed } = executor.stats();
    assert.deepEqual([done, failed], [3 + 60 + 3, 0]);
  });
}

test('more is not taken than the buffer lets, in order or not, here and on threads, and an endless source is left when its reader leaves', async () => {
  for (const isolate of [false, true]) {
    for (const ordered of [true, false]) {
      for (const buffer of [1, 7]) {
        await using executor = new AutoExecutor({ isolate });
        let [taken, given, most, closed] = [0, 0, 0, false];
        function* endless() {
          try {
            for (;;) {
              taken++;
              most = Math.max(most, taken - given);
              yield taken;
            }
          } finally {
            closed = true;
          }
        }
        for await (const value of executor.map((x: number) => 2 * x, endless(), { buffer, ordered })) {
          if (ordered) assert.equal(value, 2 * (given + 1));
          if (++given === 200) break;
        }
        assert.ok(closed);
        assert.ok(most <= buffer + 1, `${most} of ${buffer}`);
      }
    }
  }
});

test('a reader that leaves at any stage leaves nothing behind', async () => {
  for (const stop of [1, 10, 60, 120, 200, 300, 600]) {
    await using executor = new AutoExecutor();
    let closed = 0;
    async function* inputs() {
      try {
        for (;;) yield 2;
      } finally {
        closed++;
      }
    }
    let got = 0;
    for await (const _ of executor.map(spin, inputs(), { ordered: stop % 20 === 0 })) if (++got === stop) break;
    assert.equal(closed, 1);
    const { queued } = executor.stats();
    assert.equal(queued, 0);
  }
});

for (const onError of ['settle', 'throw'] as const) {
  for (const ordered of [true, false]) {
    test(`a map that moves half way loses and doubles nothing: ${onError}, ${ordered ? 'in order' : 'as they come'}`, async () => {
      await using executor = new AutoExecutor();
      const { jobs, marks } = jobsOf([3000, 'spin', 0.7, (i) => onError === 'settle' && i % 10 === 3]);
      const seen: number[] = [];
      if (onError === 'settle') {
        for await (const { status, index, input } of executor.map(work, jobs, { onError, ordered })) {
          assert.equal(input.index, index);
          assert.equal(status, index % 10 === 3 ? 'rejected' : 'fulfilled');
          seen.push(index);
        }
      } else {
        const bare = jobs.map((job) => job.index);
        for await (const value of executor.map(echoSlowly, bare, { ordered })) seen.push(value);
      }
      assert.equal(executor.point.on, 'threads', 'it has moved');
      if (ordered) for (const [i, index] of seen.entries()) assert.equal(index, i);
      assert.equal(new Set(seen).size, 3000);
      if (onError === 'settle') {
        once(marks);
        const { done, failed } = executor.stats();
        assert.deepEqual([done, failed], [2700, 300]);
      }
    });
  }
}

test('a failure ends a map at every stage, in order after all that came before it', async () => {
  for (const at of [3, 40, 250, 900]) {
    await using executor = new AutoExecutor();
    const { jobs, marks } = jobsOf([1200, 'spin', 1, (i) => i >= at && i % 7 === at % 7]);
    const got: number[] = [];
    await assert.rejects(
      async () => {
        for await (const id of executor.map(work, jobs)) got.push(id);
      },
      new RegExp(`call ${at}$`),
    );
    assert.equal(got.length, at);
    assert.ok(marks.subarray(Mark.calls).every((times) => times <= 1));
    assert.ok(marks[Mark.calls + 1199] === 0, 'what comes long after it is not made');
    await assert.rejects(async () => await executor.map(work, jobsOf([50, 'spin', 1, (i) => i === 20]).jobs), /call 20$/);
  }
});

test('a failure in order comes after slower calls before it, and only once, while work waits', async () => {
  await using executor = new AutoExecutor({ start: { workers: 1, concurrency: 8 } });
  const { jobs } = jobsOf([60, 'wait', 5, (i) => i === 30 || i === 33]);
  const slow = jobs.map((job, i) => (i === 29 ? { ...job, ms: 100 } : job));
  let got = 0;
  await assert.rejects(async () => {
    for await (const _ of executor.map(work, slow)) got++;
  }, /call 30$/);
  assert.equal(got, 30);
});

const stages: [string, ms: number][] = [
  ['at once', 0],
  ['while it runs here', 15],
  ['while it moves', 90],
  ['on threads', 500],
];
for (const [stage, ms] of stages) {
  test(`a shutdown ${stage} drains what was accepted, or cancels it`, async () => {
    for (const how of [{}, { cancelPending: true }, { grace: 50 }, { cancelPending: true, grace: 0 }]) {
      const executor = new AutoExecutor({ maxWorkers: 2 });
      const { jobs, marks } = jobsOf([150, 'spin', 5]);
      const fewer = jobs.slice(0, 130);
      const map = executor.map(work, fewer, { onError: 'settle' });
      const all = map.then((results) => results);
      const calls = jobs.slice(130).map((job) => executor.submit(work, job));
      const ends = Promise.allSettled(calls);
      await pause(ms);
      const down = executor.shutdown(how);
      await assert.rejects(async () => await executor.submit(where, 0), { name: 'ShutdownError' });
      await assert.rejects(async () => await executor.map(where, [0]), { name: 'ShutdownError' });
      await down;
      const isDrain = Object.keys(how).length === 0;
      for (const { status, reason, input } of (await all) as { status: string; reason?: Error; input: Job }[]) {
        const ran = marks[Mark.calls + input.index];
        if (status === 'fulfilled') assert.equal(ran, 1);
        else if (isDrain) assert.equal(reason?.name, 'ShutdownError', 'only what had not been accepted');
        else assert.ok(['AbortError', 'ShutdownError', 'WorkerLostError'].includes(String(reason?.name)), String(reason));
      }
      // With a grace, what else is in progress in a thread that has to be ended is lost with it.
      for (const end of await ends) {
        if (end.status === 'rejected')
          assert.ok(!isDrain && ['AbortError', 'WorkerLostError'].includes(end.reason.name), String(end.reason));
      }
      assert.deepEqual([executor.stats().queued, executor.stats().workers], [0, 0]);
      await executor.shutdown();
    }
  });
}

test('an executor that never had a thread is shut down without one', async () => {
  const threads = watchThreads();
  const executor = new AutoExecutor();
  await executor.map((x: number) => x, [1, 2]);
  await executor.shutdown();
  for (const fn of [where, async (x: number) => [threads.all, x][1]]) {
    await assert.rejects(async () => await executor.submit(fn, 1), { name: 'ShutdownError' });
    await assert.rejects(async () => await executor.map(fn, [1]), { name: 'ShutdownError' });
    await assert.rejects(async () => await executor.stream(numbers, 5).next(), { name: 'ShutdownError' });
  }
  threads.end();
  assert.equal(threads.all, 0);
});

test('what comes back of a chunk while it is drained is still done', async () => {
  const executor = new AutoExecutor({ maxWorkers: 2 });
  const { jobs, marks } = jobsOf([200, 'spin', 1.5], [200, 'wait', 10]);
  const results = executor.map(work, jobs, { chunk: 100 });
  const all = results.then((ids) => ids);
  while (executor.point.on === 'tasks') await pause(2);
  await executor.shutdown();
  assert.equal((await all).length, 400);
  once(marks);
});

test('cancelled calls and maps end, here and on threads', async () => {
  for (const isolate of [false, true]) {
    await using executor = new AutoExecutor({ isolate, grace: 50 });
    const controller = new AbortController();
    const running = executor.map(waitForAbort, [1, 2, 3, 4], { signal: controller.signal });
    const outcome = assert.rejects(async () => await running, { name: 'AbortError' });
    const call = executor.submit(waitForAbort, 5);
    await pause(20);
    controller.abort();
    assert.ok(call.cancel('no more'));
    await outcome;
    await assert.rejects(async () => await call, { name: 'AbortError' });
    assert.deepEqual(await executor.map(Math.sqrt.bind(null) as (x: number) => number, [4, 9]), [2, 3], 'it goes on');
  }
});

test('a time limit ends what never returns, also what does not wait, and only that', async () => {
  await using executor = new AutoExecutor({ grace: 50 });
  const results = await executor.map(forEver, [0, 1, 2, 3, 4, 5], { timeout: 700, onError: 'settle' });
  assert.deepEqual(
    results.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).name)),
    [0, 1, 'TimeoutError', 3, 'TimeoutError', 5],
  );
});

test('isolated, a call that never returns is ended when it is cancelled', async () => {
  await using executor = new AutoExecutor({ isolate: true, grace: 50 });
  const call = executor.submit(forEver, 2);
  await pause(300);
  call.cancel('enough');
  await assert.rejects(async () => await call, { name: 'AbortError' });
  assert.equal(await executor.submit(forEver, 1), 1);
});

test('calls here run in the context of their map, whoever has freed the place', async () => {
  await using executor = new AutoExecutor();
  const storage = new AsyncLocalStorage<string>();
  const seen: Record<string, Set<string | undefined>> = { a: new Set(), b: new Set(), c: new Set() };
  const look = (of: string) => async () => {
    await pause(1);
    seen[of].add(storage.getStore());
  };
  await Promise.all([
    storage.run('a', async () => await executor.map(look('a'), Array.from({ length: 60 }))),
    storage.run('b', async () => await executor.map(look('b'), Array.from({ length: 60 }))),
    storage.run('c', async () => await Promise.all(Array.from({ length: 30 }, () => executor.submit(look('c'))))),
  ]);
  assert.deepEqual(seen, { a: new Set(['a']), b: new Set(['b']), c: new Set(['c']) });
});

for (const most of [1, 2, 3, 5]) {
  test(`never more than ${most} calls in progress, here and on threads together, and in the steps between`, async () => {
    for (const kinds of [['spin'], ['mixed', 'block'], ['wait', 'spin', 'block', 'wait'], ['block', 'wait', 'mixed']] as Kind[][]) {
      await using executor = new AutoExecutor({ maxConcurrency: most, maxWorkers: 4 });
      const { jobs, marks } = jobsOf(...kinds.map((kind): [number, Kind, number] => [160, kind, 3]));
      const own = {};
      for (let i = 0; i < jobs.length; i += 160) {
        await Promise.all([
          executor.map(work, jobs.slice(i, i + 80)),
          executor.map((job: Job) => [own, work(job)][1] as Promise<number>, jobs.slice(i + 80, i + 120)),
          ...jobs.slice(i + 120, i + 160).map((job) => executor.submit(work, job)),
        ]);
      }
      once(marks);
      assert.ok(marks[Mark.peak] <= most, `${marks[Mark.peak]} calls at a time: ${kinds}`);
      if (most > 1 && cores > 1) assert.ok(marks[Mark.peak] > 1);
    }
  });
}

test('never more threads than allowed', async () => {
  for (const maxWorkers of [1, 3]) {
    const threads = watchThreads();
    {
      await using executor = new AutoExecutor({ maxWorkers });
      const { jobs, marks } = jobsOf([150, 'block', 10], [300, 'wait', 10], [60, 'spin', 10]);
      await executor.map(work, jobs);
      await Promise.all(jobsOf([80, 'block', 10]).jobs.map((job) => executor.submit(work, job)));
      once(marks);
      assert.ok(executor.point.workers <= maxWorkers);
    }
    threads.end();
    assert.ok(threads.most <= maxWorkers, `${threads.most} threads at a time`);
    assert.ok(threads.most >= 1);
  }
});

test('a call that takes more memory than it may is lost alone', async () => {
  await using executor = new AutoExecutor({ memoryLimit: 64 * 2 ** 20, maxWorkers: 2 });
  const results = await executor.map(eatMemory, [0, 1, 2, 3, 4, 5, 6, 7], { onError: 'settle', chunk: 1 });
  assert.deepEqual(
    results.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).name)),
    [0, 1, 2, 'WorkerLostError', 4, 5, 6, 7],
  );
});

test('it starts where it is told to', async () => {
  await using executor = new AutoExecutor({ start: { workers: 2, concurrency: 3 }, maxWorkers: 4 });
  assert.deepEqual(executor.point, { on: 'threads', workers: 2, concurrency: 3 });
  const ids = await executor.map(where, new Array(10).fill(20));
  assert.ok(!ids.includes(threadId));
  await using here = new AutoExecutor({ start: { workers: 1, concurrency: 5 } });
  assert.deepEqual(here.point, { on: 'tasks', workers: 1, concurrency: 5 });
  await using advised = new AutoExecutor({ start: { on: 'threads', workers: 1, concurrency: 2 } });
  assert.deepEqual(advised.point, { on: 'threads', workers: 1, concurrency: 2 }, 'a point as advise gives it');
  assert.throws(() => new AutoExecutor({ start: { workers: 0, concurrency: 1 } }), { code: 'MEANTIME_OPTION' });
  assert.throws(() => new AutoExecutor({ start: { workers: 1 } as never, maxworkers: 2 } as never), /maxWorkers/);
});

test('stats add up at the end of everything, and say what goes on in between', async () => {
  await using executor = new AutoExecutor();
  const { jobs } = jobsOf([200, 'wait', 5, (i) => i % 4 === 0], [200, 'spin', 2, (i) => i % 4 === 0]);
  const map = executor.map(work, jobs, { onError: 'settle' });
  const all = map.then((results) => results);
  const calls = Promise.allSettled(jobsOf([20, 'tiny', 0, (i) => i % 2 === 0]).jobs.map((job) => executor.submit(work, job)));
  const cancelled = executor.submit(wait, 1000);
  const gone = assert.rejects(async () => await cancelled, { name: 'AbortError' });
  cancelled.cancel();
  const during = executor.stats();
  assert.ok(during.queued + during.running > 0);
  await all;
  await Promise.all([calls, gone]);
  const { done, failed, queued, lost, run } = executor.stats();
  assert.deepEqual([done, failed, queued, lost], [300 + 10, 100 + 10 + 1, 0, 0]);
  assert.ok(run.p50 >= 0 && run.p99 >= run.p50);
  assert.ok(Object.isFrozen(executor.stats()));
});

test('streams run where their function can, with back-pressure', async () => {
  await using executor = new AutoExecutor();
  const own = { from: 5 };
  const here: number[] = [];
  for await (const value of executor.stream(function* () {
    yield own.from;
    yield own.from + 1;
  }))
    here.push(value);
  assert.deepEqual(here, [5, 6]);
  let last = -1;
  for await (const value of executor.stream(numbers, 1000)) {
    assert.equal(value, last + 1);
    last = value;
    if (value === 300) break;
  }
  assert.equal(last, 300);
});

test('a call here that is cancelled sees it, and its place is free when it has let go', async () => {
  await using executor = new AutoExecutor({ maxConcurrency: 1 });
  const own: string[] = [];
  const first = executor.submit(async () => {
    own.push('runs');
    try {
      await sleep(10_000);
    } finally {
      own.push(`sees it: ${currentSignal()?.aborted}`);
    }
  });
  while (own.length === 0) await pause(1);
  first.cancel();
  await assert.rejects(async () => await first, { name: 'AbortError' });
  await executor.submit(() => void own.push('next'));
  assert.deepEqual(own, ['runs', 'sees it: true', 'next']);
});

const nestings: Record<string, (executor: AutoExecutor) => PromiseLike<unknown>> = {
  'submits what travels': (executor) => executor.submit(where, 1),
  'submits what does not': (executor) => executor.submit(() => [executor, 1][1]),
  'maps what travels': (executor) => executor.map(where, [1, 1, 1]),
  'maps what does not': (executor) => executor.map((x: number) => [executor, x][1], [1, 2, 3]),
  'submits with a time limit': (executor) => executor.with({ timeout: 20_000 }).submit(where, 1),
  'maps with a time limit what does not travel': (executor) =>
    executor.map((x: number) => [executor, x][1], [1, 2, 3], { timeout: 20_000 }),
  streams: async (executor) => {
    for await (const _ of executor.stream(function* () {
      yield executor;
    }));
  },
  'submits a call that submits': (executor) =>
    executor.submit(async () => await executor.submit(async () => [executor, await executor.submit(where, 1)][1])),
};
for (const options of [
  {},
  { isolate: true },
  { maxConcurrency: 1 },
  { isolate: true, maxConcurrency: 1 },
  { isolate: true, maxConcurrency: 3 },
]) {
  test(`no call waits for ever for one that it makes itself: ${JSON.stringify(options)}`, { timeout: 60_000 }, async () => {
    for (const nest of Object.values(nestings)) {
      await using executor = new AutoExecutor(options);
      await Promise.all([1, 2, 3].map(() => executor.submit(async () => void (await nest(executor)))));
    }
  });
}

test('a call that needs threads for the first time while it is shut down leaves none behind', async () => {
  for (const how of [{}, { cancelPending: true }, { grace: 5000 }]) {
    const executor = new AutoExecutor({ isolate: true });
    let begun = false;
    const outer = executor.submit(async () => {
      begun = true;
      await pause(30);
      return [executor, await executor.submit(where, 1)][1];
    });
    const seen = outer.then(
      (id) => assert.notEqual(id, threadId),
      (error) => assert.equal(error.name, 'AbortError'),
    );
    while (!begun) await pause(1);
    await executor.shutdown(how);
    await seen;
    assert.equal(executor.stats().workers, 0);
  }
});
