import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { clock, useClock, VirtualClock } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { currentTask } from '../current-task.js';
import { debug } from '../debug.js';
import { failuresOf } from '../failures.js';
import { formatTasks } from '../format-tasks.js';
import { checkpoint, sleep } from '../sleep.js';
import type { TaskScope } from '../task.js';
import { withCancelScope } from '../with-cancel-scope.js';
import { withShield } from '../with-shield.js';
import { withTimeout } from '../with-timeout.js';
import { gather } from './gather.js';

useClock(new VirtualClock());

const afterAsync =
  <T>(ms: number, value: T) =>
  async () => {
    await sleep(ms);
    return value;
  };
const afterGenerator = <T>(ms: number, value: T) =>
  function* () {
    yield* sleep(ms);
    return value;
  };
const failAfter = (ms: number, error: unknown) => async () => {
  await sleep(ms);
  throw error;
};
/** Sleeps for long in both forms, and notes in `seen` when it has cleaned up, which takes it `ms`. */
const careful = (ms: number, seen: string[]) => ({
  async async() {
    try {
      await sleep(10_000);
    } finally {
      await withShield(() => sleep(ms));
      seen.push('async');
    }
  },
  *generator() {
    try {
      yield* sleep(10_000);
    } finally {
      yield* withShield(() => sleep(ms));
      seen.push('generator');
    }
  },
});

test('results come in the order of the functions, of every kind, at the time of the slowest', async () => {
  const began = clock.now();
  const results = await gather([afterAsync(30, 'a'), afterGenerator(10, 'b'), () => 'c', () => Promise.resolve('d')]);
  assert.deepEqual(results, ['a', 'b', 'c', 'd']);
  assert.equal(clock.now() - began, 30);
});

test('yield* in a generator gives what await gives', async () => {
  const both = function* () {
    return yield* gather([afterGenerator(2, 1), afterAsync(1, 2)]);
  };
  assert.deepEqual(await gather([both, async () => await gather([both])]), [[1, 2], [[1, 2]]]);
});

test('an empty list gives an empty list, also under a concurrency', async () => {
  assert.deepEqual(await gather([]), []);
  assert.deepEqual(await gather([], { concurrency: 2 }), []);
});

test('any iterable will do', async () => {
  assert.deepEqual(await gather(new Set([() => 1, () => 2])), [1, 2]);
});

test('each function is a task of its own, named after it, in one group', async () => {
  const seen: unknown[] = [];
  const look = () => seen.push([currentTask()?.name, currentTask()?.parent?.name, formatTasks().includes('gather of 2')]);
  const first = async () => void look();
  const second = function* () {
    yield* checkpoint();
    look();
  };
  const outer = () => gather([first, second]);
  await gather([outer]);
  assert.deepEqual(seen, [
    ['first', 'outer', true],
    ['second', 'outer', true],
  ]);
});

test('the first failure cancels the others, waits for their clean-up and is thrown as itself', async () => {
  const failure = new Error('first');
  const seen: string[] = [];
  const { async: one, generator: two } = careful(50, seen);
  const began = clock.now();
  await assert.rejects(gather([one, two, failAfter(10, failure)]), (error) => error === failure);
  assert.deepEqual(seen.sort(), ['async', 'generator']);
  assert.equal(clock.now() - began, 60);
});

test('no failure is lost: failuresOf has those of the same turn and those of the clean-up', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => new Error(name));
  const failsInCleanUp = function* () {
    try {
      yield* sleep(100);
    } finally {
      yield* withShield(failAfter(5, c));
    }
  };
  const failed = gather([failsInCleanUp, failAfter(10, a), failAfter(10, b)]);
  await assert.rejects(failed, (error) => error === a);
  assert.deepEqual(failuresOf(a), [a, b, c]);
});

test('onFailure: collect lets the others finish and throws one AggregateError, also under a concurrency', async () => {
  const seen: number[] = [];
  const fns = [1, 2, 3, 4, 5].map((n) => async () => {
    await sleep(10 - n);
    seen.push(n);
    if (n % 2 === 0) throw new Error(`${n}`);
  });
  const failed = gather(fns, { onFailure: 'collect', concurrency: 2 });
  await assert.rejects(failed, (error: AggregateError) => {
    assert.deepEqual(error.errors.map(String), ['Error: 2', 'Error: 4']);
    return error instanceof AggregateError;
  });
  assert.deepEqual(seen.sort(), [1, 2, 3, 4, 5]);
});

test('under a concurrency a failure leaves what has not begun unbegun', async () => {
  const begun: number[] = [];
  const fns = Array.from({ length: 10 }, (_, n) => async () => {
    begun.push(n);
    await sleep(n === 3 ? 5 : 10);
    if (n === 3) throw new Error('third');
  });
  await assert.rejects(gather(fns, { concurrency: 2 }), { message: 'third' });
  assert.deepEqual(begun, [0, 1, 2, 3]);
});

test('a slot is free when everything inside the function has ended, not before', async () => {
  const at: number[] = [];
  const began = clock.now();
  const leavesWork = async () => {
    at.push(clock.now() - began);
    void withShield(() => sleep(20)); // nobody awaits it
  };
  await gather([leavesWork, leavesWork, leavesWork], { concurrency: 1 });
  assert.deepEqual(at, [0, 20, 40]);
});

const cancellers: [string, (all: () => Future<unknown>) => PromiseLike<unknown>][] = [
  ['a time limit around it', (all) => assert.rejects(withTimeout(10, all), { name: 'TimeoutError' })],
  [
    'a cancel scope around it, awaited',
    (all) =>
      withCancelScope((scope) => {
        setCancel(scope, 10);
        return all();
      }),
  ],
  [
    'a cancel scope around it, in a generator',
    (all) =>
      withCancelScope(function* (scope) {
        setCancel(scope, 10);
        yield* all();
      }),
  ],
  [
    'its own future',
    async (all) => {
      const future = all();
      setCancel(future, 10);
      await assert.rejects(future, { name: 'AbortError', reason: 'enough' });
      assert.equal(future.state, 'cancelled');
    },
  ],
];
const setCancel = (what: { cancel(reason?: unknown): boolean }, ms: number) => clock.after(ms, () => what.cancel('enough'));

for (const [who, cancel] of cancellers) {
  test(`cancelled by ${who}, it cancels all, starts no others and waits for the clean-up`, async () => {
    const seen: string[] = [];
    const { async: one, generator: two } = careful(30, seen);
    const began = clock.now();
    await cancel(() => gather([one, two, async () => seen.push('began too late')], { concurrency: 2 }));
    assert.deepEqual(seen.sort(), ['async', 'generator']);
    assert.equal(clock.now() - began, 40);
  });
}

test('cancelled before it began: every function runs to its first cancellation point, so finally is seen', async () => {
  const seen: string[] = [];
  await withCancelScope(async (scope) => {
    scope.cancel();
    const { async: one, generator: two } = careful(1, seen);
    await gather([one, two]);
    seen.push('never');
  });
  assert.deepEqual(seen.sort(), ['async', 'generator']);
});

test('functions that swallow the cancellation and all return have results, which are kept', async () => {
  const stubborn = async () => {
    await sleep(1000).catch(() => undefined);
    return 'kept';
  };
  const results = await withCancelScope(async (scope) => {
    setCancel(scope, 5);
    return gather([stubborn, stubborn]);
  });
  assert.deepEqual(results, ['kept', 'kept']);
});

test('a function that is cancelled alone has no result, so that counts as a failure', async () => {
  const lonely = async () => {
    currentTask()?.cancel('alone');
    await sleep(1);
  };
  const seen: string[] = [];
  await assert.rejects(gather([careful(1, seen).async, lonely]), { name: 'AbortError', reason: 'alone' });
  assert.deepEqual(seen, ['async']);
});

test('a failure in spite of a cancellation from outside is thrown, and the cancellation is not lost', async () => {
  const seen: unknown[] = [];
  await withCancelScope(async (scope) => {
    setCancel(scope, 5);
    const failsInCleanUp = async () => {
      await sleep(1000).catch(() => {
        throw new Error('clean-up');
      });
    };
    await gather([failsInCleanUp]).catch((error) => seen.push(error.message));
    await sleep(1);
    seen.push('never');
  });
  assert.deepEqual(seen, ['clean-up']);
});

test('what starts later starts in the async context of the call, not of whoever made room', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const look = async () => {
    seen.push(storage.getStore());
    storage.enterWith('leaked');
    await sleep(1);
  };
  await storage.run('caller', () => gather([look, look, look], { concurrency: 1 }));
  assert.deepEqual(seen, ['caller', 'caller', 'caller']);
});

test('in debug mode each task knows where gather was called, also one that begins later', async () => {
  const seen: (string | undefined)[] = [];
  const look = async () => {
    seen.push((currentTask() as unknown as TaskScope).spawnedAt);
    await sleep(1);
  };
  debug.on = true;
  try {
    await gather([look, look, look], { concurrency: 1 });
  } finally {
    debug.on = false;
  }
  assert.equal(seen.length, 3);
  for (const at of seen) assert.match(String(at), /gather\.test\.js:\d+/);
});

test('what a function holds is let go when it has ended, not when all have', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const refs: WeakRef<object>[] = [];
  function* fns(): Generator<() => Promise<unknown>> {
    for (let i = 0; i < 3; i++) {
      const big = { held: true };
      refs.push(new WeakRef(big));
      yield async () => void big.held;
    }
    yield async () => {
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
      gc();
      return refs.filter((ref) => ref.deref() !== undefined).length;
    };
  }
  assert.deepEqual(await gather(fns(), { concurrency: 1 }), [undefined, undefined, undefined, 0]);
});

interface Job {
  ms: number;
  fails: boolean;
  generator: boolean;
}

/** When each would begin if slots were handed out in order, and when the first failure comes. */
function plan(jobs: Job[], concurrency: number) {
  const free = new Array<number>(Math.min(concurrency, jobs.length)).fill(0);
  const begins = jobs.map(({ ms }) => {
    const slot = free.indexOf(Math.min(...free));
    const at = free[slot];
    free[slot] = at + ms;
    return at;
  });
  const failsAt = Math.min(...jobs.map(({ ms, fails }, i) => (fails ? begins[i] + ms : Number.POSITIVE_INFINITY)));
  return { begins, failsAt, endsAt: Math.min(failsAt, Math.max(0, ...free)) };
}

test('random functions: never more at a time than allowed, begun in order and at once, and none runs on after the end', async () => {
  const job = fc.record({ ms: fc.integer({ min: 1, max: 20 }), fails: fc.boolean(), generator: fc.boolean() });
  const jobsOf = fc.array(fc.oneof({ weight: 6, arbitrary: job.map((j) => ({ ...j, fails: false })) }, { weight: 1, arbitrary: job }), {
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(jobsOf, fc.integer({ min: 1, max: 8 }), async (jobs, concurrency) => {
      const { begins, failsAt, endsAt } = plan(jobs, concurrency);
      const began = clock.now();
      const begun = new Map<number, number>();
      let [running, most] = [0, 0];
      const enter = (i: number) => {
        begun.set(i, clock.now() - began);
        most = Math.max(most, ++running);
      };
      const leave = (i: number) => {
        running--;
        if (jobs[i].fails && clock.now() - began === begins[i] + jobs[i].ms) throw new Error(`${i}`);
        return i;
      };
      const fns = jobs.map(({ ms, generator }, i) =>
        generator
          ? function* () {
              enter(i);
              try {
                yield* sleep(ms);
              } catch (error) {
                running--;
                throw error;
              }
              return leave(i);
            }
          : async () => {
              enter(i);
              try {
                await sleep(ms);
              } catch (error) {
                running--;
                throw error;
              }
              return leave(i);
            },
      );
      const future = gather(fns, { concurrency });
      if (failsAt === Number.POSITIVE_INFINITY) {
        assert.deepEqual(
          await future,
          jobs.map((_, i) => i),
        );
      } else {
        await assert.rejects(future, (error: Error) => {
          const i = Number(error.message);
          assert.equal(jobs[i].fails && begins[i] + jobs[i].ms, failsAt);
          return true;
        });
      }
      assert.equal(clock.now() - began, endsAt);
      assert.equal(running, 0);
      assert.ok(most <= concurrency, `${most} at a time`);
      for (const [i, at] of begins.entries()) {
        // What would begin in the turn of the failure may or may not.
        if (at < failsAt) assert.equal(begun.get(i), at);
        if (at > failsAt) assert.equal(begun.has(i), false);
      }
    }),
    { numRuns: 300 },
  );
});
