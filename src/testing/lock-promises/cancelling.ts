import assert from 'node:assert/strict';
import { now, sleep, type Task, type TaskGroup, withCancelScope, withShield, withTaskGroup, withTimeout } from '../../tasks/index.js';
import { type HeldLock, type LockBench, type LockPromise, lockPromise } from '../lock-bench.js';

/** Asks, notes what came of it, and gives it back. */
async function ask(bench: LockBench, name: string, ms = 1): Promise<void> {
  let held: HeldLock | undefined;
  try {
    held = await bench.lock.acquire();
    bench.log.push(`${name} has it`);
    await sleep(ms);
  } catch (error) {
    bench.log.push(`${name} ${held ? 'had it and ' : ''}${(error as Error).name === 'AbortError' ? 'was cancelled' : error}`);
    throw error;
  } finally {
    held?.release();
  }
}

function spawnAll(group: TaskGroup, bench: LockBench, names: string[]): Task<void>[] {
  return names.map((name) => group.spawn(ask, bench, name));
}

/** What a cancellation takes away, and what it does not. */
export const cancelling: readonly LockPromise[] = [
  lockPromise(
    'one who waits and is cancelled is told at once, and the others keep their order',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        const [a, , c] = spawnAll(group, bench, ['a', 'b', 'c', 'd']);
        await bench.quiet();
        a.cancel();
        c.cancel();
        await bench.quiet();
        assert.deepEqual(bench.log, ['a was cancelled', 'c was cancelled']);
        held.pop()?.release();
        await bench.quiet();
        for (const each of held) each.release();
      });
      assert.deepEqual(bench.log.slice(2), ['b has it', 'd has it']);
      assert.ok(await bench.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'cancelled, and then it is released in the same turn: the next one has it',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        const [a] = spawnAll(group, bench, ['a', 'b']);
        await bench.quiet();
        a.cancel();
        for (const each of held) each.release();
      });
      assert.deepEqual(bench.log, ['a was cancelled', 'b has it']);
      assert.ok(await bench.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'released, and then the one that was handed it is cancelled in the same turn: it has it, and gives it back',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        const [a] = spawnAll(group, bench, ['a', 'b']);
        await bench.quiet();
        held.pop()?.release();
        a.cancel();
        await bench.quiet();
        assert.deepEqual(bench.log.slice(0, 2), ['a has it', 'a had it and was cancelled']);
        for (const each of held) each.release();
      });
      assert.deepEqual(bench.log.slice(2), ['b has it']);
      assert.ok(await bench.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'all who wait are cancelled together: none of them has it, and it is free',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        const waiting = group.spawn(() =>
          withTaskGroup((inner) => {
            spawnAll(inner, bench, ['a', 'b', 'c']);
          }),
        );
        await bench.quiet();
        waiting.cancel();
        for (const each of held) each.release();
      });
      assert.deepEqual(bench.log, ['a was cancelled', 'b was cancelled', 'c was cancelled']);
      assert.ok(await bench.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'a time limit that ends in the instant of the release has one outcome',
    async (bench) => {
      for (const releaseFirst of [true, false]) {
        const held = await bench.takeAll();
        const at = now() + 10;
        await withTaskGroup(async (group) => {
          const release = async (): Promise<void> => {
            await sleep(at - now());
            for (const each of held) each.release();
          };
          if (releaseFirst) group.spawn(release);
          const outcome = group.spawn(() =>
            withTimeout(at - now(), async () => {
              const mine = await bench.lock.acquire();
              mine.release();
              return 'had it';
            }).catch((error: Error) => error.name),
          );
          if (!releaseFirst) group.spawn(release);
          assert.match(await outcome, /^(had it|TimeoutError)$/);
        });
        assert.ok(await bench.isFree());
      }
    },
    'cancelling',
  ),

  lockPromise(
    'in a cancelled scope nobody gets it, though it is free',
    async (bench) => {
      await withCancelScope(async (scope) => {
        scope.cancel();
        await assert.rejects(async () => await bench.lock.acquire(), { name: 'AbortError' });
        await assert.rejects(async () => await bench.lock.acquire(), { name: 'AbortError' }, 'the second time as well');
      });
      assert.ok(await bench.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'in a shield it is waited for though all around is cancelled',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        const shielded = group.spawn(async () => {
          await withShield(() => ask(bench, 'a'));
        });
        await bench.quiet();
        shielded.cancel();
        await bench.quiet();
        assert.deepEqual(bench.log, []);
        for (const each of held) each.release();
      });
      assert.deepEqual(bench.log, ['a has it']);
    },
    'cancelling',
  ),

  lockPromise(
    'a generator that waits and is cancelled runs its finally, and the others keep their order',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        const a = group.spawn(function* () {
          try {
            yield* bench.acquire();
          } finally {
            bench.log.push('a is over');
          }
        });
        spawnAll(group, bench, ['b']);
        await bench.quiet();
        a.cancel();
        for (const each of held) each.release();
      });
      assert.deepEqual(bench.log, ['a is over', 'b has it']);
      assert.ok(await bench.isFree());
    },
    'cancelling',
    'generators',
  ),
];
