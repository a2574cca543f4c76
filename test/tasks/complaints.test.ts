import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { whenSettled } from 'meantime/futures';
import {
  allTasks,
  currentSignal,
  exponential,
  failuresOf,
  gather,
  Queue,
  RateLimiter,
  retry,
  Semaphore,
  sleep,
  TaskExecutor,
  withShield,
  withTaskGroup,
  withTimeout,
} from 'meantime/tasks';

/*
 * What users of p-queue, p-limit, p-map and fastq have complained about, by the number of the issue: what must not happen here.
 */

/** Never, as far as the test is concerned; but a limit on it can be told from one that is not there. */
const LONG = 1e9;
/** Lets everything go on that can. */
const turns = async (n = 20) => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setImmediate(resolve));
};
/** A wait that somebody else ends. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
const untilAborted = () => sleep(Number.POSITIVE_INFINITY);

test('p-queue#168: aborting what runs and what waits at the same time settles both, and the queue goes on', async () => {
  await using queue = new TaskExecutor({ concurrency: 1 });
  const [one, two] = [new AbortController(), new AbortController()];
  const running = queue.with({ signal: one.signal }).submit(untilAborted);
  const waiting = queue.with({ signal: two.signal }).submit(untilAborted);
  await turns();
  assert.equal(running.state, 'running');
  one.abort();
  two.abort();
  const ends = await Promise.allSettled([running, waiting]);
  assert.deepEqual(
    ends.map((end) => end.status === 'rejected' && end.reason.name),
    ['AbortError', 'AbortError'],
  );
  assert.equal(await queue.submit(() => 'goes on'), 'goes on');
  assert.deepEqual([queue.stats().running, queue.stats().queued], [0, 0]);
});

test('p-queue#241: a call that was aborted before it got its turn rejects at once', async () => {
  await using queue = new TaskExecutor({ concurrency: 1 });
  const { open, opened } = gate();
  const blocker = queue.submit(() => opened);
  await assert.rejects(
    queue.with({ signal: AbortSignal.abort() }).submit(() => 1),
    { name: 'AbortError' },
  );
  assert.equal(blocker.settled, false);
  open();
  await blocker;
});

test('p-queue#219: what was aborted while it waited does not count against the rate', async () => {
  const limiter = new RateLimiter({ limit: 10, per: LONG, window: 'sliding' });
  assert.equal(limiter.tryAcquire(5), true);
  await withTaskGroup(async (group) => {
    for (let i = 0; i < 10; i++) group.spawn(() => limiter.acquire(6));
    const hello = group.spawn(async () => {
      await limiter.acquire(5);
      return 'hello';
    });
    await turns();
    assert.equal(limiter.waiting, 11);
    for (const task of group.tasks) if (task !== hello) task.cancel();
    assert.equal(await hello, 'hello');
  });
});

test('p-queue#239: what is thrown out of a queue settles', async () => {
  const queue = new TaskExecutor({ concurrency: 1 });
  const { open, opened } = gate();
  const running = queue.submit(async () => {
    await opened;
    return 'done';
  });
  const waiting = [1, 2, 3].map((n) => queue.submit(() => n));
  await turns();
  const down = queue.shutdown({ cancelPending: true });
  for (const end of await Promise.allSettled(waiting)) {
    assert.equal(end.status === 'rejected' && end.reason.name, 'AbortError');
  }
  open();
  assert.equal(await running, 'done');
  await down;
});

test('p-queue#239: a queue of items that is closed tells who waits, and gives back what was in it', async () => {
  const queue = new Queue<number>(1);
  await queue.put(1);
  const putting = queue.put(2);
  assert.deepEqual(queue.close({ discard: true }), [1]);
  await assert.rejects(async () => await putting, { code: 'MEANTIME_QUEUE_CLOSED' });
  await assert.rejects(async () => await queue.get(), { code: 'MEANTIME_QUEUE_CLOSED' });
});

test('p-queue#26, #119, #171: a failure that a listener was told of is not unhandled as well', async () => {
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listen);
  try {
    await using queue = new TaskExecutor();
    const failed: string[] = [];
    const future = queue.submit(() => {
      throw new Error('told');
    });
    whenSettled(future, ({ state }) => failed.push(state));
    const losers = gather([
      async () => {
        throw new Error('thrown');
      },
      async () => {
        throw new Error('behind it');
      },
    ]);
    await assert.rejects(losers, { message: 'thrown' });
    await turns();
    assert.deepEqual(failed, ['rejected']);
  } finally {
    process.off('unhandledRejection', listen);
  }
  assert.deepEqual(unhandled, []);
});

test('p-queue#237: idle is told also if there was nothing to do, and if what was done has failed', async () => {
  const queue = new Queue<number>(10);
  await queue.join();
  for (let n = 0; n < 5; n++) await queue.put(n);
  let idle = false;
  await withTaskGroup(async (group) => {
    group.spawn(async () => {
      await queue.join();
      idle = true;
      queue.close();
    });
    for await (const n of queue) {
      assert.equal(idle, false);
      try {
        if (n % 2) throw new Error(`${n}`);
      } catch {
        // What a worker makes of it; it is dealt with all the same.
      } finally {
        queue.taskDone();
      }
    }
  });
  assert.equal(idle, true);
  const empty = new TaskExecutor();
  await empty.shutdown();
});

test('p-queue#238: a call whose time has run out tells its listeners', async () => {
  await using queue = new TaskExecutor();
  const future = queue.with({ timeout: 5 }).submit(untilAborted);
  const told = new Promise<string>((resolve) => whenSettled(future, ({ state }) => resolve(state)));
  assert.equal(await told, 'rejected');
  assert.throws(() => future.result(), { name: 'TimeoutError' });
});

test('p-queue#67, #101: timeout counts from the start of the call, deadline from its submission', async () => {
  await using queue = new TaskExecutor({ concurrency: 1 });
  const { open, opened } = gate();
  const blocker = queue.submit(() => opened);
  const patient = queue.with({ timeout: 2000 }).submit(() => 'had its time');
  await assert.rejects(
    queue.with({ deadline: 5 }).submit(() => 'never'),
    { name: 'TimeoutError' },
  );
  open();
  await blocker;
  assert.equal(await patient, 'had its time');
});

test('p-queue: a time-out does not free a slot while the function still runs', async () => {
  await using queue = new TaskExecutor({ concurrency: 1 });
  const { open, opened } = gate();
  let running = 0;
  const stubborn = async () => {
    running++;
    await opened; // does not listen to anything
    running--;
  };
  await assert.rejects(queue.with({ timeout: 5 }).submit(stubborn), { name: 'TimeoutError' });
  const next = queue.submit(() => running);
  await turns();
  assert.equal(next.state, 'pending');
  open();
  assert.equal(await next, 0);
});

test('p-queue: with gather a slot that has run out of time is free after the clean-up', async () => {
  let [running, most] = [0, 0];
  const careful = async () => {
    most = Math.max(most, ++running);
    try {
      await untilAborted();
    } finally {
      await withShield(() => sleep(5));
      running--;
    }
  };
  const limited = () => withTimeout(2, careful).catch((error) => error.name);
  assert.deepEqual(await gather([limited, limited, limited], { concurrency: 1 }), ['TimeoutError', 'TimeoutError', 'TimeoutError']);
  assert.equal(most, 1);
});

test('p-queue#126: a large number in a short time is kept to as well', async () => {
  const limiter = new RateLimiter({ limit: 50, per: 20, window: 'sliding' });
  const began = performance.now();
  const at: number[] = [];
  const ask = async () => {
    await limiter.acquire();
    at.push(performance.now() - began);
  };
  await gather(new Array(200).fill(ask));
  for (const [i, ms] of at.entries()) assert.ok(ms >= 20 * Math.floor(i / 50), `number ${i} after ${ms} ms`);
});

test('p-queue#251: who comes when the window has passed is not held up by one that came late in it', async () => {
  const limiter = new RateLimiter({ limit: 2, per: 40, window: 'sliding' });
  assert.equal(limiter.tryAcquire(), true);
  await sleep(25);
  assert.equal(limiter.tryAcquire(), true);
  await sleep(16); // the first has left the window, the second may not have
  assert.equal(limiter.tryAcquire(), true);
});

test('p-queue#236: a window slides: at its end not twice the limit gets through', async () => {
  const limiter = new RateLimiter({ limit: 4, per: LONG, window: 'sliding' });
  await sleep(5);
  assert.deepEqual(
    [limiter.tryAcquire(3), limiter.tryAcquire(2), limiter.tryAcquire(1), limiter.tryAcquire(1)],
    [true, false, true, false],
  ); // prettier-ignore
});

test('p-queue#176: two limits at once', async () => {
  const limiter = new RateLimiter([
    { limit: 1, per: 2, burst: 1 },
    { limit: 3, per: LONG, window: 'sliding' },
  ]);
  const began = performance.now();
  for (let i = 0; i < 3; i++) await limiter.acquire();
  assert.ok(performance.now() - began >= 4);
  await sleep(5);
  assert.equal(limiter.tryAcquire(), false);
});

test('p-queue#205, #231: a 429 slows all callers down, and is tried again when the server says', async () => {
  class TooMany extends Error {
    retryAfter = 3;
  }
  const limiter = new RateLimiter({ limit: 1000, per: 1 });
  let calls = 0;
  const serve = async () => {
    if (++calls === 3) throw new TooMany('429');
    return calls;
  };
  const waits: number[] = [];
  const load = () =>
    retry(() => limiter.with(serve), {
      when: (error) => error instanceof TooMany,
      delay: (error) => (error as TooMany).retryAfter,
      onRetry: (_error, _attempt, delay) => {
        waits.push(delay);
        limiter.update({ limit: 1, per: 2, burst: 1 });
      },
    });
  const began = performance.now();
  assert.equal((await gather(new Array<typeof load>(6).fill(load), { concurrency: 1 })).length, 6);
  assert.deepEqual([calls, waits], [7, [3]]);
  assert.ok(performance.now() - began >= 3 + 3 * 2);
});

test('p-queue#177, #224: limits can be changed under way, also for those who wait', async () => {
  const limiter = new RateLimiter({ limit: 1, per: LONG });
  const permits = new Semaphore(1);
  let inside = 0;
  await withTaskGroup(async (group) => {
    const { open, opened } = gate();
    const hold = () =>
      permits.with(async () => {
        inside++;
        await opened;
      });
    for (let i = 0; i < 3; i++) group.spawn(() => limiter.acquire());
    for (let i = 0; i < 3; i++) group.spawn(hold);
    await turns();
    assert.deepEqual([limiter.waiting, inside], [2, 1]);
    limiter.update({ limit: 5, per: LONG });
    permits.resize(3);
    await turns();
    assert.deepEqual([limiter.waiting, inside], [0, 3]);
    open();
  });
});

test('p-queue#20, #44, #80: a long queue does not have to be in memory: inputs are taken as they are needed', async () => {
  await using queue = new TaskExecutor({ concurrency: 4 });
  let taken = 0;
  let ahead = 0;
  function* endless() {
    for (;;) yield taken++;
  }
  let done = 0;
  for await (const n of queue.map(async (n: number) => n, endless(), { buffer: 100 })) {
    assert.equal(n, done++);
    ahead = Math.max(ahead, taken - done);
    if (done === 5000) break;
  }
  assert.ok(ahead <= 100, `${ahead} inputs ahead`);
});

test('p-queue#20, #44, #80: what a queue held is let go', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const limit = new Semaphore(8);
  const limiter = new RateLimiter({ limit: Number.POSITIVE_INFINITY, per: 1 });
  await using queue = new TaskExecutor({ concurrency: 8 });
  const round = async () => {
    const fns = Array.from({ length: 4000 }, (_, n) => () => limit.with(() => limiter.with(async () => n)));
    await gather(fns, { concurrency: 100 });
    await Promise.all(fns.map((fn) => queue.submit(fn)));
    gc();
    return process.memoryUsage().heapUsed;
  };
  await round();
  const before = await round();
  const after = Math.min(await round(), await round());
  assert.ok(after - before < 1.5e6, `${after - before} bytes more after two rounds more`);
});

test('p-limit: a limited function that calls another through the same limit does not wait for itself', async () => {
  await using limit = new TaskExecutor({ concurrency: 1 });
  const depth = async (n: number): Promise<number> => (n === 0 ? 0 : 1 + (await limit.submit(depth, n - 1)));
  assert.equal(await limit.submit(depth, 20), 20);
});

test('p-limit#57: each call runs in the async context of its own caller', async () => {
  await using limit = new TaskExecutor({ concurrency: 1 });
  const storage = new AsyncLocalStorage<number>();
  const seen = await Promise.all([1, 2, 3].map((n) => storage.run(n, () => limit.submit(async () => storage.getStore()))));
  assert.deepEqual(seen, [1, 2, 3]);
});

test('p-map#49, #51: after an error it waits for those that still run', async () => {
  let running = 0;
  const mapper = async (n: number) => {
    running++;
    try {
      if (n === 3) throw new Error('third');
      await withShield(() => sleep(5));
    } finally {
      running--;
    }
  };
  await assert.rejects(
    gather(
      [1, 2, 3, 4, 5].map((n) => () => mapper(n)),
      { concurrency: 3 },
    ),
    { message: 'third' },
  );
  assert.equal(running, 0);
});

test('p-map#42: after an error those that run are told to end, and none begins', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  let begun = 0;
  const mapper = async (n: number) => {
    begun++;
    if (n === 999) throw new Error('fails');
    signals.push(currentSignal());
    await untilAborted();
  };
  const fns = Array.from({ length: 5000 }, (_, n) => () => mapper(n));
  await assert.rejects(gather(fns, { concurrency: 1000 }), { message: 'fails' });
  assert.deepEqual([begun, signals.length], [1000, 999]);
  assert.ok(signals.every((signal) => signal?.aborted));
});

test('fastq#69: a task that runs can be cancelled, in both forms, and cleans up', async () => {
  await using queue = new TaskExecutor();
  const seen: string[] = [];
  const asyncTask = queue.submit(async () => {
    try {
      await untilAborted();
    } finally {
      seen.push('async');
    }
  });
  const generatorTask = queue.submit(function* () {
    try {
      yield* untilAborted();
    } finally {
      seen.push('generator');
    }
  });
  await turns();
  for (const task of [asyncTask, generatorTask]) {
    assert.equal(task.cancel('enough'), true);
    await assert.rejects(task, { name: 'AbortError', reason: 'enough' });
  }
  await turns();
  assert.deepEqual(seen.sort(), ['async', 'generator']);
});

test('of all of them: the second failure is not lost', async () => {
  const fail = (name: string) => async () => {
    throw new Error(name);
  };
  const error = await gather([fail('a'), fail('b'), fail('c')]).catch((error: unknown) => error);
  assert.deepEqual(failuresOf(error).map(String), ['Error: a', 'Error: b', 'Error: c']);
});

test('of all of them: what is under way can be listed by name', async () => {
  async function resize() {
    await sleep(1);
    return allTasks().map((task) => [task.name, task.parent?.name]);
  }
  const upload = () => gather([resize]);
  assert.deepEqual(await gather([upload]), [
    [
      [
        ['upload', undefined],
        ['resize', 'upload'],
      ],
    ],
  ]);
});

test('p-retry, bottleneck: retries with chance in them spread out callers that have failed together', async () => {
  const waits = new Set<number>();
  const fail = async (attempt: number) => {
    if (attempt === 1) throw new Error('down');
  };
  const delay = exponential({ first: 20 });
  const again = () => retry(fail, { delay, onRetry: (_error, _attempt, ms) => void waits.add(Math.round(ms * 1000)) });
  await gather(new Array<typeof again>(20).fill(again));
  assert.ok(waits.size > 5, `${waits.size} different waits of 20 callers`);
});
