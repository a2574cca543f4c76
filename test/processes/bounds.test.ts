import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, describe, type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Manager, ProcessLock, ProcessPoolExecutor, ProcessQueue, ProcessSemaphore, pipe } from 'meantime/processes';
import * as far from './hostile-calls.js';
import { Plenty } from './manager-classes.js';

/*
 * A worker that asks for more than it reads, or for more than it should have. Each attack is made
 * by a process of its own, on the real socket; what this process takes for it is measured while it
 * lasts, and what it took is free when the attacker is gone.
 */

const MB = 2 ** 20;
const honest = new ProcessPoolExecutor({ workers: 1 });
const lock = new ProcessLock();
const other = new ProcessLock();
const manager = new Manager();
const plenty = await manager.create(Plenty);
const few = new ProcessSemaphore(1);
const queue = new ProcessQueue<unknown>(1);

after(async () => {
  await honest.shutdown();
  await manager.shutdown();
});

let attackers: ProcessPoolExecutor | undefined;
const attacker = (): ProcessPoolExecutor => {
  attackers ??= new ProcessPoolExecutor({ workers: 1 });
  return attackers;
};
afterEach(async () => {
  await attackers?.shutdown({ cancelPending: true, grace: 0 });
  attackers = undefined;
  // Nobody else is harmed, and nothing is left.
  assert.equal(typeof (await honest.submit(far.useLock, lock)), 'number');
  assert.equal(await plenty.label2(), 'here');
});

await honest.submit(far.useLock, lock);
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
/** The memory in use, in MB, without garbage: the engine decides how much of that lies about. */
const inUse = (): number => {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MB;
};
const atFirst = process.memoryUsage.rss() / MB;

interface Grown {
  /** In use beyond what was before the attack. */
  readonly used: number;
  /** Of the process beyond what it had before all attacks, garbage included. */
  readonly size: number;
}

/**
 * The most memory that this process has had, in MB, until the honest worker has had its turn many
 * times.
 */
async function grownBy(attack: () => PromiseLike<unknown>): Promise<Grown> {
  const before = inUse();
  let used = 0;
  let size = 0;
  const attacked = attack();
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  attacked.then(over, over);
  // After many turns nothing that it says is taken up any more.
  for (let turns = 0; turns < 100 || (!isOver && turns < 3000); turns++) {
    await honest.submit(far.useLock, lock);
    size = Math.max(size, process.memoryUsage.rss() / MB - atFirst);
    if (turns % 10 === 9) used = Math.max(used, inUse() - before);
  }
  return { used: Math.round(used), size: Math.round(size) };
}

function isLittle(what: string, { used, size }: Grown, t: TestContext): void {
  t.diagnostic(`${what}: ${used} MB in use, ${size} MB with garbage`);
  assert.ok(used < 64, `${used} MB more were in use`);
  assert.ok(size < 512, `this process grew by ${size} MB`);
}

describe('answers that nobody reads do not gather here', () => {
  const attacks: [string, () => PromiseLike<unknown>][] = [
    ['a property of 1 MB, 2,000 times', () => attacker().submit(far.floodCalls, plenty, 2000, 'label')],
    ['a result of 1 MB that is made anew, 2,000 times', () => attacker().submit(far.floodCalls, plenty, 2000, 'fresh')],
    ['errors of 100 KB, 20,000 times', () => attacker().submit(far.floodCalls, plenty, 20_000, 'fail')],
    ['methods that there are not, 100,000 times', () => attacker().submit(far.floodCalls, plenty, 100_000, 'nosuch')],
    ['permits that can never be had, 400,000 times', () => attacker().submit(far.floodAsks, few, 400_000, 0, 5)],
    ['the same in large messages', () => attacker().submit(far.floodAsks, few, 400_000, 0, 5, 1000)],
    ['channels to what is not there, 200,000 times', () => attacker().submit(far.floodOpens, lock, 200_000, false)],
    ['channels to what is there, 200,000 times', () => attacker().submit(far.floodOpens, lock, 200_000, true)],
    ['calls that are answered and read, 600,000 times', () => attacker().submit(far.floodAndRead, plenty, 600_000)],
    ['locks that are waited for, 400,000 times', () => attacker().submit(far.floodAsks, other, 400_000, 0, undefined)],
  ];
  for (const [what, attack] of attacks) {
    test(what, async (t) => {
      isLittle(what, await grownBy(attack), t);
    });
  }
});

describe('what a peer may have has a limit, which is far from what a program needs', () => {
  test('channels', async () => {
    assert.deepEqual(await attacker().submit(far.openMany, lock, 20_000), { MEANTIME_RESOURCE: 20_000 - 16_384 });
  });
  test('iterators', async () => {
    assert.deepEqual(await attacker().submit(far.iterateMany, plenty, 15_000), { answered: 10_000, MEANTIME_RESOURCE: 5000 });
  });
  test('iterators that fail are not counted', async () => {
    assert.equal(await attacker().submit(far.iterateInVain, plenty, 10_050), 1);
  });
  test('requests', async () => {
    assert.deepEqual(await attacker().submit(far.callMany, plenty, 40_000), { MEANTIME_RESOURCE: 40_000 - 32_768 });
  });
  test('asks that wait', async () => {
    using held = new ProcessLock();
    const guard = await held.acquire();
    assert.deepEqual(await attacker().submit(far.askMany, held, 140_000, 0), [131_073, 'MEANTIME_RESOURCE']);
    guard.release();
  });
  test('bytes of items that wait for room', async () => {
    await queue.put('the one that there is room for');
    assert.deepEqual(await attacker().submit(far.putMany, queue, 300, MB), [256, 'MEANTIME_RESOURCE']);
    assert.equal(await queue.get(), 'the one that there is room for');
  });
  for (const [what, kind] of [
    ['handles that arrived and never left', 0],
    ['handles that left and never arrived', 2],
  ] as const) {
    test(what, async () => {
      assert.equal(await attacker().submit(far.ticketMany, plenty, 33_000, kind), 'MEANTIME_RESOURCE');
    });
  }
  test('items that come back to a queue, and were never in it', async () => {
    const empty = new ProcessQueue<unknown>(1);
    assert.equal(await attacker().submit(far.giveBack, empty, 10), 'MEANTIME_WIRE');
    assert.equal(await empty.size(), 0);
  });
  for (const what of ['data', 'taken'] as const) {
    test(`a pipe: ${what} beyond its window`, async () => {
      const [here, there] = pipe<unknown>();
      assert.equal(await attacker().submit(far.overfill, there, what), 'MEANTIME_WIRE');
      // For the other end it has ended, after what there was room for.
      let got = 0;
      await assert.rejects(
        async () => {
          for (;;) {
            await here.receive();
            got++;
          }
        },
        ({ code }: { code: string }) => ['MEANTIME_CONNECTION_CLOSED', 'MEANTIME_WIRE'].includes(code),
      );
      assert.ok(got <= 11, `${got} messages of 100 KB were taken in`);
      await here.close();
    });
  }
  const files = Number(execFileSync('/bin/sh', ['-c', 'ulimit -n']).toString().trim() || 'NaN');
  const reason = files < 2600 ? `a process may have ${files} files open, and this takes 2,600` : undefined;
  test('connections', { skip: reason }, async () => {
    assert.equal(await attacker().submit(far.connectMany, lock, 1050), 'MEANTIME_RESOURCE');
    await attackers?.shutdown({ cancelPending: true, grace: 0 });
    attackers = undefined;
  });
});

test('a program that has much, and reads what it is answered, meets no limit', async () => {
  assert.deepEqual(await honest.submit(far.haveMuch, lock, plenty), { waited: 10_000, iterators: 1000, values: 1000, calls: 10_000 });
});
