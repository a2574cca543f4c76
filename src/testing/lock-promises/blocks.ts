import assert from 'node:assert/strict';
import { NotCallableError, sleep, withShield, withTaskGroup } from '../../tasks/index.js';
import { type LockBench, type LockPromise, lockPromise } from '../lock-bench.js';

type With = (fn: () => unknown) => PromiseLike<unknown>;
const withOf =
  (bench: LockBench): With =>
  (fn) =>
    bench.lock.with?.(fn) as PromiseLike<unknown>;

/** `with(fn)`. */
export const blocks: readonly LockPromise[] = [
  lockPromise(
    'with() gives what its function returns, an async or a plain one',
    async (bench) => {
      const use = withOf(bench);
      assert.equal(await use(async () => 'async'), 'async');
      assert.equal(await use(() => 'plain'), 'plain');
      assert.ok(await bench.isFree());
    },
    'blocks',
  ),

  lockPromise(
    'with() runs a generator function',
    async (bench) => {
      const value = await withOf(bench)(function* () {
        yield* sleep(1);
        return 'generator';
      });
      assert.equal(value, 'generator');
      assert.ok(await bench.isFree());
    },
    'blocks',
    'generators',
  ),

  lockPromise(
    'with() throws what its function throws, and gives it back',
    async (bench) => {
      const use = withOf(bench);
      const failure = new RangeError('thrown inside');
      const fail = (): never => {
        throw failure;
      };
      for (const fn of [fail, async () => fail()])
        await assert.rejects(
          async () => await use(fn),
          (error) => error === failure,
        );
      assert.ok(await bench.isFree());
    },
    'blocks',
  ),

  lockPromise(
    'with() holds it while its function runs, and no longer',
    async (bench) => {
      let [inside, most] = [0, 0];
      await withTaskGroup(async (group) => {
        for (let i = 0; i < 3 * bench.permits; i++)
          group.spawn(async () => {
            await withOf(bench)(async () => {
              most = Math.max(most, ++inside);
              await sleep(1);
              inside--;
            });
          });
      });
      assert.equal(most, bench.permits);
      assert.ok(await bench.isFree());
    },
    'blocks',
  ),

  lockPromise(
    'with() that is cancelled while it waits runs nothing, and takes nothing',
    async (bench) => {
      const held = await bench.takeAll();
      await withTaskGroup(async (group) => {
        const task = group.spawn(async () => {
          await withOf(bench)(() => bench.log.push('ran'));
        });
        await bench.quiet();
        task.cancel();
        await assert.rejects(task, { name: 'AbortError' });
      });
      assert.deepEqual(bench.log, []);
      for (const each of held) each.release();
      assert.ok(await bench.isFree());
    },
    'blocks',
    'cancelling',
  ),

  lockPromise(
    'with() that is cancelled holds it until its function has ended, clean-up included',
    async (bench) => {
      await withTaskGroup(async (group) => {
        const others = await bench.takeAll();
        others.pop()?.release();
        const task = group.spawn(async () => {
          await withOf(bench)(async () => {
            try {
              await sleep(1000);
            } finally {
              await withShield(() => sleep(5));
              bench.log.push('cleaned up');
            }
          });
        });
        await bench.quiet();
        task.cancel();
        const next = await bench.lock.acquire();
        assert.deepEqual(bench.log, ['cleaned up']);
        for (const each of [next, ...others]) each.release();
      });
      assert.ok(await bench.isFree());
    },
    'blocks',
    'cancelling',
  ),

  lockPromise(
    'with() takes a function, and says so',
    async (bench) => {
      const called = async (): Promise<void> => undefined;
      for (const wrong of [undefined, null, 1, {}, called()]) {
        await assert.rejects(async () => await withOf(bench)(wrong as never), NotCallableError);
      }
      assert.ok(await bench.isFree());
    },
    'blocks',
    'guards',
  ),
];
