import assert from 'node:assert/strict';
import test from 'node:test';
import { type CompareOptions, type Comparison, compare, formatComparison, type Row } from 'meantime/advisor';

const url = new URL('../../../test/fixtures/compare/functions.mjs', import.meta.url).href;
const functions = await import(url);

const one: CompareOptions = { rounds: 1, advice: false };
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const row = ({ rows }: Comparison, on: Row['on']): Row => rows.find((each) => each.on === on) as Row;
const codes = ({ cautions }: Comparison) => cautions.map(({ code }) => code);

test('calls that wait: tasks are many times as fast as one at a time, and use hardly any processor', async () => {
  const comparison = await compare(functions.nap, new Array(30).fill(40), one);
  const tasks = comparison.rows.find(({ on, concurrency }) => on === 'tasks' && concurrency === 30) as Row;
  assert.equal(comparison.state, 'finished');
  assert.equal(comparison.inputs, 30);
  assert.ok((tasks.speedup as number) > 8, `${tasks.speedup}`);
  assert.ok((comparison.best?.concurrency as number) > 1);
  const loop = row(comparison, 'loop');
  assert.ok((loop.ms as number) >= 30 * 39);
  assert.ok((loop.cores as number) < 0.5);
  assert.equal(loop.startMs, 0);
  for (const each of comparison.rows) assert.deepEqual([each.label, each.failed, each.differing], [each.label, 0, 0]);
  assert.deepEqual(comparison.cautions, []);
});

test('calls that compute: tasks are no faster, and what workers use is counted, processes included', async () => {
  const comparison = await compare(functions.sum, new Array(12).fill(5), { ...one, on: ['tasks', 'processes'] });
  const [loop, tasks, processes] = [row(comparison, 'loop'), row(comparison, 'tasks'), row(comparison, 'processes')];
  assert.ok((tasks.speedup as number) < 1.5, `${tasks.speedup}`);
  assert.ok(comparison.rows.every(({ on }) => on !== 'threads'));
  // The same work takes about the same processor time wherever it runs: had the children's been left out, it would be nearly nothing.
  assert.ok((processes.cpuMs as number) > 0.4 * (loop.cpuMs as number), `${processes.cpuMs} of ${loop.cpuMs}`);
  assert.ok((processes.startMs as number) > 0);
  assert.ok((processes.speedupWithStart as number) < (processes.speedup as number));
  // Each process has an interpreter of its own.
  assert.ok((processes.memory as number) > (loop.memory as number) + 20 * 2 ** 20);
});

test('rounds are counted, told as they come, and interleaved', async () => {
  const told: string[] = [];
  const comparison = await compare(functions.double, upTo(10), {
    rounds: 2,
    advice: false,
    on: ['tasks', 'threads'],
    onProgress: ({ label, round }) => told.push(`${round} ${label}`),
  });
  const labels = comparison.rows.map(({ label }) => label);
  assert.deepEqual(told, [...labels.map((label) => `1 ${label}`), ...labels.map((label) => `2 ${label}`)]);
  assert.equal(comparison.rounds, 2);
  for (const { rounds } of comparison.rows) assert.equal(rounds, 2);
});

test('a function that cannot travel has its rows on this thread, and the reason', async () => {
  const offset = Number(process.env.NO_SUCH_VARIABLE ?? 1);
  const comparison = await compare(async (x: number) => functions.nap(x + offset), upTo(5), one);
  assert.deepEqual(
    comparison.rows.map(({ on, state }) => `${on} ${state}`),
    ['loop measured', 'tasks measured'],
  );
  assert.deepEqual(codes(comparison), ['cannot-travel']);
  assert.match(comparison.cautions[0].text, /offset/);
});

test('inputs that all fail: every row says failed, with the first error', async () => {
  const comparison = await compare(functions.fails, upTo(5), { advice: false });
  for (const { state, reason, speedup } of comparison.rows) {
    assert.equal(state, 'failed');
    assert.match(reason ?? '', /every call failed: RangeError: no 1/);
    assert.equal(speedup, undefined);
  }
  assert.equal(comparison.best, undefined);
  assert.equal(comparison.rounds, 1);
  assert.match(comparison.cautions[0].text, /^All 5 calls failed one at a time, the first with RangeError: no 1/);
  assert.match(formatComparison(comparison), /Nothing to compare/);
});

test('what fails only when much is in flight is counted where it fails, and is not the best', async () => {
  const comparison = await compare(functions.failsInCrowds, upTo(30), { ...one, on: 'tasks' });
  assert.equal(row(comparison, 'loop').failed, 0);
  assert.ok(row(comparison, 'tasks').failed > 0);
  assert.match(comparison.cautions[0].text, /calls failed on tasks, 16 at a time, the first with Error: 429/);
  assert.equal(comparison.best?.on, 'loop');
});

test('no inputs: a rejection that says so', async () => {
  await assert.rejects(compare(functions.double, [], one), { code: 'MEANTIME_INPUT', message: /got none/ });
  await assert.rejects(compare(functions.double, 5 as never, one), { code: 'MEANTIME_INPUT', message: /can be iterated, got 5/ });
});

test('one input: a table all the same, which says that nothing can run side by side', async () => {
  const comparison = await compare(functions.nap, [5], one);
  assert.deepEqual(
    comparison.rows.map(({ label }) => label),
    ['one at a time', 'tasks, 1 at a time', '1 thread', '1 process'],
  );
  assert.match(comparison.notes.join(), /One input: nothing can run side by side/);
});

test('inputs may be any iterable, async and endless ones too: so many are taken, and it says so', async () => {
  let closed = false;
  async function* forever() {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      closed = true;
    }
  }
  const comparison = await compare(functions.double, forever(), { ...one, on: 'tasks', maxInputs: 7 });
  assert.equal(comparison.inputs, 7);
  assert.match(comparison.notes.join(), /Only the first 7 inputs were taken: there are more/);
  assert.equal(closed, true);
});

for (const name of ['endless', 'never']) {
  test(`a function that never returns (${name}): its worker is ended at the deadline, and the answer says which input`, async () => {
    const comparison = await compare(functions[name], upTo(5), { ...one, timeout: 3000 });
    const [loop, ...others] = comparison.rows;
    assert.equal(comparison.state, 'timed-out');
    assert.equal(loop.state, 'never-returned');
    assert.match(loop.reason ?? '', /the call of input 3 of 5 had not returned after 1\.5 s/);
    for (const { state, reason } of others) {
      assert.equal(state, 'not-run');
      assert.match(reason ?? '', /a call did not return/);
    }
    assert.deepEqual(codes(comparison), ['never-returned']);
  });
}

test('a function that exits its process does not exit this one: tasks are not run, and it says why', async () => {
  const comparison = await compare(functions.exitsAt3, upTo(5), one);
  assert.match(row(comparison, 'loop').reason ?? '', /^the call of input 3 of 5 ended its worker \(exit code 5\)$/);
  assert.equal(row(comparison, 'tasks').state, 'not-run');
  assert.match(row(comparison, 'tasks').reason ?? '', /here it would end this program/);
  assert.ok(row(comparison, 'processes').failed >= 1);
  assert.ok(codes(comparison).includes('ended-its-process'));
  assert.equal(comparison.best, undefined);
});

test('a function that kills its process is found out where that ends nothing else', async () => {
  const comparison = await compare(functions.killsItself, upTo(5), { rounds: 1 });
  assert.ok(comparison.advice?.cautions.some(({ code }) => code === 'ended-its-process'));
  assert.match(row(comparison, 'loop').reason ?? '', /^a call ended its process \(SIGKILL\)$/);
  for (const on of ['tasks', 'threads'] as const) {
    assert.equal(row(comparison, on).state, 'not-run');
    assert.match(row(comparison, on).reason ?? '', /here it would end this program/);
  }
  assert.ok(row(comparison, 'processes').failed >= 1);
});

test('the advice stands beside the truth: its point is one of the rows, and each row has what was predicted', async () => {
  const comparison = await compare(functions.nap, new Array(30).fill(40), { rounds: 1, on: ['tasks', 'threads'] });
  assert.equal(comparison.advice?.kind, 'io-bound');
  const advised = comparison.rows.find((each) => each.advised) as Row;
  assert.deepEqual([advised.on, advised.concurrency], ['tasks', 30]);
  const predicted = comparison.rows.map((each) => each.predicted);
  assert.deepEqual(
    predicted.map((each) => typeof each),
    ['undefined', ...new Array(predicted.length - 1).fill('number')],
  );
  assert.equal(advised.predicted, Math.max(...(predicted.slice(1) as number[])));
  assert.match(formatComparison(comparison), /^Advised: tasks, 30 at a time, since nap is io-bound; predicted \d+\.\dx, measured /m);
});

test('advice that was given is not asked for again', async () => {
  const { advice } = await compare(functions.nap, [5, 5, 5], { rounds: 1, on: 'tasks' });
  const labels: string[] = [];
  const again = await compare(functions.nap, [5, 5, 5], {
    rounds: 1,
    on: 'tasks',
    ...(advice && { advice }),
    onProgress: ({ label }) => labels.push(label),
  });
  assert.equal(again.advice, advice);
  assert.deepEqual(
    labels,
    again.rows.map(({ label }) => label),
  );
});

test('answers that differ: the function keeps state', async () => {
  const comparison = await compare(functions.counts, upTo(20), { rounds: 2, advice: false, on: 'tasks' });
  assert.ok(row(comparison, 'tasks').differing > 0);
  assert.equal(row(comparison, 'loop').differing, 0);
  assert.deepEqual(codes(comparison), ['keeps-state']);
  assert.match(comparison.cautions[0].text, /keeps state from call to call/);
});

test('answers that differ one at a time, too, are not called state', async () => {
  const comparison = await compare(functions.random, upTo(5), { rounds: 2, advice: false, on: 'tasks' });
  assert.match(comparison.cautions[0].text, /differ from run to run, also one at a time/);
});

test('answers that lose their class on the way agree; those that cannot travel are not compared', async () => {
  const boxes = await compare(functions.box, upTo(5), one);
  assert.deepEqual(codes(boxes), []);
  const closures = await compare(functions.functionFor, upTo(5), { ...one, on: ['tasks', 'threads'] });
  assert.equal(row(closures, 'tasks').differing, 0);
  assert.equal(row(closures, 'threads').state, 'failed');
  assert.match(row(closures, 'threads').reason ?? '', /NotCloneableError/);
});

test('a coroutine is driven to its end in every row', async () => {
  const comparison = await compare(functions.coroutine, upTo(4), one);
  assert.deepEqual(codes(comparison), []);
  for (const { state } of comparison.rows) assert.equal(state, 'measured');
});

test('a function that needs what was set up here: one at a time runs here too, and it says so', async () => {
  functions.setUp();
  const comparison = await compare(functions.needsSetUp, upTo(5), { ...one, on: ['tasks', 'threads'] });
  assert.equal(row(comparison, 'loop').state, 'measured');
  assert.equal(row(comparison, 'tasks').state, 'measured');
  assert.equal(row(comparison, 'threads').state, 'failed');
  assert.match(comparison.notes.join(), /ran on this thread: in a worker every call fails \(Error: call setUp\(\) first\)/);
});

test('inputs that cannot travel: one at a time runs here, and the rows that need them there fail', async () => {
  const comparison = await compare(functions.double, [1, 2, Symbol('x')] as number[], { ...one, on: ['tasks', 'threads'] });
  assert.equal(row(comparison, 'loop').state, 'measured');
  assert.match(comparison.notes.join(), /ran on this thread: in a worker it cannot/);
  assert.ok(row(comparison, 'threads').failed > 0);
});

test('a way that is many times slower than one at a time is ended, and the others go on', async () => {
  const comparison = await compare(functions.slowInProcesses, upTo(4), { ...one, on: ['tasks', 'processes'] });
  assert.equal(row(comparison, 'tasks').state, 'measured');
  assert.equal(row(comparison, 'processes').state, 'too-slow');
  assert.equal(comparison.state, 'finished');
});

test('inputs that take too long one at a time are not all run, and it says so', async () => {
  const comparison = await compare(functions.nap, new Array(100).fill(30), { ...one, timeout: 5000, on: 'tasks' });
  assert.ok(comparison.inputs < 30 && comparison.inputs > 5, `${comparison.inputs}`);
  assert.match(comparison.notes.join(), /Only the first \d+ of 100 inputs were run/);
  assert.equal(comparison.state, 'finished');
});

test('no time at all, and inputs that do not come: nothing is measured, and it says that time was up', async () => {
  const none = await compare(functions.double, upTo(3), { ...one, timeout: 0 });
  const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
  const never = await compare(functions.double, silent, { ...one, timeout: 50 });
  for (const comparison of [none, never]) {
    assert.equal(comparison.state, 'timed-out');
    for (const { state, reason } of comparison.rows) assert.deepEqual([state, reason], ['not-run', 'time was up']);
    assert.match(formatComparison(comparison), /time was up before all was measured/);
  }
});

test('processes that cannot start have a row with the reason', async () => {
  const { execPath } = process;
  process.execPath = '/no/such/node';
  try {
    const comparison = await compare(functions.double, upTo(4), { ...one, on: ['tasks', 'processes'] });
    assert.equal(row(comparison, 'tasks').state, 'measured');
    assert.equal(row(comparison, 'processes').state, 'failed');
    assert.match(row(comparison, 'processes').reason ?? '', /could not start/);
    assert.equal(comparison.state, 'finished');
  } finally {
    process.execPath = execPath;
  }
});

test('what is stopped midway says what it has', async () => {
  const stop = new AbortController();
  const comparison = await compare(functions.nap, upTo(20), {
    ...one,
    stop: stop.signal,
    onProgress: ({ label }) => (label === '2 processes' || label.endsWith('processes') ? stop.abort() : undefined),
  });
  assert.equal(comparison.state, 'stopped');
  assert.equal(row(comparison, 'tasks').state, 'measured');
  assert.equal(row(comparison, 'processes').state, 'not-run');
  assert.ok(comparison.best);
});

test('cancelled midway: a rejection, once no worker is left (the hook of this file looks)', async () => {
  for (const on of ['loop', 'threads', 'processes']) {
    const controller = new AbortController();
    const comparison = compare(functions.nap, new Array(20).fill(20), {
      ...one,
      signal: controller.signal,
      onProgress: ({ label }) => {
        if (on === 'loop' ? label === 'one at a time' : label.endsWith(on)) setTimeout(() => controller.abort(new Error('enough')), 50);
      },
    });
    await assert.rejects(comparison, { code: 'ABORT_ERR', message: /enough/ });
    assert.equal(comparison.state, 'cancelled');
  }
});

test('cancel() and a signal that has aborted already', async () => {
  const future = compare(functions.never, upTo(5), one);
  assert.equal(future.cancel(), true);
  await assert.rejects(future, { code: 'ABORT_ERR' });
  await assert.rejects(compare(functions.double, upTo(5), { ...one, signal: AbortSignal.abort() }), { code: 'ABORT_ERR' });
});

test('wrong options are told at once, by name', () => {
  const options = (wrong: object) => () => compare(functions.double, [1], wrong as CompareOptions);
  assert.throws(options({ round: 3 }), { code: 'MEANTIME_OPTION', message: /"round".*did you mean "rounds"/ });
  assert.throws(options({ on: ['fibres'] }), { code: 'MEANTIME_OPTION', message: /"on" expects one of/ });
  assert.throws(options({ rounds: 0 }), { code: 'MEANTIME_OPTION' });
  assert.throws(() => compare('double' as never, [1]), { code: 'MEANTIME_NOT_CALLABLE' });
});
