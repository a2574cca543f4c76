import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkpoint,
  defer,
  gather,
  Lock,
  now,
  Queue,
  run,
  Semaphore,
  sleep,
  type Task,
  withCancelScope,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';

/*
 * What users of asyncio have complained about, by the number of the issue in python/cpython: what must not happen here.
 */

const forever = () => sleep(Number.POSITIVE_INFINITY);
const turns = async (n = 20) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};

test('#108951: a group can be ended early from inside, and ends quietly', async () => {
  const seen: string[] = [];
  await withTaskGroup(async (group) => {
    group.spawn(async () => {
      try {
        await forever();
      } finally {
        seen.push('cleaned up');
      }
    });
    group.spawn(async () => void group.cancel('found it'));
    await forever();
  });
  assert.deepEqual(seen, ['cleaned up']);
});

test('#116048: a task that is cancelled before its turn still runs to its first wait, so what it opened is closed', async () => {
  const seen: string[] = [];
  await withTaskGroup(async (group) => {
    const task = group.spawn(async (connection: string) => {
      defer(() => seen.push(`${connection} closed`));
      await forever();
      seen.push('never');
    }, 'connection');
    task.cancel();
  });
  assert.deepEqual(seen, ['connection closed']);
});

test('#86296: what was handed over in the moment of the time-out is not lost', async () => {
  const queue = new Queue<number>(1);
  const value = withTimeout(10_000, async (scope) => {
    const got = await queue.get();
    assert.equal(scope.cancelled, true);
    return got;
  });
  await turns(2);
  queue.tryPut(1); // is handed over now
  value.cancel(); // and cut off before the taker has gone on
  assert.equal(await value, 1);
});

test('#86296: a cancellation while a time limit is around is not swallowed by it', async () => {
  const seen: string[] = [];
  const task = run(async () => {
    await withTimeout(10_000, forever).catch((error) => seen.push(error.name));
    await sleep(0);
    seen.push('never');
  });
  await turns();
  task.cancel();
  await assert.rejects(task, { name: 'AbortError' });
  assert.deepEqual(seen, ['AbortError']);
});

test('#116720: a nested group that fails does not swallow the cancellation of the one around it', async () => {
  const seen: string[] = [];
  await withTaskGroup(async (outer) => {
    outer.spawn(async () => {
      const inner = withTaskGroup(async (group) => {
        group.spawn(async () => {
          await forever().catch(() => {
            throw new Error('inner');
          });
        });
      });
      await inner.catch((error) => seen.push(error.message));
      await sleep(0);
      seen.push('never');
    });
    await turns();
    outer.cancel();
  });
  assert.deepEqual(seen, ['inner']);
});

test('#90155: a semaphore is fair, and none of its permits is lost to who is cancelled', async () => {
  const permits = new Semaphore(1);
  const order: number[] = [];
  await withTaskGroup(async (group) => {
    const guard = permits.tryAcquire();
    const tasks: Task<unknown>[] = [];
    for (let i = 0; i < 5; i++) {
      tasks.push(
        group.spawn(async () => {
          using _ = await permits.acquire();
          order.push(i);
          await checkpoint();
        }),
      );
    }
    await turns();
    tasks[0].cancel();
    guard?.release();
    tasks[1].cancel(); // has been given the permit already, and hands it on when it is through
    assert.equal(permits.tryAcquire(), undefined);
  });
  assert.deepEqual([order, permits.available], [[1, 2, 3, 4], 1]);
});

test('#88684, #135736: an async generator that is left is closed at once, in the task that used it', async () => {
  const seen: string[] = [];
  async function* rows() {
    try {
      yield 1;
      yield 2;
    } finally {
      await withShield(() => sleep(1));
      seen.push('closed');
    }
  }
  await withTaskGroup(async (group) => {
    group.spawn(async () => {
      for await (const row of rows()) if (row === 1) break;
      seen.push('went on');
    });
  });
  assert.deepEqual(seen, ['closed', 'went on']);
});

test('#91887, #93297: a task that nobody holds runs to its end', async () => {
  let ended = false;
  await withTaskGroup(async (group) => {
    group.spawn(async () => {
      await sleep(5);
      ended = true;
    });
  });
  assert.equal(ended, true);
});

test('#75633, #76935: gather does not leave the others running after a failure', async () => {
  let running = 0;
  const work = async () => {
    running++;
    try {
      await forever();
    } finally {
      running--;
    }
  };
  const fail = async () => {
    throw new Error('failed');
  };
  await assert.rejects(gather([work, work, fail]), { message: 'failed' });
  assert.equal(running, 0);
});

test('#76865: gather that collects failures does not collect its own cancellation', async () => {
  const seen: string[] = [];
  await withCancelScope(async (scope) => {
    setImmediate(() => scope.cancel());
    await gather([forever, forever], { onFailure: 'collect' });
    seen.push('never');
  });
  assert.deepEqual(seen, []);
});

test('#95051: a time limit of 0 ends the first wait, not a later one', async () => {
  const began = now();
  await assert.rejects(withTimeout(0, forever), { name: 'TimeoutError' });
  assert.ok(now() - began < 1000);
  assert.equal(await withTimeout(0, () => 'does not wait'), 'does not wait');
});

test('#81515, #96471: a queue can be shut down, and its users hear of it', async () => {
  const queue = new Queue<string>(2);
  const taken: string[] = [];
  await withTaskGroup(async (group) => {
    for (let i = 0; i < 3; i++) {
      group.spawn(async () => {
        for await (const item of queue) taken.push(item);
      });
    }
    for (const item of ['a', 'b', 'c', 'd']) await queue.put(item);
    queue.close();
    await assert.rejects(async () => await queue.put('e'), { code: 'MEANTIME_QUEUE_CLOSED' });
  });
  assert.deepEqual(taken.sort(), ['a', 'b', 'c', 'd']);
});

test('#155433: a group that ends itself does not swallow a time limit around it', async () => {
  const outcome = withTimeout(5, async () => {
    await withTaskGroup(async (group) => {
      group.spawn(async () => {
        try {
          await forever();
        } finally {
          await withShield(() => sleep(20)); // beyond the limit
        }
      });
      await turns(2);
      group.cancel();
    });
    await sleep(1000);
  });
  await assert.rejects(outcome, { name: 'TimeoutError' });
});

test('PR 145345: catching a cancellation does not undo it', async () => {
  let tries = 0;
  await assert.rejects(
    withTimeout(5, async () => {
      for (;;) {
        tries++;
        try {
          await sleep(1000);
        } catch {
          if (tries > 3) throw new Error('and still it goes on');
        }
        await checkpoint();
      }
    }),
    { name: 'TimeoutError' },
  );
  assert.equal(tries, 1);
});

test('#155854: a shield leaves nothing behind, and a lock in it is given back', async () => {
  const lock = new Lock();
  await withCancelScope(async (scope) => {
    scope.cancel();
    await withShield(() => lock.with(() => sleep(1)));
  });
  assert.deepEqual([lock.locked, lock.waiting], [false, 0]);
});
