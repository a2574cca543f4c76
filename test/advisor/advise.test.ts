import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError } from 'meantime';
import { type Advice, advise, thisMachine, type WorkKind } from 'meantime/advisor';
import * as work from '../fixtures/advisor/work.js';

const { cores } = thisMachine();
const LIMIT = { timeout: 60_000 };

const kinds: [string, (n: number) => unknown, number, WorkKind, Advice['point']['on']][] = [
  ['parsing JSON', work.parses, 3, 'cpu-bound', cores > 1 ? 'threads' : 'tasks'],
  ['Atomics.wait', work.standsStill, 15, 'blocking', 'threads'],
  ['pbkdf2 on the pool', work.derives, 10_000, 'pool-bound', 'tasks'],
  ['a timer', work.waits, 15, 'io-bound', 'tasks'],
  ['a coroutine that waits', work.inSteps, 15, 'io-bound', 'tasks'],
  ['a loop and a timer', work.computesAndWaits, 10, 'mixed', cores > 1 ? 'threads' : 'tasks'],
  ['an addition', work.addsOne, 1, 'tiny', 'tasks'],
];

for (const [what, fn, input, kind, on] of kinds) {
  test(`${what} is ${kind}, and belongs on ${on}`, LIMIT, async () => {
    const advice = await advise(fn, [input, input]);
    assert.equal(advice.kind, kind, JSON.stringify(advice));
    assert.equal(advice.point.on, on);
    assert.equal(advice.name, fn.name);
    assert.ok(advice.calls >= 3 && advice.failed === 0);
    assert.equal(advice.sure, advice.settle === undefined);
    const { computing, blocking, pool, waiting } = advice.shares;
    assert.ok(Math.abs(computing + blocking + pool + waiting - 1) < 1e-9);
    const { workers, concurrency } = advice.point;
    const own = advice.predictions.find((p) => p.on === on && p.workers === workers && p.concurrency === concurrency);
    assert.ok(own !== undefined, 'the advised point is one of the predictions');
    for (const sentence of advice.why) assert.match(sentence, /^[A-Z].*\.$/);
  });
}

test('what is advised for work that holds its thread is more threads than there are cores', LIMIT, async () => {
  const { point, ms } = await advise(work.standsStill, [10]);
  assert.ok(point.workers > cores, JSON.stringify(point));
  assert.ok(ms >= 9, String(ms));
});

test('one input is enough; async inputs are read, and of endless ones no more than a hundred', LIMIT, async () => {
  assert.equal((await advise(work.waits, [5])).kind, 'io-bound');
  let given = 0;
  let closed = false;
  async function* endless() {
    try {
      for (;;) yield given++ && 3;
    } finally {
      closed = true;
    }
  }
  assert.equal((await advise(work.waits, endless())).kind, 'io-bound');
  assert.equal(given, 100);
  assert.ok(closed);
});

test('with a small budget the answer is there, and not sure', LIMIT, async () => {
  const { sure, settle, confidence } = await advise(work.waits, [5], { budget: 40 });
  assert.equal(sure, false);
  assert.match(settle ?? '', /longer look/);
  assert.ok(confidence < 0.4, String(confidence));
});

test('a module that keeps state is told of: by what its text writes to, and by what its exports hold afterwards', LIMIT, async () => {
  const byText = (await advise(work.counts, [1])).cautions.find(({ code }) => code === 'keeps-state');
  assert.match(byText?.text ?? '', /writes to "total"/);
  const byExport = (await advise(work.remembers, [1])).cautions.find(({ code }) => code === 'keeps-state');
  assert.match(byExport?.text ?? '', /changed "seen"/);
  const none = (await advise(work.waits, [1])).cautions.map(({ code }) => code);
  assert.ok(!none.includes('keeps-state'));
});

test('inputs that take longer to copy than a call takes are told of, and stay here', LIMIT, async () => {
  const { cautions, point } = await advise(work.skims, [new Float64Array(4e6)]);
  assert.match(cautions.find(({ code }) => code === 'costly-copies')?.text ?? '', /32 MB in and 5 B|32 MB in and \d+ B out/);
  assert.equal(point.on, 'tasks');
});

test('what it returns cannot travel: then it stays on this thread', LIMIT, async () => {
  const { cautions, point, predictions } = await advise(work.givesFunction, [1]);
  assert.match(cautions.find(({ code }) => code === 'cannot-travel')?.text ?? '', /returns cannot be copied.*could not be cloned/);
  assert.equal(point.on, 'tasks');
  assert.deepEqual(
    predictions.map(({ on }) => on),
    ['tasks'],
  );
});

test('cancelled while it measures: the process is gone, and it says so', LIMIT, async () => {
  const controller = new AbortController();
  const bySignal = advise(work.hangs, [1], { signal: controller.signal });
  const byHand = advise(work.hangs, [1]);
  controller.abort(new Error('enough'));
  byHand.cancel('enough');
  await assert.rejects(bySignal, (error) => error instanceof CancelledError && /enough/.test(error.message));
  await assert.rejects(byHand, CancelledError);
  assert.equal(bySignal.state, 'cancelled');
  await assert.rejects(advise(work.waits, [1], { signal: AbortSignal.abort() }), CancelledError);
});
