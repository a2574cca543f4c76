import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CancelledError, clock, seeded, TimeoutError, useClock, useRandom, VirtualClock } from '../../core/index.js';
import { defer } from '../defer.js';
import { failuresOf } from '../failures.js';
import { formatTasks } from '../format-tasks.js';
import { sleep } from '../sleep.js';
import { withCancelScope } from '../with-cancel-scope.js';
import { withShield } from '../with-shield.js';
import { withTimeout } from '../with-timeout.js';
import { exponential, fixed } from './delays.js';
import { type RetryOptions, retry } from './retry.js';

useClock(new VirtualClock());

/** Fails so often, in the way of the given form, and notes when it was called. */
function flaky(failures: number, form: 'async' | 'generator' | 'plain', ms = 0) {
  const began = clock.now();
  const at: number[] = [];
  const numbers: number[] = [];
  const begin = (attempt: number) => {
    at.push(clock.now() - began);
    numbers.push(attempt);
  };
  const end = () => {
    if (at.length <= failures) throw new Error(`failed ${at.length}`);
    return 'done';
  };
  const fns = {
    async async(attempt: number) {
      begin(attempt);
      await sleep(ms);
      return end();
    },
    *generator(attempt: number) {
      begin(attempt);
      yield* sleep(ms);
      return end();
    },
    plain(attempt: number) {
      begin(attempt);
      return end();
    },
  };
  return { fn: fns[form] as (attempt: number) => Promise<string>, at, numbers };
}

for (const form of ['async', 'generator', 'plain'] as const) {
  test(`${form}: it is called again until it works, with the number of the attempt`, async () => {
    const { fn, at, numbers } = flaky(2, form);
    assert.equal(await retry(fn, { delay: 10 }), 'done');
    assert.deepEqual(
      [numbers, at],
      [
        [1, 2, 3],
        [0, 10, 20],
      ],
    );
  });

  test(`${form}: after the last attempt its error is thrown, and the earlier ones stand behind it`, async () => {
    const { fn, numbers } = flaky(9, form);
    const error = await retry(fn, { delay: fixed(1), attempts: 4 }).then(
      () => assert.fail('it worked'),
      (error: unknown) => error,
    );
    assert.deepEqual(failuresOf(error).map(String), ['Error: failed 4', 'Error: failed 1', 'Error: failed 2', 'Error: failed 3']);
    assert.equal(numbers.length, 4);
  });
}

test('by default there are three attempts, with exponential waits and full jitter', async () => {
  const restore = useRandom(() => 0.5);
  const { fn, at } = flaky(9, 'async');
  await assert.rejects(retry(fn), { message: 'failed 3' });
  restore();
  assert.deepEqual(at, [0, 50, 150]);
});

test('in a generator, with yield*, and inside another retry', async () => {
  const { fn, numbers } = flaky(3, 'generator');
  const outer = function* () {
    return yield* retry(fn, { attempts: 2, delay: 1 });
  };
  assert.equal(await retry(outer, { delay: 1 }), 'done');
  assert.deepEqual(numbers, [1, 2, 1, 2]);
});

test('when decides by the error and the attempt; it may be async', async () => {
  const asked: unknown[] = [];
  const when = (error: unknown, attempt: number) => {
    asked.push([String(error), attempt]);
    return attempt < 2;
  };
  for (const decide of [when, async (error: unknown, attempt: number) => when(error, attempt)]) {
    const { fn } = flaky(9, 'async');
    await assert.rejects(retry(fn, { when: decide, delay: 1, attempts: 9 }), { message: 'failed 2' });
  }
  assert.deepEqual(asked, [
    ['Error: failed 1', 1],
    ['Error: failed 2', 2],
    ['Error: failed 1', 1],
    ['Error: failed 2', 2],
  ]); // prettier-ignore
});

test('delay is told the error, the attempt and the wait before; onRetry is told what was chosen, before the wait', async () => {
  const { fn, at } = flaky(3, 'async');
  const told: unknown[] = [];
  const asked: unknown[] = [];
  const delay = async (error: unknown, attempt: number, previous: number) => {
    asked.push([(error as Error).message, attempt, previous]);
    return 10 * attempt;
  };
  const onRetry = (error: unknown, attempt: number, wait: number) => void told.push([(error as Error).message, attempt, wait, clock.now()]);
  const began = clock.now();
  await retry(fn, { attempts: 4, delay, onRetry });
  assert.deepEqual(asked, [
    ['failed 1', 1, 0],
    ['failed 2', 2, 10],
    ['failed 3', 3, 20],
  ]);
  assert.deepEqual(told, [
    ['failed 1', 1, 10, began],
    ['failed 2', 2, 20, began + 10],
    ['failed 3', 3, 30, began + 30],
  ]);
  assert.deepEqual(at, [0, 10, 30, 60]);
});

test('what when, delay or onRetry throws ends it, with the failures behind it', async () => {
  const thrown = new Error('of the caller');
  const fail = () => {
    throw thrown;
  };
  for (const options of [{ when: fail }, { delay: fail }, { onRetry: fail }]) {
    const { fn } = flaky(9, 'async');
    await assert.rejects(retry(fn, options), (error) => error === thrown);
  }
  assert.equal(failuresOf(thrown).length, 4);
});

test('timeout is for each attempt: it is cancelled, has cleaned up, and is tried again', async () => {
  const seen: string[] = [];
  const fn = async (attempt: number) => {
    try {
      await sleep(attempt < 3 ? 1000 : 5);
      return attempt;
    } finally {
      await withShield(() => sleep(3));
      seen.push(`${attempt} has ended`);
    }
  };
  const began = clock.now();
  const errors: unknown[] = [];
  const onRetry = (error: unknown) => void errors.push(error);
  assert.equal(await retry(fn, { timeout: 10, delay: 1, onRetry }), 3);
  assert.deepEqual(seen, ['1 has ended', '2 has ended', '3 has ended']);
  assert.equal(clock.now() - began, 13 + 1 + 13 + 1 + 8);
  assert.ok(errors.every((error) => error instanceof TimeoutError));
  assert.match(String(errors[0]), /attempt 1 of retry of fn has run out of time/);
});

test('attempts never overlap: what one leaves behind has ended before the next begins', async () => {
  let inside = 0;
  const fn = async (attempt: number) => {
    assert.equal(inside++, 0);
    defer(() => void inside--);
    void withShield(() => sleep(20)).catch(() => undefined); // nobody awaits it
    if (attempt < 3) throw new Error('again');
  };
  await retry(fn, { delay: 1 });
  assert.equal(inside, 0);
});

test('deadline: a wait that would pass it is not begun, and the last error is thrown', async () => {
  const { fn, at } = flaky(99, 'async', 2);
  const began = clock.now();
  const error = await retry(fn, { attempts: 99, delay: 10, deadline: 30 }).catch((error) => error);
  assert.equal(error.message, 'failed 3');
  assert.equal(failuresOf(error).length, 3);
  assert.deepEqual(at, [0, 12, 24]);
  assert.equal(clock.now() - began, 26);
});

test('deadline: an attempt that is running then is cancelled, and the earlier errors stand behind the TimeoutError', async () => {
  const { fn } = flaky(99, 'generator', 8);
  const began = clock.now();
  const error = await retry(fn, { attempts: 99, delay: 1, deadline: 20 }).catch((error) => error);
  assert.ok(error instanceof TimeoutError);
  assert.match(error.message, /retry of generator, attempt 3 has run out of time/);
  assert.deepEqual(
    failuresOf(error)
      .slice(1)
      .map((e) => (e as Error).message),
    ['failed 1', 'failed 2'],
  );
  assert.equal(clock.now() - began, 20);
});

for (const form of ['async', 'generator'] as const) {
  test(`${form}: a cancellation from outside is no failure and is not tried again, in an attempt or between two`, async () => {
    for (const [ms, expected] of [
      [5, 1],
      [15, 1],
      [25, 2],
    ]) {
      const { fn, at } = flaky(99, form, 10);
      const told: unknown[] = [];
      const onRetry = (error: unknown) => void told.push(error);
      await assert.rejects(
        withTimeout(ms, () => retry(fn, { attempts: 99, delay: 10, onRetry })),
        { name: 'TimeoutError' },
      );
      assert.equal(at.length, expected);
      assert.equal(
        told.some((error) => error instanceof CancelledError),
        false,
      );
    }
  });
}

test('its own future cancelled: cancelled, and the attempt with it', async () => {
  const { fn, at } = flaky(99, 'async', 10);
  const future = retry(fn, { attempts: 99, delay: 1 });
  clock.after(5, () => future.cancel('enough'));
  await assert.rejects(future, { name: 'AbortError', reason: 'enough' });
  assert.deepEqual([future.state, at.length], ['cancelled', 1]);
});

test('an attempt that turns the cancellation into an error of its own is not tried again; only of the last attempt that is the outcome', async () => {
  for (const [attempts, expected] of [
    [2, 'AbortError'],
    [1, 'Error'],
  ] as const) {
    let calls = 0;
    const asked: unknown[] = [];
    const seen: string[] = [];
    await withCancelScope(async (scope) => {
      clock.after(5, () => scope.cancel());
      const fn = async () => {
        calls++;
        await sleep(100).catch(() => {
          throw new Error('converted');
        });
      };
      const when = (error: unknown) => asked.push(error) > 0;
      await retry(fn, { delay: 0, attempts, when }).catch((error) => seen.push(error.name));
    });
    assert.deepEqual([calls, seen, asked], [1, [expected], []]);
  }
});

test('a CancelledError of somebody else is a failure like any other', async () => {
  const fn = async (attempt: number) => {
    if (attempt === 1) throw new CancelledError('a call of a pool was cancelled');
    if (attempt === 2) throw new DOMException('gone', 'AbortError');
    return attempt;
  };
  assert.equal(await retry(fn, { delay: 1 }), 3);
});

test('a time limit of the function itself is a failure like any other', async () => {
  const fn = (attempt: number) => withTimeout(10, () => sleep(attempt === 1 ? 100 : 1).then(() => attempt));
  assert.equal(await retry(fn, { delay: 1 }), 2);
});

test('a retry that goes on for long keeps the last hundred failures, not all', async () => {
  const { fn } = flaky(9999, 'async');
  const error = await retry(fn, { attempts: 1000, delay: 1000 }).catch((error) => error);
  const all = failuresOf(error) as Error[];
  assert.deepEqual([all.length, all[0].message, all[1].message], [100, 'failed 1000', 'failed 901']);
});

test('it shows in the tree of tasks by name and attempt', async () => {
  let tree = '';
  const load = async (attempt: number) => {
    tree = formatTasks();
    if (attempt < 2) throw new Error('again');
  };
  await retry(load, { delay: 1 });
  assert.match(tree, /retry of load, attempt 2/);
});

test('what is out of range is refused, by name', async () => {
  const fn = async () => 1;
  const wrong: [object, RegExp][] = [
    [{ attempts: 0 }, /retry: option "attempts" expects a whole number from 1 up, or Infinity, got 0/],
    [{ attempts: 1.5 }, /"attempts"/],
    [{ delay: -1 }, /"delay" expects a number of milliseconds, 0 or more, or a function, got -1/],
    [{ timeout: Number.NaN }, /"timeout"/],
    [{ deadline: -5 }, /"deadline"/],
    [{ retries: 3 }, /no option "retries"/],
    [{ atempts: 3 }, /did you mean "attempts"/],
  ];
  for (const [options, message] of wrong) assert.throws(() => retry(fn, options as RetryOptions), { code: 'MEANTIME_OPTION', message });
  const { fn: fails } = flaky(9, 'async');
  await assert.rejects(retry(fails, { delay: () => '5' as never }), { code: 'MEANTIME_OPTION', message: /delay of a retry .* gave 5/ });
  assert.throws(() => retry(fn() as never), { code: 'MEANTIME_NOT_CALLABLE', message: /retry expects a function, got a promise/ });
});

test('random: as many attempts as allowed, at the times of the delays, and the deadline is kept', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: 0, max: 10 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer(),
      fc.constantFrom('async' as const, 'generator' as const),
      async (attempts, failures, ms, deadline, seed, form) => {
        const restore = useRandom(seeded(seed));
        const { fn, at } = flaky(failures, form, ms);
        const waits: number[] = [];
        const began = clock.now();
        const delay = exponential({ first: 10, max: 40, jitter: 'equal' });
        const onRetry = (_error: unknown, _attempt: number, wait: number) => void waits.push(wait);
        const future = retry(fn, { attempts, delay, deadline, onRetry });
        const error = await future.then(
          () => undefined,
          (error: unknown) => error,
        );
        restore();
        const took = clock.now() - began;
        assert.ok(took <= deadline, `took ${took} of ${deadline} ms`);
        for (let i = 1; i < at.length; i++) assert.ok(Math.abs(at[i] - at[i - 1] - ms - waits[i - 1]) < 1e-6);
        if (error === undefined) assert.equal(at.length, failures + 1);
        else {
          assert.ok(at.length <= attempts);
          assert.equal(failuresOf(error).length, at.length);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a delay that a function gives below 0, or not as a number at all, is 0: the next attempt is due', async () => {
  for (const delay of [-1, Number.NaN, Number.NEGATIVE_INFINITY, -0]) {
    const seen: number[] = [];
    const third = retry(
      (attempt) => {
        if (attempt < 3) throw new Error('again');
        return attempt;
      },
      { delay: async () => delay, onRetry: (_error, _attempt, wait) => void seen.push(wait) },
    );
    assert.equal(await third, 3, `${delay}`);
    assert.deepEqual(seen, [0, 0], `${delay}`);
  }
});
