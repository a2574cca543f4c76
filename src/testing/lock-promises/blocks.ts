import assert from 'node:assert/strict';
import { NotCallableError, sleep, withShield, withTaskGroup } from '../../tasks/index.js';
import { type LockPromise, type LockRig, lockPromise } from '../lock-rig.js';

type With = (fn: () => unknown) => PromiseLike<unknown>;
const withOf =
  (rig: LockRig): With =>
  (fn) =>
    rig.lock.with?.(fn) as PromiseLike<unknown>;

/** `with(fn)`. */
export const blocks: readonly LockPromise[] = [
  lockPromise(
    'with() gives what its function returns, an async or a plain one',
    async (rig) => {
      const use = withOf(rig);
      assert.equal(await use(async () => 'async'), 'async');
      assert.equal(await use(() => 'plain'), 'plain');
      assert.ok(await rig.isFree());
    },
    'blocks',
  ),

  lockPromise(
    'with() runs a generator function',
    async (rig) => {
      const value = await withOf(rig)(function* () {
        yield* sleep(1);
        return 'generator';
      });
      assert.equal(value, 'generator');
      assert.ok(await rig.isFree());
    },
    'blocks',
    'generators',
  ),

  lockPromise(
    'with() throws what its function throws, and gives it back',
    async (rig) => {
      const use = withOf(rig);
      const failure = new RangeError('thrown inside');
      const fail = (): never => {
        throw failure;
      };
      for (const fn of [fail, async () => fail()])
        await assert.rejects(
          async () => await use(fn),
          (error) => error === failure,
        );
      assert.ok(await rig.isFree());
    },
    'blocks',
  ),

  lockPromise(
    'with() holds it while its function runs, and no longer',
    async (rig) => {
      let [inside, most] = [0, 0];
      await withTaskGroup(async (group) => {
        for (let i = 0; i < 3 * rig.permits; i++)
          group.spawn(async () => {
            await withOf(rig)(async () => {
              most = Math.max(most, ++inside);
              await sleep(1);
              inside--;
            });
          });
      });
      assert.equal(most, rig.permits);
      assert.ok(await rig.isFree());
    },
    'blocks',
  ),

  lockPromise(
    'with() that is cancelled while it waits runs nothing, and takes nothing',
    async (rig) => {
      const held = await rig.takeAll();
      await withTaskGroup(async (group) => {
        const task = group.spawn(async () => {
          await withOf(rig)(() => rig.log.push('ran'));
        });
        await rig.quiet();
        task.cancel();
        await assert.rejects(task, { name: 'AbortError' });
      });
      assert.deepEqual(rig.log, []);
      for (const each of held) each.release();
      assert.ok(await rig.isFree());
    },
    'blocks',
    'cancelling',
  ),

  lockPromise(
    'with() that is cancelled holds it until its function has ended, clean-up included',
    async (rig) => {
      await withTaskGroup(async (group) => {
        const others = await rig.takeAll();
        others.pop()?.release();
        const task = group.spawn(async () => {
          await withOf(rig)(async () => {
            try {
              await sleep(1000);
            } finally {
              await withShield(() => sleep(5));
              rig.log.push('cleaned up');
            }
          });
        });
        await rig.quiet();
        task.cancel();
        const next = await rig.lock.acquire();
        assert.deepEqual(rig.log, ['cleaned up']);
        for (const each of [next, ...others]) each.release();
      });
      assert.ok(await rig.isFree());
    },
    'blocks',
    'cancelling',
  ),

  lockPromise(
    'with() takes a function, and says so',
    async (rig) => {
      const called = async (): Promise<void> => undefined;
      for (const wrong of [undefined, null, 1, {}, called()]) {
        await assert.rejects(async () => await withOf(rig)(wrong as never), NotCallableError);
      }
      assert.ok(await rig.isFree());
    },
    'blocks',
    'guards',
  ),
];
