import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clock, useClock } from './clock.js';
import { VirtualClock } from './virtual-clock.js';

const YEAR = 365 * 24 * 3600 * 1000;

/** When the clock has nothing left to do: it is awaited, and nobody sleeps. */
const after = (virtual: VirtualClock, ms: number): Promise<number> =>
  new Promise((resolve) => virtual.after(ms, () => resolve(virtual.now())));

test('a year passes at once, and to the millisecond', async () => {
  const began = performance.now();
  const virtual = new VirtualClock();
  assert.equal(await after(virtual, YEAR), YEAR);
  assert.equal(await after(virtual, 0.25), YEAR + 0.25);
  assert.ok(performance.now() - began < 1000);
});

test('wall time goes along with it, from where it was told to start', async () => {
  const virtual = new VirtualClock(Date.UTC(2030, 0, 1));
  await after(virtual, 24 * 3600 * 1000);
  assert.equal(new Date(virtual.wall()).toISOString(), '2030-01-02T00:00:00.000Z');
});

test('of one instant the timer that was set first fires first, after everything that the one before it caused', async () => {
  const virtual = new VirtualClock();
  const seen: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    virtual.after(5, async () => {
      seen.push(name);
      for (let hop = 0; hop < 50; hop++) await undefined;
      seen.push(`${name}, fifty awaits later`);
      virtual.soon(() => seen.push(`${name}, a turn later`));
    });
  }
  await after(virtual, 5);
  virtual.after(0, () => seen.push('last'));
  await after(virtual, 0);
  const each = (name: string): string[] => [name, `${name}, fifty awaits later`, `${name}, a turn later`];
  assert.deepEqual(seen, [...each('a'), ...each('b'), ...each('c'), 'last']);
});

test('what is set for the past fires now, behind what is due already', async () => {
  const virtual = new VirtualClock();
  const seen: string[] = [];
  await after(virtual, 100);
  virtual.after(0, () => seen.push('due'));
  virtual.after(-50, () => seen.push('past'));
  assert.equal(await after(virtual, 0), 100);
  assert.deepEqual(seen, ['due', 'past']);
});

test('a timer that was taken back never fires, and no time passes for it', async () => {
  const virtual = new VirtualClock();
  const taken = virtual.after(1000, () => assert.fail('it was taken back'));
  virtual.after(10, () => taken.cancel());
  await after(virtual, 10);
  taken.cancel();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.equal(virtual.now(), 10);
});

test('a weak timer moves no time, and fires when others have brought it so far', async () => {
  const virtual = new VirtualClock();
  const seen: number[] = [];
  virtual.after(10, () => seen.push(virtual.now()), true);
  virtual.after(30, () => seen.push(virtual.now()), true);
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  assert.equal(virtual.now(), 0);
  await after(virtual, 20);
  assert.deepEqual([seen, virtual.now()], [[10], 20]);
});

test('what is asked for soon comes before any time passes, in order, also when it asks again', async () => {
  const virtual = new VirtualClock();
  const seen: string[] = [];
  const timer = after(virtual, 1);
  virtual.soon(() => {
    seen.push(`a at ${virtual.now()}`);
    virtual.soon(() => seen.push(`c at ${virtual.now()}`));
  });
  virtual.soon(() => seen.push(`b at ${virtual.now()}`));
  await timer;
  assert.deepEqual(seen, ['a at 0', 'b at 0', 'c at 0']);
});

test('an error in a callback stops nothing else', () => {
  // The turns of the loop beneath it are given by hand, so that an error in one can be caught.
  const turns: (() => void)[] = [];
  const restore = useClock({ ...clock, soon: (fn) => turns.push(fn) });
  const virtual = new VirtualClock();
  restore();
  const seen: string[] = [];
  const fail = (): never => {
    seen.push('fails');
    throw new Error('of this callback');
  };
  virtual.soon(fail);
  virtual.soon(() => seen.push(`soon at ${virtual.now()}`));
  virtual.after(1, fail);
  virtual.after(2, () => seen.push(`timer at ${virtual.now()}`));
  let errors = 0;
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    try {
      turn();
    } catch {
      errors++;
    }
  }
  assert.deepEqual([errors, seen], [2, ['fails', 'soon at 0', 'fails', 'timer at 2']]);
});

test('a weak timer of this very instant does fire', async () => {
  const virtual = new VirtualClock();
  assert.equal(await new Promise((resolve) => virtual.after(0, () => resolve('fired'), true)), 'fired');
});

test('useClock puts it in force, and takes it away again', async () => {
  const former = clock;
  const virtual = new VirtualClock();
  const restore = useClock(virtual);
  assert.equal(clock, virtual);
  restore();
  assert.equal(clock, former);
});

/** What a program does with the clock: sets a timer, or takes back the one that was set so many before. */
const steps = fc.array(
  fc.oneof(fc.record({ set: fc.integer({ min: 0, max: 20 }), within: fc.nat(3) }), fc.record({ cancel: fc.nat(10) })),
  { maxLength: 60 },
);

test('any program of timers that set and take back timers: what fires, when and in which order is that of a sorted list', async () => {
  const seed = Number(process.env.MEANTIME_SEED ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(steps, async (program) => {
      const virtual = new VirtualClock();
      const fired: string[] = [];
      const wanted: { at: number; order: number; cancelled: boolean }[] = [];
      const timers: { cancel(): void }[] = [];
      for (const step of program) {
        if ('cancel' in step) {
          const which = timers.length - 1 - step.cancel;
          if (which < 0) continue;
          timers[which].cancel();
          wanted[which].cancelled = true;
        } else {
          const order = timers.length;
          wanted.push({ at: step.set, order, cancelled: false });
          timers.push(virtual.after(step.set, () => fired.push(`${order} at ${virtual.now()}`)));
        }
      }
      await after(virtual, 21);
      const expected = wanted.filter((each) => !each.cancelled).sort((a, b) => a.at - b.at || a.order - b.order);
      assert.deepEqual(
        fired,
        expected.map(({ at, order }) => `${order} at ${at}`),
      );
    }),
    { seed, numRuns: 100 },
  );
});
