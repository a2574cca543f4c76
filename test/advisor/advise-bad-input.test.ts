import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OptionError } from 'meantime';
import { advise, type Caution } from 'meantime/advisor';
import * as work from '../fixtures/advisor/work.js';

const LIMIT = { timeout: 60_000 };
const textOf = (cautions: readonly Caution[], code: Caution['code']): string =>
  cautions.find((caution) => caution.code === code)?.text ?? '';

test('no inputs: an error that says what they are for', async () => {
  await assert.rejects(advise(work.waits, []), (error) => error instanceof OptionError && /at least one sample input/.test(error.message));
});

test('what is no function, no inputs, no option', async () => {
  assert.throws(() => advise(7 as never, [1]), /advise expects a function, got number 7/);
  assert.throws(() => advise(work.waits, [1], { buget: 3 } as never), /no option "buget"; did you mean "budget"/);
  assert.throws(() => advise(work.waits, [1], { timeout: -1 }), OptionError);
  await assert.rejects(advise(work.waits, 7 as never), { code: 'MEANTIME_OPTION' });
});

test('inputs that all fail: not sure, and the first failure is told', LIMIT, async () => {
  const { sure, settle, calls, failed, cautions, confidence } = await advise(work.refuses, [3, 4]);
  assert.equal(sure, false);
  assert.equal(confidence, 0);
  assert.equal(failed, calls);
  assert.match(settle ?? '', /does not fail/);
  assert.match(textOf(cautions, 'failed'), /All .* failed, the first with RangeError: 3 is out of range/);
});

test('some inputs fail: it is measured all the same, and they are counted', LIMIT, async () => {
  const { kind, calls, failed, cautions } = await advise(work.refusesOdd, [1, 2, 3]);
  assert.equal(kind, 'io-bound');
  assert.ok(failed > 0 && failed < calls);
  assert.match(textOf(cautions, 'failed'), /of .* calls failed, the first with RangeError: 1 is odd/);
});

for (const fn of [work.loops, work.hangs]) {
  test(`a function that never returns (it ${fn.name}): it is ended, and that is said`, LIMIT, async () => {
    const { sure, calls, cautions, settle } = await advise(fn, [1], { timeout: 1500 });
    assert.equal(sure, false);
    assert.equal(calls, 0);
    assert.match(textOf(cautions, 'never-returned'), /had not returned after 1500 ms/);
    assert.match(settle ?? '', /longer timeout/);
  });
}

test('a function that exits the process: the exit code is told, and processes are advised', LIMIT, async () => {
  const { sure, cautions, point } = await advise(work.exits, [3]);
  assert.equal(sure, false);
  assert.match(textOf(cautions, 'ended-its-process'), /exit code 3/);
  assert.equal(point.on, 'processes');
});

test('a function that crashes the process: with what', LIMIT, async () => {
  const { cautions } = await advise(work.crashes, [1]);
  assert.match(textOf(cautions, 'ended-its-process'), /exit code 1: .*TypeError: thrown beside the call/);
});

test('a function that needs what is around it is measured on this thread, and stays on it', LIMIT, async () => {
  const pause = 5;
  let calls = 0;
  const {
    kind,
    point,
    cautions,
    calls: made,
  } = await advise(async () => {
    calls++;
    await sleep(pause);
  }, [1]);
  assert.equal(kind, 'io-bound');
  assert.equal(point.on, 'tasks');
  assert.equal(calls, made);
  assert.match(textOf(cautions, 'cannot-travel'), /stays on this thread.*cannot travel to a worker/);
  assert.match(textOf(cautions, 'keeps-state'), /"calls"/);
});

test('an input that cannot travel: the same', LIMIT, async () => {
  const { point, cautions } = await advise(
    async (fn: () => number) => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return fn();
    },
    [() => 1],
  );
  assert.equal(point.on, 'tasks');
  assert.match(textOf(cautions, 'cannot-travel'), /cannot travel/);
});

test('a module that cannot be imported by itself', LIMIT, async () => {
  const { portable } = await import('meantime');
  const fn = portable('data:text/javascript,throw new Error("set me up first")', 'anything', () => 1);
  const { sure, calls, cautions, point } = await advise(fn, [1]);
  assert.equal(sure, false);
  assert.equal(calls, 0);
  assert.match(textOf(cautions, 'cannot-travel'), /cannot be imported in a worker: Error: set me up first/);
  assert.equal(point.on, 'tasks');
});
