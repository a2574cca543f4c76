import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from '../../core/index.js';
import { NotCallableError, NotHeldError } from '../errors.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { withTimeout } from '../with-timeout.js';
import { Condition } from './condition.js';
import { Lock } from './lock.js';
import { inVirtualTime, quiet } from './trial.js';

test('those who were notified go on one after another, each with the lock', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    const seen: string[] = [];
    await withTaskGroup(async (group) => {
      for (const name of ['a', 'b', 'c'])
        group.spawn(async () => {
          using guard = await condition.acquire();
          await guard.wait();
          seen.push(`${name} in`);
          await sleep(1);
          seen.push(`${name} out`);
        });
      await quiet();
      assert.equal(condition.waiting, 3);
      await condition.with(async (guard) => {
        guard.notify(2);
        await quiet();
        assert.deepEqual(seen, [], 'the notifier still holds the lock');
      });
      await sleep(5);
      assert.deepEqual(seen, ['a in', 'a out', 'b in', 'b out']);
      await condition.with((guard) => guard.notifyAll());
    });
    assert.deepEqual(seen.slice(4), ['c in', 'c out']);
  }));

test('a notification with nobody there is for nobody', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    using guard = await condition.acquire();
    guard.notify();
    guard.notifyAll();
    await assert.rejects(async () => await withTimeout(5, () => guard.wait()), { name: 'TimeoutError' });
  }));

for (const form of ['async', 'generator'] as const) {
  test(`one who waits and is cancelled holds the lock when it sees the error (${form})`, () =>
    inVirtualTime(async () => {
      const condition = new Condition();
      const seen: string[] = [];
      await withTaskGroup(async (group) => {
        const body =
          form === 'async'
            ? async (): Promise<void> => {
                const guard = await condition.acquire();
                try {
                  await guard.wait();
                } finally {
                  seen.push(`held: ${guard.held}`);
                  guard.release();
                }
              }
            : function* (): Generator<unknown, void, unknown> {
                const guard = yield* condition.acquire();
                try {
                  yield* guard.wait();
                } finally {
                  seen.push(`held: ${guard.held}`);
                  guard.release();
                }
              };
        const task = group.spawn<[], unknown>(body);
        await quiet();
        const other = condition.tryAcquire();
        assert.ok(other, 'who waits has given back the lock');
        task.cancel();
        await quiet();
        assert.deepEqual(seen, [], 'it waits for the lock, whatever else');
        assert.equal(task.settled, false);
        other.release();
        await quiet();
        assert.deepEqual(seen, ['held: true']);
      });
      assert.ok(condition.tryAcquire());
    }));
}

test('cancelled, and then notified in the same turn: the notification is another one’s', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    const seen: string[] = [];
    await withTaskGroup(async (group) => {
      const [a] = ['a', 'b'].map((name) =>
        group.spawn(async () => {
          using guard = await condition.acquire();
          await guard.wait();
          seen.push(name);
        }),
      );
      await quiet();
      const guard = await condition.acquire();
      a.cancel();
      guard.notify();
      guard.release();
    });
    assert.deepEqual(seen, ['b']);
  }));

test('notified, and then cancelled in the same turn: the notification was had, and the next cancellation point throws', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    const seen: string[] = [];
    await withTaskGroup(async (group) => {
      const task = group.spawn(async () => {
        using guard = await condition.acquire();
        await guard.wait();
        seen.push('notified');
        await sleep(1).catch((error: Error) => seen.push(error.name));
      });
      await quiet();
      const guard = await condition.acquire();
      guard.notify();
      task.cancel();
      await quiet();
      guard.release();
    });
    assert.deepEqual(seen, ['notified', 'AbortError']);
    assert.equal(condition.waiting, 0);
  }));

test('waitFor looks before it waits, and after every notification, with the lock in hand', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    let stock = 0;
    let looked = 0;
    await withTaskGroup(async (group) => {
      const buyer = group.spawn(async () => {
        using guard = await condition.acquire();
        const found = await guard.waitFor(() => {
          looked++;
          assert.ok(guard.held);
          return stock >= 2 && 'enough';
        });
        return found;
      });
      const alsoBuyer = group.spawn(function* () {
        const guard = yield* condition.acquire();
        const found = yield* guard.waitFor(() => stock >= 1 && 'something');
        guard.release();
        return found;
      });
      for (let i = 0; i < 2; i++) {
        await quiet();
        await condition.with((guard) => {
          stock++;
          guard.notifyAll();
        });
      }
      assert.deepEqual([await buyer, await alsoBuyer], ['enough', 'something']);
      assert.equal(looked, 3);
      using guard = await condition.acquire();
      assert.equal(await guard.waitFor(() => stock), 2, 'not at all if it is so already');
    });
  }));

test('waitFor that is cancelled, or whose function throws, ends with the lock in hand', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    using guard = await condition.acquire();
    await assert.rejects(async () => await withTimeout(5, () => guard.waitFor(() => false)), { name: 'TimeoutError' });
    assert.ok(guard.held);
    const waiting = guard.waitFor(fails);
    await withTaskGroup(async (group) => {
      group.spawn(() => condition.with((other) => other.notify()));
      await assert.rejects(async () => await waiting, RangeError);
    });
    assert.ok(guard.held);
  }));

let looks = 0;
function fails(): boolean {
  if (looks++ > 0) throw new RangeError('cannot look');
  return false;
}

test('two conditions share a lock', () =>
  inVirtualTime(async () => {
    const lock = new Lock();
    const [full, empty] = [new Condition(lock), new Condition(lock)];
    using guard = await full.acquire();
    assert.ok(lock.locked);
    assert.equal(empty.tryAcquire(), undefined);
    await withTaskGroup(async (group) => {
      group.spawn(async () => {
        using other = await empty.acquire();
        other.notify(); // for those who wait for the other condition: nobody
        await other.wait();
      });
      await assert.rejects(async () => await withTimeout(5, () => guard.wait()), { name: 'TimeoutError' });
      assert.equal(empty.waiting, 1);
      guard.release();
      await empty.with((other) => other.notify());
    });
    assert.equal(lock.locked, false);
  }));

test('a guard that is not held neither waits nor notifies', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    const guard = await condition.acquire();
    guard.release();
    for (const use of [() => guard.wait(), () => guard.waitFor(() => true), () => guard.notify(), () => guard.notifyAll()])
      assert.throws(use, NotHeldError);
    const waiting = await condition.acquire();
    await withTimeout(5, async () => {
      const wait = waiting.wait();
      assert.throws(() => waiting.release(), /waits for a notification/);
      assert.throws(() => waiting.wait(), NotHeldError);
      await wait;
    }).catch((error: Error) => assert.equal(error.name, 'TimeoutError'));
    waiting.release();
  }));

test('a guard that is disposed of while its wait goes on does not come to hold the lock', () =>
  inVirtualTime(async () => {
    const condition = new Condition();
    let wait: PromiseLike<void> | undefined;
    await condition.with((guard) => {
      wait = guard.wait();
    });
    await condition.with((guard) => guard.notify());
    await assert.rejects(async () => await wait, NotHeldError);
    condition.tryAcquire()?.release();
    assert.ok(condition.tryAcquire());
  }));

test('bad input is refused by name', () =>
  inVirtualTime(async () => {
    assert.throws(() => new Condition({} as Lock), OptionError);
    assert.throws(() => new Condition(null as never), OptionError);
    const condition = new Condition();
    using guard = await condition.acquire();
    for (const n of [0, -1, 0.5, Number.NaN, '1']) assert.throws(() => guard.notify(n as number), OptionError);
    assert.throws(() => guard.waitFor(true as never), NotCallableError);
    assert.throws(() => guard.waitFor(async () => true), /returns a promise/);
    assert.ok(guard.held);
  }));
