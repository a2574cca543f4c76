// AutoExecutor against real servers and beside others of its kind. Real time: what it finds depends on how long things take.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AutoExecutor } from 'meantime/advisor';
import { type Job, type Kind, marksFor, work } from '../advisor/auto.calls.js';
import { ask, hangUp, tell } from './auto.calls.js';

const program = fileURLToPath(new URL('../../../test/fixtures/advisor/server.mjs', import.meta.url));
const cores = availableParallelism();
after(hangUp);

async function serve(t: TestContext, env: Record<string, string>): Promise<{ port: number; child: ChildProcess }> {
  const child = spawn(process.execPath, [program], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { port: Number(line), child };
}

const forMs = function* <T>(ms: number, value: T): Generator<T> {
  for (const end = performance.now() + ms; performance.now() < end; ) yield value;
};

const counts = async (port: number) => JSON.parse(await ask(port, '/counts')) as { served: number; refused: number; peak: number };
/** Over all threads: to where it has moved there may be fewer in each. */
const inFlight = ({ point: { workers, concurrency } }: AutoExecutor) => workers * concurrency;
const told = (executor: AutoExecutor) =>
  executor
    .decisions()
    .map(({ at, to, reason }) => `${at.toFixed()} ${to.workers}x${to.concurrency} ${reason}`)
    .join('\n');

test('a server that says 429 above 24 is asked less, and more again when it bears more', async (t) => {
  const { port } = await serve(t, { LATENCY: '20', MOST: '24' });
  await using executor = new AutoExecutor();
  let failed = 0;
  for await (const { status } of executor.map(ask, forMs(5000, port), { onError: 'settle', ordered: false }))
    if (status === 'rejected') failed++;
  const first = await counts(port);
  assert.equal(failed, first.refused);
  const ok = first.served / (first.served + first.refused);
  t.diagnostic(`${first.served} served, ${first.refused} refused (${(100 * ok).toFixed(1)} % ok), at most ${first.peak} at a time`);
  assert.ok(ok >= 0.9, `${(100 * ok).toFixed(1)} % were not refused:\n${told(executor)}`);
  assert.ok(first.peak >= 10, `at most ${first.peak} at a time:\n${told(executor)}`);
  const before = inFlight(executor);
  await tell(port, '/most/200');
  for await (const _ of executor.map(ask, forMs(5000, port), { onError: 'settle', ordered: false })) {
    // only how many
  }
  const second = await counts(port);
  t.diagnostic(`then ${second.served} served, at most ${second.peak} at a time`);
  assert.ok(second.peak > 26 && inFlight(executor) > before, `at most ${second.peak} at a time:\n${told(executor)}`);
});

test('a server that is gone for a while is asked less, and all goes on when it is back', async (t) => {
  const { port, child } = await serve(t, { LATENCY: '10' });
  await using executor = new AutoExecutor();
  const inFlight: number[] = [];
  let [failed, served, gone, back] = [0, 0, 0, 0];
  const stages = (async () => {
    await pause(1500);
    child.kill('SIGKILL');
    await once(child, 'exit');
    gone = performance.now();
    while (performance.now() < gone + 1500) {
      await pause(50);
      inFlight.push(executor.point.concurrency);
    }
    await serve(t, { LATENCY: '10', PORT: String(port) });
    back = performance.now();
  })();
  let [failedLate, servedLate] = [0, 0];
  for await (const { status, reason } of executor.map(ask, forMs(6500, port), { onError: 'settle', ordered: false }) as AsyncIterable<{
    status: string;
    reason?: { code?: string };
  }>) {
    if (status === 'fulfilled') served++;
    else {
      failed++;
      assert.ok(['ECONNREFUSED', 'ECONNRESET'].includes(String(reason?.code)), String(reason));
    }
    if (back > 0 && performance.now() > back + 1500) {
      if (status === 'fulfilled') servedLate++;
      else failedLate++;
    }
  }
  await stages;
  t.diagnostic(`${served} served, ${failed} failed; while it was gone ${inFlight.join(' ')}; late ${servedLate} and ${failedLate}`);
  assert.ok(failed > 0);
  assert.ok((inFlight.at(-1) ?? 99) <= 2, `${inFlight}:\n${told(executor)}`);
  assert.equal(failedLate, 0);
  assert.ok(servedLate > 100 && executor.point.concurrency > 4, `${servedLate}:\n${told(executor)}`);
});

function* jobsFor(ms: number, kind: Kind, each: number): Generator<Job> {
  const memory = marksFor(1);
  yield* forMs(ms, { memory, index: 0, kind, ms: each });
}

test('several that compute share the cores, and one has them all when the others have ended', async (t) => {
  if (cores < 2) return t.skip('with one core there is nothing to share');
  for (const n of [2, 3]) {
    const executors = Array.from({ length: n }, () => new AutoExecutor({ isolate: true }));
    t.after(async () => await Promise.all(executors.map((executor) => executor.shutdown({ cancelPending: true, grace: 0 }))));
    const [first, ...others] = executors;
    const drain = async (executor: AutoExecutor, ms: number) => {
      for await (const _ of executor.map(work, jobsFor(ms, 'spin', 10), { ordered: false }));
    };
    let ended = false;
    const sums: number[] = [];
    const watch = (async () => {
      await pause(2000);
      while (!ended) {
        sums.push(executors.reduce((sum, { point }) => sum + point.workers, 0));
        await pause(50);
      }
    })();
    const long = drain(first, 9000);
    await Promise.all(others.map((executor) => drain(executor, 3500)));
    ended = true;
    await watch;
    const settled = sums.sort((a, b) => a - b)[sums.length >> 1];
    // Each has one at least.
    assert.ok(settled <= Math.max(cores, n), `${sums}:\n${executors.map(told).join('\n\n')}`);
    await Promise.all(others.map((executor) => executor.shutdown()));
    const before = first.decisions().length;
    await long;
    // Beside other programs all cores may turn out to give no more than fewer do; but it has them, or finds that out.
    const most = Math.max(
      first.point.workers,
      ...first
        .decisions()
        .slice(before)
        .map(({ to }) => to.workers),
    );
    assert.ok(most >= cores, `${JSON.stringify(first.point)}:\n${told(first)}`);
    await first.shutdown();
  }
});

for (const [from, to] of [
  ['wait', 'spin'],
  ['spin', 'wait'],
] as [Kind, Kind][]) {
  test(`work that comes to ${to} where it did ${from} is followed`, async (t) => {
    await using executor = new AutoExecutor();
    let done = 0;
    const each = { wait: 20, spin: 5 } as Record<Kind, number>;
    function* inputs() {
      yield* jobsFor(3000, from, each[from]);
      yield* jobsFor(6000, to, each[to]);
    }
    const marks: [number, number][] = [];
    const began = performance.now();
    for await (const _ of executor.map(work, inputs(), { ordered: false })) {
      done++;
      if (done % 10 === 0) marks.push([performance.now() - began, done]);
    }
    const rate = (a: number, b: number) => {
      const part = marks.filter(([at]) => at >= a && at < b);
      return part.length < 2 ? 0 : (1000 * (part[part.length - 1][1] - part[0][1])) / (part[part.length - 1][0] - part[0][0]);
    };
    t.diagnostic(`${rate(2000, 3000).toFixed()} a second, then ${rate(6500, 9000).toFixed()}; ${JSON.stringify(executor.point)}`);
    if (to === 'spin') {
      assert.equal(executor.point.on, 'threads', told(executor));
      assert.ok(executor.point.workers >= Math.min(2, cores), told(executor));
    } else {
      // One at a time on each of the cores gives 50 a second for each.
      assert.ok(rate(6500, 9000) > 4 * 50 * cores, `${rate(6500, 9000)} a second:\n${told(executor)}`);
    }
  });
}
