import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Awaitable, Condition, Lock, PriorityQueue, Queue, RwLock, run, Semaphore, withTaskGroup } from 'meantime/tasks';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Runs a program of its own. */
function program(body: string): { status: number | null; stderr: string } {
  const text = `import { Lock, Queue, run, withTaskGroup } from 'meantime/tasks';\n${body}`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], { cwd: root, encoding: 'utf8' });
  return { status, stderr };
}

test('two tasks that wait for each other’s lock end the program with an error that says so', () => {
  const { status, stderr } = program(`
    const [left, right] = [new Lock(), new Lock()];
    const both = async (first, second) => {
      await first.acquire();
      await new Promise((resolve) => setTimeout(resolve, 1));
      await second.acquire();
    };
    await run(() => withTaskGroup((group) => {
      group.spawn(async function alice() { await both(left, right); });
      group.spawn(async function bob() { await both(right, left); });
    }));
  `);
  assert.notEqual(status, 0);
  assert.match(stderr, /DeadlockError/);
  assert.match(stderr, /alice.*waits for lock/);
  assert.match(stderr, /bob.*waits for lock/);
});

test('a getter that nobody will ever give anything is a deadlock too', () => {
  const { status, stderr } = program('await run(async function main() { await new Queue(1).get(); });');
  assert.notEqual(status, 0);
  assert.match(stderr, /DeadlockError/);
  assert.match(stderr, /main.*waits for queue\.get/);
});

test('`using` in an async function and in a generator', async () => {
  const lock = new Lock();
  await run(async () => {
    {
      using guard = await lock.acquire();
      assert.equal(guard.held && lock.locked, true);
    }
    assert.equal(lock.locked, false);
    await withTaskGroup((group) => {
      group.spawn(function* () {
        using guard = yield* lock.acquire();
        assert.equal(guard.held && lock.locked, true);
      });
    });
    assert.equal(lock.locked, false);
  });
});

test('what is awaited has the right type in both forms', async () => {
  const queue = new Queue<string>(1);
  const priority: Queue<[number, Date]> = new PriorityQueue<[number, Date]>(1);
  const asked: Awaitable<[number, Date]> = priority.get();
  await priority.put([1, new Date(0)]);
  const [, date] = await asked;
  assert.equal(date.getTime(), 0);
  await run(function* () {
    yield* queue.put('text');
    const item = yield* queue.get();
    assert.equal(item.toUpperCase(), 'TEXT');
    const length: number = yield* new Semaphore(1).with(async () => item.length);
    assert.equal(length, 4);
    const held: boolean = yield* new Condition().with((guard) => guard.held);
    assert.equal(held, true);
    const readers: number = yield* new RwLock().withRead(function* () {
      yield* queue.put('more');
      return queue.size;
    });
    assert.equal(readers, 1);
  });
});
