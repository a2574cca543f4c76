import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Coroutine, clock, useClock, VirtualClock } from '../core/index.js';
import { FutureSource } from '../futures/index.js';
import { allTasks } from './all-tasks.js';
import { cancellable } from './cancellable.js';
import { drawTasks, formatTasks } from './format-tasks.js';
import { type TaskGroup, withTaskGroup } from './group.js';
import { run } from './run.js';
import { scheduler } from './scheduler.js';
import { sleep } from './sleep.js';
import { Lock } from './sync/lock.js';
import { Queue } from './sync/queue.js';
import type { Task } from './task.js';
import { withCancelScope } from './with-cancel-scope.js';
import { withShield } from './with-shield.js';
import { withTimeout } from './with-timeout.js';

const MINUTE = 60_000;
let restore = (): void => undefined;
before(() => {
  restore = useClock(new VirtualClock());
  scheduler.turned(clock.now());
});
after(() => restore());

/** Numbers are of the whole process; here they count from the main task. */
function numbered(text: string, first: Task<unknown>): string[] {
  return text.replace(/#(\d+)/g, (_, id) => `#${Number(id) - first.id + 1}`).split('\n');
}

/** The tree of a program, `ms` after it has begun; then everything is cancelled. */
async function treeOf(program: (group: TaskGroup) => void, ms = 10): Promise<string[]> {
  let lines: string[] = [];
  await run(
    async function main() {
      const [self] = allTasks();
      await withTaskGroup(async (group) => {
        program(group);
        await sleep(ms);
        lines = numbered(formatTasks(), self);
        group.cancel();
      });
    },
    { handleSigint: false },
  );
  assert.equal(lines.shift(), 'main #1: waits for what is inside');
  assert.equal(lines.shift(), '└─ a task group: running');
  return lines;
}

test('each task is named with what it waits for, and for how long', async () => {
  const [lock, queue, source] = [new Lock(), new Queue<string>(1), new FutureSource<void>()];
  const lines = await treeOf((group) => {
    const sleeper = group.spawn(async function sleeper() {
      await lock.acquire();
      await sleep(25);
    });
    group.spawn(function* alsoSleeps(): Coroutine<void> {
      yield* sleep(MINUTE);
    });
    group.spawn(async function forEver() {
      await sleep(Number.POSITIVE_INFINITY);
    });
    group.spawn(async function wantsTheLock() {
      await lock.acquire();
    });
    group.spawn(function* taker(): Coroutine<void> {
      yield* queue.get();
    });
    group.spawn(async function waitsForAnother() {
      await sleeper;
    });
    group.spawn(function* alsoWaitsForIt(): Coroutine<void> {
      yield* sleeper;
    });
    group.spawn(async function call() {
      await source.future;
    });
    group.spawn(function* foreign(): Coroutine<void> {
      yield* cancellable(new Promise(() => undefined));
    });
  });
  source.fulfil();
  assert.deepEqual(lines, [
    '   ├─ sleeper #2: waits for sleep for 10 ms, 15 ms to go',
    '   ├─ alsoSleeps #3: waits for sleep for 10 ms, 59990 ms to go',
    '   ├─ forEver #4: waits for sleep for 10 ms',
    '   ├─ wantsTheLock #5: waits for lock for 10 ms',
    '   ├─ taker #6: waits for queue.get for 10 ms',
    '   ├─ waitsForAnother #7: waits for sleeper #2 for 10 ms',
    '   ├─ alsoWaitsForIt #8: waits for sleeper #2 for 10 ms',
    '   ├─ call #9: waits for a call for 10 ms',
    '   └─ foreign #10: waits for a promise for 10 ms',
  ]);
});

test('blocks are in the tree, and what has returned, has not begun, or waits for several at once says so', async () => {
  const lines = await treeOf((group) => {
    group.spawn(async function limited() {
      await withTimeout(MINUTE, () => withShield(() => sleep(MINUTE)));
    });
    group.spawn(function* parent() {
      yield* withTaskGroup(
        function* (inner) {
          inner.spawn(async function child() {
            await sleep(MINUTE);
          });
        },
        { name: 'inner' },
      );
    });
    group.spawn(async function several() {
      await Promise.all([sleep(20), sleep(30)]);
    });
    group.spawn(async function loose() {
      void withCancelScope(() => sleep(MINUTE));
    });
    group.spawn(() => sleep(20)).name = 'named anew';
  });
  assert.deepEqual(lines, [
    '   ├─ limited #2: waits for what is inside',
    '   │  └─ withTimeout of 60000 ms: waits for what is inside',
    '   │     └─ a shield: waits for sleep for 10 ms, 59990 ms to go',
    '   ├─ parent #3: waits for what is inside',
    '   │  └─ group inner: has returned, waits for what is inside',
    '   │     └─ child #7: waits for sleep for 10 ms, 59990 ms to go',
    '   ├─ several #4: waits for sleep for 10 ms, 10 ms to go, and waits for sleep for 10 ms, 20 ms to go',
    '   ├─ loose #5: has returned, waits for what is inside',
    '   │  └─ a cancel scope: waits for sleep for 10 ms, 59990 ms to go',
    '   └─ named anew #6: waits for sleep for 10 ms, 10 ms to go',
  ]);
});

test('what is ready to go on, or to begin, does not look parked', async () => {
  const seen: string[] = [];
  await run(
    async function main() {
      const [self] = allTasks();
      const queue = new Queue<number>(1);
      await withTaskGroup(async (group) => {
        group.spawn(async function getter() {
          await queue.get();
        });
        group.spawn(function* stepper(): Coroutine<void> {
          yield* queue.get();
        });
        await sleep(1);
        queue.tryPut(1);
        queue.tryPut(2);
        group.spawn(async function fresh() {});
        seen.push(...numbered(formatTasks(), self).slice(2));
      });
    },
    { handleSigint: false },
  );
  assert.deepEqual(seen, ['   ├─ getter #2: about to go on', '   ├─ stepper #3: about to go on', '   └─ fresh #4: has not begun']);
});

test('after a cancellation: who is still parked on a foreign await, who cleans up, who has not noticed yet', async () => {
  let lines: string[] = [];
  let release = (): void => undefined;
  const foreign = new Promise<void>((resolve) => {
    release = resolve;
  });
  await run(
    async function main() {
      const [self] = allTasks();
      await withTaskGroup(async (group) => {
        group.spawn(async function deaf() {
          await foreign;
        });
        group.spawn(async function parked() {
          await sleep(MINUTE);
        });
        group.spawn(async function cleansUp() {
          try {
            await sleep(MINUTE);
          } finally {
            await withShield(() => sleep(20));
          }
        });
        await sleep(5);
        assert.match(formatTasks(), /deaf #\d+: parked on a foreign await$/m);
        group.cancel();
        assert.match(formatTasks(), /parked #\d+: cancelled, about to go on$/m);
        await withShield(() => sleep(10));
        lines = numbered(formatTasks(), self);
        release();
      });
    },
    { handleSigint: false },
  );
  assert.deepEqual(lines, [
    'main #1: waits for what is inside',
    '└─ a task group: cancelled, running',
    '   ├─ deaf #2: cancelled, still parked on a foreign await',
    '   └─ cleansUp #4: cancelled, waits for what is inside',
    '      └─ a shield: waits for sleep for 10 ms, 10 ms to go',
  ]);
});

test('a tree may be cut off, and as deep as it likes', async () => {
  const nest = (level: number): unknown => (level === 0 ? sleep(10) : withCancelScope(() => nest(level - 1)));
  await withTaskGroup(async (group) => {
    group.spawn(() => nest(5000));
    await sleep(5);
    const lines = formatTasks().split('\n');
    assert.ok(lines.length >= 5000);
    const cut = drawTasks(3).split('\n');
    assert.deepEqual(cut, [...lines.slice(0, 3), `… and ${lines.length - 3} more`]);
  });
});

test('allTasks has each task once, parents before children, and nothing that has ended', async () => {
  await run(
    async function main() {
      await withTaskGroup(async (group) => {
        group.spawn(async function a() {
          await withTaskGroup((inner) => void inner.spawn(() => sleep(5)));
        });
        group.spawn(function* b(): Coroutine<void> {
          yield* withTimeout(MINUTE, () => sleep(5));
        });
        group.spawn(async function ended() {});
        await sleep(1);
        assert.deepEqual(
          allTasks().map((task) => task.name),
          ['main', 'a', 'task', 'b'],
        );
      });
    },
    { handleSigint: false },
  );
  assert.deepEqual(allTasks(), []);
  assert.equal(formatTasks(), '');
});

test('a task says what it waits for and since when; its blocks are part of it, its child tasks are not', async () => {
  const began = clock.now();
  const lock = new Lock();
  await run(
    async function main() {
      const [self] = allTasks();
      await withTaskGroup(async (group) => {
        const held = await lock.acquire();
        const locked = group.spawn(async function locked() {
          await withTimeout(MINUTE, async () => void (await lock.acquire()));
        });
        const parent = group.spawn(function* parent() {
          yield* withTaskGroup((inner) => void inner.spawn(() => sleep(MINUTE)), { name: 'of children' });
        });
        const deaf = group.spawn(async function deaf() {
          await new Promise<void>((resolve) => clock.after(20, resolve));
        });
        const both = group.spawn(async function both() {
          await Promise.all([sleep(MINUTE), locked]);
        });
        assert.deepEqual([locked.waitingFor, locked.waitingSince], [undefined, undefined], 'it has not begun');
        await sleep(5);
        assert.equal(self.waitingFor, undefined, 'it runs');
        assert.deepEqual([locked.waitingFor, locked.waitingSince], ['lock', began]);
        assert.deepEqual([parent.waitingFor, parent.waitingSince], ['group of children', undefined]);
        assert.equal(deaf.waitingFor, undefined);
        assert.equal(both.waitingFor, `sleep, ${locked.name} #${locked.id}`);
        held.release();
        assert.equal(locked.waitingFor, undefined, 'it is about to go on');
        group.cancel();
      });
    },
    { handleSigint: false },
  );
});

test('a wait that begins after the process was idle for long counts from its own beginning', async () => {
  await new Promise<void>((resolve) => clock.after(10 * MINUTE, resolve));
  const queue = new Queue<void>(1);
  await withTaskGroup(async (group) => {
    const taker = group.spawn(() => queue.get());
    while (taker.waitingSince === undefined) await new Promise<void>((resolve) => clock.soon(resolve));
    assert.ok(Math.abs(taker.waitingSince - clock.now()) <= 20, `${taker.waitingSince} at ${clock.now()}`);
    group.cancel();
  });
});

test('a name gives a terminal nothing to obey, and makes no line of its own', async () => {
  const evil = '\u001b]0;x\u0007\u009b2J\u202e\nmain: running';
  const named = { [evil]: () => sleep(MINUTE) };
  const lines = await treeOf((group) => void group.spawn(named[evil]));
  assert.deepEqual(lines, [String.raw`   └─ \x1b]0;x\x07\x9b2J\u202e\nmain: running #2: waits for sleep for 10 ms, 59990 ms to go`]);
});
