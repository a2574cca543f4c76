import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from '../../core/index.js';
import { BrokenBarrierError } from '../errors.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { Barrier } from './barrier.js';
import { Ask, inVirtualTime, quiet } from './trial.js';

test('all go on when the last has come, round after round', () =>
  inVirtualTime(async () => {
    const barrier = new Barrier(3);
    const seen: string[] = [];
    await withTaskGroup(async (group) => {
      for (const [i, name] of ['a', 'b', 'c'].entries())
        group.spawn(async () => {
          for (let round = 0; round < 2; round++) {
            await sleep(3 - i);
            seen.push(`${name} has place ${await barrier.wait()} in round ${round}`);
          }
        });
    });
    const places = (round: number): string[] => seen.filter((line) => line.endsWith(`${round}`)).sort();
    for (const round of [0, 1])
      assert.deepEqual(
        places(round),
        ['a has place 2', 'b has place 1', 'c has place 0'].map((line) => `${line} in round ${round}`),
      );
  }));

test('one who is cancelled has not come: its place is given to another', () =>
  inVirtualTime(async () => {
    const barrier = new Barrier(3);
    const asks = [false, true, false, true].map((generator) => new Ask(() => barrier.wait(), generator));
    // The third one made the round full.
    await quiet();
    assert.deepEqual(
      asks.map((ask) => ask.value),
      [0, 1, 2, undefined],
    );
    const more = new Ask(() => barrier.wait());
    asks[3].cancel();
    const others = [new Ask(() => barrier.wait()), new Ask(() => barrier.wait(), true)];
    await quiet();
    assert.equal(asks[3].outcome, 'AbortError');
    assert.deepEqual(
      [more, ...others].map((ask) => ask.value),
      [0, 1, 2],
    );
  }));

test('one who is cancelled in the turn in which the last comes has its place', () =>
  inVirtualTime(async () => {
    const barrier = new Barrier(2);
    const first = new Ask(() => barrier.wait());
    await quiet();
    const last = new Ask(() => barrier.wait());
    first.cancel();
    await quiet();
    assert.deepEqual([first.value, last.value], [0, 1]);
  }));

test('aborted, it is broken for those who wait and for those who come, until it is reset', () =>
  inVirtualTime(async () => {
    const barrier = new Barrier(3);
    const asks = [new Ask(() => barrier.wait()), new Ask(() => barrier.wait(), true)];
    await quiet();
    assert.equal(barrier.waiting, 2);
    barrier.abort();
    await quiet();
    assert.deepEqual([barrier.broken, barrier.waiting], [true, 0]);
    assert.deepEqual(
      asks.map((ask) => ask.outcome),
      ['BrokenBarrierError', 'BrokenBarrierError'],
    );
    await assert.rejects(async () => await barrier.wait(), BrokenBarrierError);
    barrier.reset();
    assert.equal(barrier.broken, false);
    const again = [1, 2, 3].map(() => new Ask(() => barrier.wait()));
    await quiet();
    assert.deepEqual(
      again.map((ask) => ask.value),
      [0, 1, 2],
    );
  }));

test('reset, it is broken for those who wait and as new for those who come', () =>
  inVirtualTime(async () => {
    const barrier = new Barrier(2);
    const ask = new Ask(() => barrier.wait());
    await quiet();
    barrier.reset();
    const next = [new Ask(() => barrier.wait()), new Ask(() => barrier.wait())];
    await quiet();
    assert.equal(ask.outcome, 'BrokenBarrierError');
    assert.deepEqual(
      next.map((each) => each.value),
      [0, 1],
    );
  }));

test('for one party it holds nobody up', async () => {
  const barrier = new Barrier(1);
  assert.equal(await barrier.wait(), 0);
  assert.equal(barrier.parties, 1);
});

test('numbers out of range are refused by name', () => {
  for (const parties of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, '2', undefined])
    assert.throws(() => new Barrier(parties as number), OptionError);
});
