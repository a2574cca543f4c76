import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, test } from 'node:test';
import { CancelledError, clock, currentSignal, OptionError, useClock, VirtualClock } from '../core/index.js';
import { Timer } from './timer.js';

let restore = (): void => undefined;
let zero = 0;
beforeEach(() => {
  restore = useClock(new VirtualClock());
  zero = clock.now();
});
afterEach(() => restore());

const now = () => clock.now() - zero;
const sleep = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

test('once runs once, when it is due', async () => {
  const seen: number[] = [];
  const timer = Timer.once(50, (tick) => seen.push(now(), tick));
  assert.equal(timer.active, true);
  assert.equal(await timer.finished, 1);
  assert.deepEqual(seen, [50, 1]);
  assert.deepEqual([timer.active, timer.ticks, timer.cancel()], [false, 1, false]);
});

test('cancelled before it is due it never runs', async () => {
  const timer = Timer.once(50, () => assert.fail('it ran'));
  assert.equal(timer.cancel(), true);
  assert.equal(await timer.finished, 0);
  await sleep(100);
  {
    using scoped = Timer.every(1, () => assert.fail('it ran'));
    assert.equal(scoped.active, true);
  }
  await sleep(100);
});

test('every does not drift, whatever its function takes', async () => {
  const seen: number[] = [];
  const timer = Timer.every(10, async () => {
    seen.push(now());
    await sleep(3);
  });
  await sleep(1000.5);
  timer.cancel();
  assert.equal(await timer.finished, 100);
  assert.deepEqual(
    seen,
    Array.from({ length: 100 }, (_, i) => (i + 1) * 10),
  );
});

test('ticks that cannot be on time are missed: the next is the next multiple, and no two run at a time', async () => {
  const seen: number[] = [];
  let inside = 0;
  const timer = Timer.every(10, async (tick) => {
    assert.equal(++inside, 1);
    seen.push(now());
    if (tick === 2) await sleep(25); // from 20 to 45: 30 and 40 are missed
    if (tick === 4) await sleep(10); // from 60 to 70: 70 is now
    inside--;
  });
  await sleep(95);
  timer.cancel();
  assert.deepEqual(seen, [10, 20, 50, 60, 80, 90]);
  assert.equal(await timer.finished, 6);
});

test('a clock that rings a little early makes no tick twice', async () => {
  const virtual = clock;
  let early = 0;
  restore();
  restore = useClock({
    now: () => virtual.now(),
    wall: () => virtual.wall(),
    soon: (fn) => virtual.soon(fn),
    after: (ms, fn, weak) => virtual.after(ms - (early++ % 3) * 0.4, fn, weak),
  });
  const timer = Timer.every(10, () => undefined);
  await new Promise<void>((resolve) => virtual.after(1005, resolve));
  timer.cancel();
  assert.equal(await timer.finished, 100);
});

test('a function that throws ends the timer, and is what finished says', async () => {
  for (const fn of [
    () => {
      throw new RangeError('no');
    },
    () => Promise.reject(new RangeError('no')),
    function* () {
      yield* [];
      throw new RangeError('no');
    },
  ]) {
    const timer = Timer.every(5, fn);
    await assert.rejects(timer.finished, { name: 'RangeError', message: 'no' });
    assert.deepEqual([timer.ticks, timer.active], [1, false]);
  }
});

test('cancelling while it runs aborts its signal, and finished waits for it', async () => {
  const seen: unknown[] = [];
  const timer = Timer.every(10, async () => {
    const signal = currentSignal() as AbortSignal;
    await sleep(5);
    seen.push(signal.aborted, signal.reason instanceof CancelledError, signal.reason.reason);
    await sleep(5);
    seen.push('let go');
    throw signal.reason; // no failure: it was told to
  });
  await sleep(12);
  timer.cancel('enough');
  assert.equal(timer.active, true);
  assert.equal(await timer.finished, 1);
  assert.deepEqual(seen, [true, true, 'enough', 'let go']);
  const failing = Timer.every(10, async () => {
    await sleep(5);
    throw new RangeError('for another reason');
  });
  await sleep(12);
  failing.cancel();
  await assert.rejects(failing.finished, { message: 'for another reason' });
});

test('it may cancel itself', async () => {
  const timer = Timer.every(1, (tick) => {
    if (tick === 3) timer.cancel();
  });
  assert.equal(await timer.finished, 3);
});

test('cancelling finished cancels it, and is what whoever waits gets', async () => {
  const timer = Timer.every(10, () => undefined);
  await sleep(25);
  const { finished } = timer;
  assert.equal(finished.cancel('no more'), true);
  await assert.rejects(async () => await finished, { name: 'AbortError', reason: 'no more' });
  assert.equal(timer.active, false);
});

test('a signal cancels it, also one that has aborted', async () => {
  const controller = new AbortController();
  const timer = Timer.every(10, () => undefined, { signal: controller.signal });
  await sleep(35);
  controller.abort();
  assert.equal(await timer.finished, 3);
  assert.equal(await Timer.once(10, () => assert.fail('it ran'), { signal: controller.signal }).finished, 0);
  await sleep(50);
});

test('what is no time, no function or no option is an OptionError', () => {
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5']) {
    assert.throws(() => Timer.once(ms as never, () => 1), OptionError);
    assert.throws(() => Timer.every(ms as never, () => 1), OptionError);
  }
  assert.throws(() => Timer.every(0, () => 1), OptionError);
  assert.throws(() => Timer.once(1, 'fn' as never), { code: 'MEANTIME_NOT_CALLABLE' });
  assert.throws(() => Timer.once(1, () => 1, { waek: true } as never), { name: 'OptionError', message: /"waek".*weak/ });
});

test('a failure that nobody looks at ends the program; a weak timer does not hold it', () => {
  const program = (code: string) => {
    const source = `import { Timer } from ${JSON.stringify(new URL('./timer.js', import.meta.url).href)}; ${code}`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  };
  const failed = program("Timer.once(1, () => { throw new RangeError('nobody looks') });");
  assert.match(failed.stderr, /RangeError: nobody looks/);
  assert.equal(failed.status, 1);
  const weak = program("Timer.every(60_000, () => 1, { weak: true }); console.log('over');");
  assert.deepEqual([weak.stdout, weak.status], ['over\n', 0]);
  const held = program("Timer.once(20, () => console.log('rang'));");
  assert.deepEqual([held.stdout, held.status], ['rang\n', 0]);
});
