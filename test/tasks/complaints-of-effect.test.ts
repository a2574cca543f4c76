import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  allTasks,
  checkpoint,
  defer,
  failuresOf,
  formatTasks,
  gather,
  onLateError,
  Queue,
  race,
  run,
  Semaphore,
  sleep,
  withCancelScope,
  withShield,
  withTaskGroup,
} from 'meantime/tasks';

/*
 * What users of effect and effection have complained about, by the number of the issue: what must not happen here.
 */

const forever = () => sleep(Number.POSITIVE_INFINITY);
const turns = async (n = 20) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
/** How many bytes are in use after several rounds more than after the first ones. */
async function growth(round: () => PromiseLike<unknown>): Promise<number> {
  const used = async () => {
    await round();
    await turns();
    gc();
    return process.memoryUsage().heapUsed;
  };
  await used();
  const before = await used();
  return Math.min(await used(), await used()) - before;
}

test('effect-smol#243: of several failures at the same time none is lost', async () => {
  const failed = withTaskGroup(async (group) => {
    for (const name of ['a', 'b', 'c']) {
      group.spawn(function* () {
        yield* checkpoint(); // and not a time: of that each could have its own
        throw new Error(name);
      });
    }
  });
  const error = await failed.catch((error: unknown) => error);
  assert.deepEqual(failuresOf(error).map(String), ['Error: a', 'Error: b', 'Error: c']);
});

test('effect#3440: gather in a scope that lives for long leaves nothing there', async () => {
  await run(async function longLived() {
    const grown = await growth(async () => {
      for (let i = 0; i < 500; i++) {
        await gather([async () => 1, () => sleep(0)]);
        await race([async () => 1, forever]);
      }
    });
    assert.ok(grown < 500_000, `${grown} bytes more`);
    assert.deepEqual(
      allTasks().map((task) => task.name),
      ['longLived'],
    );
  });
});

test('effect#5221: leaving a loop over a queue leaves nobody waiting', async () => {
  const queue = new Queue<number>(10);
  await queue.put(1);
  await queue.put(2);
  for await (const n of queue) {
    assert.equal(n, 1);
    break;
  }
  assert.deepEqual([queue.getting, queue.size], [0, 1]);
});

for (const form of ['async', 'generator'] as const) {
  test(`effect#716: ${form}: a get that is cut off loses no item, nor does one that was handed one in the same turn`, async () => {
    const queue = new Queue<number>(10);
    const got: number[] = [];
    const forms = {
      async async() {
        got.push(await queue.get());
      },
      *generator() {
        got.push(yield* queue.get());
      },
    };
    await withTaskGroup(async (group) => {
      const taker = group.spawn(forms[form] as () => Promise<void>);
      await turns();
      taker.cancel();
      await queue.put(1);
    });
    assert.deepEqual([got, queue.size], [[], 1]);
    queue.tryGet();
    await withTaskGroup(async (group) => {
      const taker = group.spawn(forms[form] as () => Promise<void>);
      await turns();
      await queue.put(2);
      taker.cancel();
    });
    assert.deepEqual([got, queue.size], [[2], 0]);
  });
}

test('effect-smol#1392: a permit is not lost, whoever is cut off when', async () => {
  const permits = new Semaphore(2);
  await withTaskGroup(async (group) => {
    const guard = await permits.acquire(2);
    const tasks = Array.from({ length: 10 }, (_, i) => group.spawn(() => permits.with(() => sleep(i % 3))));
    await turns();
    tasks[0].cancel();
    guard.release();
    tasks[1].cancel();
    await turns();
    tasks[2].cancel();
    tasks[9].cancel();
  });
  assert.deepEqual([permits.available, permits.waiting], [2, 0]);
});

test('effect-smol#2152: closing a queue ends a loop over it quietly, and a get with an error that says why', async () => {
  const queue = new Queue<number>(1);
  const loop = run(async () => {
    let seen = 0;
    for await (const n of queue) seen += n;
    return seen;
  });
  const getting = run(() => queue.get());
  await queue.put(5);
  await turns();
  queue.close();
  assert.equal(await loop, 5);
  await assert.rejects(getting, { code: 'MEANTIME_QUEUE_CLOSED' });
});

test('effection#1154: a clean-up of several waits is not cut short by a second cancellation', async () => {
  const seen: string[] = [];
  await withTaskGroup(async (group) => {
    const task = group.spawn(function* () {
      try {
        yield* forever();
      } finally {
        yield* withShield(function* () {
          yield* sleep(3);
          seen.push('first');
          yield* sleep(3);
          seen.push('second');
        });
      }
    });
    await turns();
    task.cancel('once');
    await sleep(1);
    task.cancel('twice');
    group.cancel('and from outside');
  });
  assert.deepEqual(seen, ['first', 'second']);
});

test('effection#1190: a cancellation goes on after a delegated finally that waits', async () => {
  const seen: string[] = [];
  const inner = function* () {
    try {
      yield* forever();
    } finally {
      yield* withShield(() => sleep(1));
      seen.push('cleaned up');
    }
  };
  const outer = function* () {
    yield* inner();
    seen.push('went on as if nothing had happened');
  };
  await withTaskGroup(async (group) => {
    const task = group.spawn(outer);
    await turns();
    task.cancel();
  });
  assert.deepEqual(seen, ['cleaned up']);
});

test('effection#1185: a cancellation reaches what is in a race in a scope', async () => {
  const seen: string[] = [];
  const watch = function* () {
    try {
      yield* forever();
    } finally {
      seen.push('ended');
    }
  };
  const running = run(() => withCancelScope(() => race([watch, watch])), { handleSigint: false });
  await turns();
  running.cancel('SIGINT');
  await assert.rejects(running, { name: 'AbortError', reason: 'SIGINT' });
  assert.deepEqual(seen, ['ended', 'ended']);
});

test('effection#1153: what was cancelled has settled when it has cleaned up, not before', async () => {
  let cleaned = false;
  await withTaskGroup(async (group) => {
    const task = group.spawn(async () => {
      defer(async () => {
        await sleep(5);
        cleaned = true;
      });
      await forever();
    });
    await turns();
    task.cancel();
    assert.equal(task.settled, false);
    await assert.rejects(async () => await task, { name: 'AbortError' });
    assert.equal(cleaned, true);
  });
});

test('effection#1159: a task may cancel another and wait for its end', async () => {
  await withTaskGroup(async (group) => {
    const one = group.spawn(async () => forever());
    group.spawn(async () => {
      one.cancel();
      await one.catch((error) => assert.equal(error.name, 'AbortError'));
    });
  });
});

test('effection#1235: cancelling what has failed and cleans up neither throws nor changes its error', async () => {
  const failed = withTaskGroup(async (group) => {
    const task = group.spawn(async () => {
      try {
        throw new Error('its own');
      } finally {
        await withShield(() => sleep(3));
      }
    });
    await turns();
    assert.equal(task.cancel(), true);
  });
  await assert.rejects(failed, { message: 'its own' });
});

test('effection#1128: a failure in a clean-up that is caught fails nobody else', async () => {
  const value = await run(async () => {
    const failing = withTaskGroup(async (group) => {
      const task = group.spawn(async () => {
        try {
          await forever();
        } finally {
          await withShield(async () => {
            throw new Error('clean-up');
          });
        }
      });
      await turns();
      task.cancel();
    });
    const caught = await failing.catch((error: Error) => error.message);
    return `went on after ${caught}`;
  });
  assert.equal(value, 'went on after clean-up');
});

test('effection#1080: tasks that have ended leave nothing in a group that lives on', async () => {
  await withTaskGroup(async (group) => {
    const grown = await growth(async () => {
      for (let i = 0; i < 1000; i++) await group.spawn(async () => i);
    });
    assert.ok(grown < 500_000, `${grown} bytes more`);
    assert.equal(group.tasks.length, 0);
  });
});

test('effection#728, #945: the failure of a task can be caught by the code that opened its group', async () => {
  const caught = await run(async () => {
    try {
      await withTaskGroup(async (group) => {
        group.spawn(async () => {
          throw new Error('of a task');
        });
        await forever();
      });
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing';
  });
  assert.equal(caught, 'of a task');
});

test('effection#977: defer in a task that is waited for does not change how it ends', async () => {
  const seen: string[] = [];
  const value = await withTaskGroup((group) =>
    group.spawn(() => {
      defer(() => seen.push('deferred'));
      return 'value';
    }),
  );
  assert.deepEqual([value, seen], ['value', ['deferred']]);
});

test('effection#838: an error after the outcome is told, not dropped', async () => {
  const late: string[] = [];
  const restore = onLateError((error) => late.push(String(error)));
  const loser = async () => {
    await forever().catch(() => undefined);
    throw new Error('too late');
  };
  try {
    assert.equal(await race([async () => 'first', loser]), 'first');
  } finally {
    restore();
  }
  assert.deepEqual(late, ['Error: too late']);
});

test('effection#15, #329, #662: what runs has a name, a parent and a reason to wait', async () => {
  const queue = new Queue<number>(1);
  await withTaskGroup(
    async (group) => {
      group.spawn(async function consumer() {
        await queue.get();
      });
      await turns();
      assert.match(formatTasks(), /group shop.*\n.*consumer #\d+: waits for queue\.get/);
      queue.tryPut(1);
    },
    { name: 'shop' },
  );
});
