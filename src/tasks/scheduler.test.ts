import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, useClock, VirtualClock } from '../core/index.js';
import { type Runnable, scheduler } from './scheduler.js';

/** A piece of ready work. */
const work = (resume: () => void): Runnable => ({ scope: undefined, resume });
const turn = (): Promise<void> => new Promise((resolve) => clock.soon(resolve));

/** Computes for so many ms of real time: what the slice is measured in. */
function compute(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('what is ready goes on in the order in which it became ready, what it makes ready behind all others', async () => {
  const seen: string[] = [];
  scheduler.turned(clock.now());
  for (const name of ['a', 'b', 'c']) {
    scheduler.push(
      work(() => {
        seen.push(name);
        scheduler.push(work(() => seen.push(`${name}, later`)));
      }),
    );
  }
  assert.equal(seen.length, 0, 'nothing goes on within the turn that made it ready');
  assert.equal([...scheduler.ready].length, 3);
  await turn();
  assert.deepEqual(seen, ['a', 'b', 'c', 'a, later', 'b, later', 'c, later']);
});

test('what is ready goes on before the event loop turns', async () => {
  const seen: string[] = [];
  const turned = turn().then(() => seen.push('turn'));
  scheduler.push(work(() => seen.push('work')));
  await turned;
  assert.deepEqual(seen, ['work', 'turn']);
});

test('work without end lets timers and IO have their turn every few milliseconds', async () => {
  let steps = 0;
  let ended = false;
  const again = work(() => {
    steps++;
    compute(0.02);
    if (!ended) scheduler.push(again);
  });
  scheduler.push(again);
  const began = performance.now();
  // Each is a turn of the loop that the work has left.
  let longest = 0;
  for (let i = 0; i < 20; i++) {
    const before = performance.now();
    await turn();
    longest = Math.max(longest, performance.now() - before);
  }
  ended = true;
  const took = performance.now() - began;
  await turn();
  assert.ok(steps > 64, 'and it goes on itself');
  assert.ok(took / 20 < 25, `${took / 20} ms a turn, the longest ${longest}`);
});

test('after a slice nothing goes on until the loop has turned, whoever makes it ready', async () => {
  await turn();
  const seen: string[] = [];
  for (let i = 0; i < 128; i++) scheduler.push(work(() => compute(i === 0 ? 10 : 0)));
  scheduler.push(work(() => seen.push('the rest')));
  await Promise.resolve().then(() => undefined);
  assert.equal(seen.length, 0, 'the slice is used up in the middle');
  scheduler.push(work(() => seen.push('the new one')));
  for (let hop = 0; hop < 10; hop++) await undefined;
  assert.equal(seen.length, 0);
  await turn();
  await turn();
  assert.deepEqual(seen, ['the rest', 'the new one']);
});

test('what need not wait is told to wait when the slice is used up, and not before', async () => {
  await turn();
  scheduler.turned(clock.now());
  for (let i = 0; i < 200; i++) assert.equal(scheduler.spent(), false);
  compute(10);
  let told = 0;
  for (let i = 0; i < 64; i++) if (scheduler.spent()) told++;
  assert.ok(told > 0);
  assert.equal(scheduler.spent(), true, 'until the loop has turned');
  await turn();
  await turn();
  assert.equal(scheduler.spent(), false);
});

test('an order of its own chooses among what is ready, one step a turn', async () => {
  const restore = scheduler.useOrder((ready) => ready - 1);
  const seen: string[] = [];
  for (const name of ['a', 'b', 'c']) scheduler.push(work(() => seen.push(name)));
  while ([...scheduler.ready].length > 0) await turn();
  restore();
  assert.deepEqual(seen, ['c', 'b', 'a']);
});

test('an order is only asked when something is ready, also when the slice was used up; what it answers out of range is the nearest', async () => {
  const back = useClock(new VirtualClock());
  scheduler.turned(clock.now());
  const asked: number[] = [];
  const answers = [-3, 99, 0.9, Number.NaN];
  const restore = scheduler.useOrder((ready) => {
    asked.push(ready);
    return answers[asked.length - 1] ?? 0;
  });
  const seen: string[] = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    scheduler.push(
      work(() => {
        seen.push(name);
        for (let i = 0; i < 64; i++) scheduler.spent();
      }),
    );
  }
  await new Promise<void>((resolve) => clock.after(50, resolve));
  // The virtual time has gone on: now the slice is used up in the first of them.
  for (const name of ['e', 'f', 'g']) {
    scheduler.push(
      work(() => {
        seen.push(name);
        for (let i = 0; i < 64; i++) scheduler.spent();
      }),
    );
  }
  await new Promise<void>((resolve) => clock.after(50, resolve));
  restore();
  back();
  assert.deepEqual(seen, ['a', 'd', 'b', 'c', 'e', 'f', 'g']);
  assert.deepEqual(asked, [4, 3, 2, 1, 3, 2, 1]);
});
