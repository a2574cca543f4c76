import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from '../../core/index.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { Semaphore } from './semaphore.js';
import { Ask, inVirtualTime, quiet } from './trial.js';

test('many permits are taken together and given back together', () =>
  inVirtualTime(async () => {
    const semaphore = new Semaphore(5);
    const guard = await semaphore.acquire(3);
    assert.equal(semaphore.available, 2);
    assert.equal(semaphore.tryAcquire(3), undefined);
    const two = semaphore.tryAcquire(2);
    assert.equal(semaphore.available, 0);
    guard.release();
    two?.release();
    assert.equal(semaphore.available, 5);
  }));

test('who asks for little waits behind the one who asks for much, and gets past it only when that is cut off', () =>
  inVirtualTime(async () => {
    const semaphore = new Semaphore(4);
    const held = await semaphore.acquire(2);
    const much = new Ask(() => semaphore.acquire(4));
    const little = new Ask(() => semaphore.acquire(1));
    const alsoLittle = new Ask(() => semaphore.acquire(1), true);
    const third = new Ask(() => semaphore.acquire(1));
    await quiet();
    assert.deepEqual([semaphore.waiting, semaphore.available], [4, 2]);
    assert.equal(semaphore.tryAcquire(), undefined);
    much.cancel();
    assert.equal(semaphore.tryAcquire(), undefined, 'there are others still');
    await quiet();
    assert.equal(much.outcome, 'AbortError');
    assert.ok(little.value && alsoLittle.value);
    assert.deepEqual([semaphore.waiting, semaphore.available], [1, 0]);
    held.release();
    await quiet();
    assert.ok(third.value);
  }));

test('of those who are cancelled together none is handed what another one leaves', () =>
  inVirtualTime(async () => {
    const semaphore = new Semaphore(2);
    const held = await semaphore.acquire(1);
    const seen: string[] = [];
    const patient = await withTaskGroup(async (group) => {
      const cut = group.spawn(async () => {
        // All in one scope, and in two below it.
        const asks = [semaphore.acquire(2), semaphore.acquire(1), semaphore.acquire(1)];
        for (const ask of asks)
          ask.then(
            () => seen.push('got it'),
            () => seen.push('cut off'),
          );
        await withTaskGroup(async (inner) => {
          inner.spawn(() => semaphore.acquire(1));
          inner.spawn(() => semaphore.acquire(1));
        });
      });
      const ask = new Ask(() => semaphore.acquire(1));
      await quiet();
      const last = new Ask(() => semaphore.acquire(1));
      await quiet();
      cut.cancel();
      await quiet();
      assert.ok(ask.value, 'it was ahead of the two below');
      assert.equal(last.outcome, undefined);
      ask.value?.release();
      await quiet();
      return last;
    });
    assert.deepEqual(seen, ['cut off', 'cut off', 'cut off']);
    patient.value?.release();
    held.release();
    assert.equal(semaphore.available, 2);
  }));

test('more permits are handed out at once; fewer count when those too many are given back', () =>
  inVirtualTime(async () => {
    const semaphore = new Semaphore(1);
    const first = await semaphore.acquire();
    const [second, third] = [new Ask(() => semaphore.acquire()), new Ask(() => semaphore.acquire())];
    semaphore.resize(3);
    await quiet();
    assert.ok(second.value && third.value);
    semaphore.resize(1);
    assert.deepEqual([semaphore.permits, semaphore.available], [1, 0]);
    const fourth = new Ask(() => semaphore.acquire());
    first.release();
    second.value.release();
    await quiet();
    assert.equal(fourth.outcome, undefined, 'one is still held, which is all there may be');
    third.value.release();
    await quiet();
    assert.ok(fourth.value);
  }));

test('who waits for more than there are left waits until there are as many again', () =>
  inVirtualTime(async () => {
    const semaphore = new Semaphore(3);
    const held = await semaphore.acquire(3);
    const ask = new Ask(() => semaphore.acquire(3));
    semaphore.resize(2);
    held.release();
    await quiet();
    assert.equal(ask.outcome, undefined);
    semaphore.resize(3);
    await quiet();
    assert.ok(ask.value);
  }));

test('without a limit everybody is let in', async () => {
  const semaphore = new Semaphore(Number.POSITIVE_INFINITY);
  const guards = await Promise.all(Array.from({ length: 100 }, (_, i) => semaphore.acquire(i + 1)));
  assert.equal(semaphore.available, Number.POSITIVE_INFINITY);
  semaphore.resize(10);
  assert.equal(semaphore.available, 0);
  for (const guard of guards) guard.release();
  assert.equal(semaphore.available, 10);
});

test('a permit is handed over in the turn in which a time limit ends: one outcome, and no permit is lost', () =>
  inVirtualTime(async () => {
    const semaphore = new Semaphore(1);
    const held = await semaphore.acquire();
    const ask = new Ask(() => semaphore.acquire(), false, 10);
    await sleep(10);
    held.release();
    await quiet();
    if (typeof ask.outcome === 'object') ask.outcome.value.release();
    else assert.equal(ask.outcome, 'AbortError');
    assert.equal(semaphore.available, 1);
  }));

test('numbers out of range are refused by name', () => {
  for (const permits of [0, -1, 1.5, Number.NaN, '3', undefined, null]) {
    assert.throws(() => new Semaphore(permits as number), OptionError);
    assert.throws(() => new Semaphore(1).resize(permits as number), OptionError);
  }
  const semaphore = new Semaphore(3);
  for (const n of [0, -1, 1.5, Number.NaN, 4, Number.POSITIVE_INFINITY, '2', null]) {
    assert.throws(() => semaphore.acquire(n as number), OptionError);
    assert.throws(() => semaphore.tryAcquire(n as number), OptionError);
  }
  assert.throws(() => semaphore.acquire(4), /from 1 to 3/);
  assert.equal(semaphore.available, 3);
});
