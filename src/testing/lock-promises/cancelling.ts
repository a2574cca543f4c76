import assert from 'node:assert/strict';
import { now, sleep, type Task, type TaskGroup, withCancelScope, withShield, withTaskGroup, withTimeout } from '../../tasks/index.js';
import { type HeldLock, type LockPromise, type LockRig, lockPromise } from '../lock-rig.js';

/** Asks, notes what came of it, and gives it back. */
async function ask(rig: LockRig, name: string, ms = 1): Promise<void> {
  let held: HeldLock | undefined;
  try {
    held = await rig.lock.acquire();
    rig.log.push(`${name} has it`);
    await sleep(ms);
  } catch (error) {
    rig.log.push(`${name} ${held ? 'had it and ' : ''}${(error as Error).name === 'AbortError' ? 'was cancelled' : error}`);
    throw error;
  } finally {
    held?.release();
  }
}

function spawnAll(group: TaskGroup, rig: LockRig, names: string[]): Task<void>[] {
  return names.map((name) => group.spawn(ask, rig, name));
}

/** What a cancellation takes away, and what it does not. */
export const cancelling: readonly LockPromise[] = [
  lockPromise(
    'one who waits and is cancelled is told at once, and the others keep their order',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        const [a, , c] = spawnAll(group, rig, ['a', 'b', 'c', 'd']);
        await rig.quiet();
        a.cancel();
        c.cancel();
        await rig.quiet();
        assert.deepEqual(rig.log, ['a was cancelled', 'c was cancelled']);
        held.pop()?.release();
        await rig.quiet();
        for (const each of held) each.release();
      });
      assert.deepEqual(rig.log.slice(2), ['b has it', 'd has it']);
      assert.ok(await rig.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'cancelled, and then it is released in the same turn: the next one has it',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        const [a] = spawnAll(group, rig, ['a', 'b']);
        await rig.quiet();
        a.cancel();
        for (const each of held) each.release();
      });
      assert.deepEqual(rig.log, ['a was cancelled', 'b has it']);
      assert.ok(await rig.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'released, and then the one that was handed it is cancelled in the same turn: it has it, and gives it back',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        const [a] = spawnAll(group, rig, ['a', 'b']);
        await rig.quiet();
        held.pop()?.release();
        a.cancel();
        await rig.quiet();
        assert.deepEqual(rig.log.slice(0, 2), ['a has it', 'a had it and was cancelled']);
        for (const each of held) each.release();
      });
      assert.deepEqual(rig.log.slice(2), ['b has it']);
      assert.ok(await rig.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'all who wait are cancelled together: none of them has it, and it is free',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        const waiting = group.spawn(() =>
          withTaskGroup((inner) => {
            spawnAll(inner, rig, ['a', 'b', 'c']);
          }),
        );
        await rig.quiet();
        waiting.cancel();
        for (const each of held) each.release();
      });
      assert.deepEqual(rig.log, ['a was cancelled', 'b was cancelled', 'c was cancelled']);
      assert.ok(await rig.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'a time limit that ends in the instant of the release has one outcome',
    async (rig) => {
      for (const releaseFirst of [true, false]) {
        const held = await rig.takeAll();
        const at = now() + 10;
        await withTaskGroup(async (group) => {
          const release = async (): Promise<void> => {
            await sleep(at - now());
            for (const each of held) each.release();
          };
          if (releaseFirst) group.spawn(release);
          const outcome = group.spawn(() =>
            withTimeout(at - now(), async () => {
              const mine = await rig.lock.acquire();
              mine.release();
              return 'had it';
            }).catch((error: Error) => error.name),
          );
          if (!releaseFirst) group.spawn(release);
          assert.match(await outcome, /^(had it|TimeoutError)$/);
        });
        assert.ok(await rig.isFree());
      }
    },
    'cancelling',
  ),

  lockPromise(
    'in a cancelled scope nobody gets it, though it is free',
    async (rig) => {
      await withCancelScope(async (scope) => {
        scope.cancel();
        await assert.rejects(async () => await rig.lock.acquire(), { name: 'AbortError' });
        await assert.rejects(async () => await rig.lock.acquire(), { name: 'AbortError' }, 'the second time as well');
      });
      assert.ok(await rig.isFree());
    },
    'cancelling',
  ),

  lockPromise(
    'in a shield it is waited for though all around is cancelled',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        const shielded = group.spawn(async () => {
          await withShield(() => ask(rig, 'a'));
        });
        await rig.quiet();
        shielded.cancel();
        await rig.quiet();
        assert.deepEqual(rig.log, []);
        for (const each of held) each.release();
      });
      assert.deepEqual(rig.log, ['a has it']);
    },
    'cancelling',
  ),

  lockPromise(
    'a generator that waits and is cancelled runs its finally, and the others keep their order',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        const a = group.spawn(function* () {
          try {
            yield* rig.acquire();
          } finally {
            rig.log.push('a is over');
          }
        });
        spawnAll(group, rig, ['b']);
        await rig.quiet();
        a.cancel();
        for (const each of held) each.release();
      });
      assert.deepEqual(rig.log, ['a is over', 'b has it']);
      assert.ok(await rig.isFree());
    },
    'cancelling',
    'generators',
  ),
];
