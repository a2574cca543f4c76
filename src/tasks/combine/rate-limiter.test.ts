import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, useClock, VirtualClock } from '../../core/index.js';
import { formatTasks } from '../format-tasks.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import { withCancelScope } from '../with-cancel-scope.js';
import { withTimeout } from '../with-timeout.js';
import { gather } from './gather.js';
import { RateLimiter } from './rate-limiter.js';
import type { RateRule } from './rate-rule.js';

useClock(new VirtualClock());

/** When `count` tasks that all ask at once are let through, counted from now. */
async function times(limiter: RateLimiter, count: number, n = 1): Promise<number[]> {
  const began = clock.now();
  const ask = async () => {
    await limiter.acquire(n);
    return Math.round((clock.now() - began) * 1000) / 1000;
  };
  return gather(new Array<typeof ask>(count).fill(ask));
}

test('a bucket gives its burst at once, and then one permit after another, evenly', async () => {
  assert.deepEqual(await times(new RateLimiter({ limit: 4, per: 1000 }), 7), [0, 0, 0, 0, 250, 500, 750]);
  assert.deepEqual(await times(new RateLimiter({ limit: 4, per: 1000, burst: 1 }), 4), [0, 250, 500, 750]);
});

test('a bucket fills up again while nobody asks, up to its burst', async () => {
  const limiter = new RateLimiter({ limit: 4, per: 1000, burst: 2 });
  assert.deepEqual(await times(limiter, 2), [0, 0]);
  await sleep(60_000);
  assert.deepEqual(await times(limiter, 4), [0, 0, 250, 500]);
});

test('a sliding window lets through its limit in any span, wherever that begins', async () => {
  const limiter = new RateLimiter({ limit: 2, per: 1000, window: 'sliding' });
  assert.deepEqual(await times(limiter, 1), [0]);
  await sleep(900);
  // One at 0 and one at 900: the next at 1000 and 1900, where fixed windows would give two at 1000.
  assert.deepEqual(await times(limiter, 3), [0, 100, 1000]);
});

test('several rules at once: all must agree', async () => {
  const limiter = new RateLimiter([
    { limit: 2, per: 10, window: 'sliding' },
    { limit: 5, per: 100, window: 'sliding' },
  ]);
  assert.deepEqual(await times(limiter, 8), [0, 0, 10, 10, 20, 100, 100, 110]);
});

test('several permits at once wait until all are there, and nobody who wants fewer gets in before', async () => {
  const limiter = new RateLimiter({ limit: 10, per: 1000, window: 'sliding' });
  const began = clock.now();
  const order: unknown[] = [];
  const ask = (name: string, n: number) => async () => {
    await limiter.acquire(n);
    order.push([name, clock.now() - began]);
  };
  await gather([ask('a', 6), ask('b', 6), ask('c', 1), ask('d', 4)]);
  assert.deepEqual(order, [
    ['a', 0],
    ['b', 1000],
    ['c', 1000],
    ['d', 2000],
  ]);
});

test('tryAcquire takes what is there at once, but never before somebody who waits', async () => {
  const limiter = new RateLimiter({ limit: 2, per: 100, window: 'sliding' });
  assert.deepEqual([limiter.tryAcquire(), limiter.tryAcquire(), limiter.tryAcquire()], [true, true, false]);
  const waiting = limiter.acquire(2);
  await sleep(50);
  assert.equal(limiter.waiting, 1);
  assert.equal(limiter.tryAcquire(), false);
  await waiting;
  assert.equal(limiter.waiting, 0);
  assert.equal(limiter.tryAcquire(), false);
  await sleep(100);
  assert.equal(limiter.tryAcquire(2), true);
});

test('in generator tasks, with yield*, alike', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 10 });
  const began = clock.now();
  const ask = function* () {
    yield* limiter.acquire();
    return clock.now() - began;
  };
  assert.deepEqual(await gather([ask, ask, ask]), [0, 10, 20]);
});

test('outside of any task it works as well', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 10 });
  const began = clock.now();
  await limiter.acquire();
  await limiter.acquire();
  assert.equal(clock.now() - began, 10);
});

for (const form of ['async', 'generator'] as const) {
  test(`${form}: with waits for a permit, calls the function and passes on what it gives or throws`, async () => {
    const limiter = new RateLimiter({ limit: 1, per: 10 });
    const began = clock.now();
    const fns = {
      async async() {
        await sleep(1);
        return clock.now() - began;
      },
      *generator() {
        yield* sleep(1);
        return clock.now() - began;
      },
    };
    const ask = () => limiter.with(fns[form] as () => Promise<number>);
    assert.deepEqual(await gather([ask, ask]), [1, 11]);
    const fail = () => {
      throw new Error('of the function');
    };
    await assert.rejects(limiter.with(fail), { message: 'of the function' });
  });
}

test('with: a cancellation ends the wait and the function never runs, or it goes into the function', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 1000 });
  const seen: string[] = [];
  const work = async () => {
    seen.push('began');
    await sleep(100).catch((error) => seen.push(error.name));
  };
  await withCancelScope((scope) => {
    clock.after(5, () => scope.cancel());
    return limiter.with(work);
  });
  assert.deepEqual(seen, ['began', 'AbortError']);
  const future = limiter.with(work);
  clock.after(5, () => future.cancel('enough'));
  await assert.rejects(future, { name: 'AbortError', reason: 'enough' });
  assert.deepEqual([seen.length, future.state, limiter.waiting], [2, 'cancelled', 0]);
});

test('one who is cancelled while it waits has taken nothing; the next goes at its right time', async () => {
  const limiter = new RateLimiter({ limit: 10, per: 1000, window: 'sliding' });
  const began = clock.now();
  limiter.tryAcquire(5);
  await sleep(100);
  limiter.tryAcquire(5);
  const at: unknown[] = [];
  await withTaskGroup(async (group) => {
    group.spawn(() => assert.rejects(withTimeout(50, () => limiter.acquire(10)))); // could go at 1100
    group.spawn(async () => {
      await limiter.acquire(5); // could go at 1000
      at.push(clock.now() - began);
    });
    const small = group.spawn(async () => {
      await limiter.acquire(1);
      at.push(clock.now() - began);
    });
    await small;
  });
  assert.deepEqual(at, [1000, 1100]);
});

test('one who is cancelled while it waits lets the next through at once, if that may go', async () => {
  const limiter = new RateLimiter({ limit: 10, per: 1000, window: 'sliding' });
  limiter.tryAcquire(5);
  const began = clock.now();
  await withTaskGroup(async (group) => {
    group.spawn(() => assert.rejects(withTimeout(50, () => limiter.acquire(10))));
    group.spawn(async () => {
      await limiter.acquire(5);
      assert.equal(clock.now() - began, 50);
    });
  });
});

test('all who wait are cancelled together: nobody is let through by the way, nothing is taken', async () => {
  const limiter = new RateLimiter({ limit: 10, per: 1000, window: 'sliding' });
  limiter.tryAcquire(5);
  const passed: number[] = [];
  await withTaskGroup(async (group) => {
    const one = group.spawn(async () => {
      // Both waits are in one scope: the second could go as soon as the first is gone.
      const ask = async (n: number) => {
        await limiter.acquire(n);
        passed.push(n);
      };
      await Promise.allSettled([ask(10), ask(5)]);
    });
    await sleep(10);
    one.cancel();
  });
  assert.deepEqual([passed, limiter.waiting], [[], 0]);
  assert.equal(limiter.tryAcquire(5), true);
});

test('a permit that was given in the turn of a cancellation stays given', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 10 });
  await limiter.acquire();
  const seen: string[] = [];
  await withCancelScope(async (scope) => {
    const waiting = limiter.acquire();
    limiter.update({ limit: Number.POSITIVE_INFINITY, per: 1 });
    scope.cancel();
    await waiting;
    seen.push('has it');
    await limiter.acquire();
    seen.push('never');
  });
  assert.deepEqual(seen, ['has it']);
});

test('in a cancelled scope acquire throws, also when a permit is there, and takes none', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 1000 });
  await withCancelScope(async (scope) => {
    scope.cancel();
    await limiter.acquire();
    assert.fail('it was let through');
  });
  assert.equal(limiter.tryAcquire(), true);
});

test('update: those who wait go by the new rule at once, and what was let through goes on counting', async () => {
  const changes: { name: string; from: RateRule; to: RateRule; expected: number[] }[] = [
    {
      name: 'a window that becomes larger',
      from: { limit: 2, per: 1000, window: 'sliding' },
      to: { limit: 4, per: 1000, window: 'sliding' },
      expected: [0, 0, 100, 100, 1000],
    },
    {
      name: 'a window that becomes smaller',
      from: { limit: 3, per: 1000, window: 'sliding' },
      to: { limit: 1, per: 1000, window: 'sliding' },
      expected: [0, 0, 0, 1000, 2000],
    },
    {
      name: 'a window that becomes shorter',
      from: { limit: 2, per: 1000, window: 'sliding' },
      to: { limit: 2, per: 200, window: 'sliding' },
      expected: [0, 0, 200, 200, 400],
    },
    {
      name: 'a bucket that becomes faster: what is missing drips in at the new rate',
      from: { limit: 1, per: 1000 },
      to: { limit: 10, per: 1000, burst: 1 },
      expected: [0, 190, 290, 390, 490],
    },
    {
      name: 'a bucket that becomes slower',
      from: { limit: 10, per: 1000, burst: 2 },
      to: { limit: 1, per: 1000, burst: 2 },
      expected: [0, 0, 100, 1100, 2100],
    },
    {
      name: 'a bucket that becomes a window: what it has let through counts as let through now',
      from: { limit: 2, per: 1000 },
      to: { limit: 2, per: 500, window: 'sliding' },
      expected: [0, 0, 600, 600, 1100],
    },
    {
      name: 'a window that becomes a bucket',
      from: { limit: 2, per: 1000, window: 'sliding' },
      to: { limit: 2, per: 1000 },
      expected: [0, 0, 600, 1100, 1600],
    },
    {
      name: 'no limit any more',
      from: { limit: 1, per: 1000 },
      to: { limit: Number.POSITIVE_INFINITY, per: 1 },
      expected: [0, 100, 100, 100, 100],
    },
  ];
  for (const { name, from, to, expected } of changes) {
    const limiter = new RateLimiter(from);
    clock.after(100, () => limiter.update(to));
    assert.deepEqual(await times(limiter, 5), expected, name);
  }
});

test('update: who waits for more than there can ever be is told so, and the others go on', async () => {
  const limiter = new RateLimiter({ limit: 10, per: 1000 });
  limiter.tryAcquire(10);
  clock.after(10, () => limiter.update({ limit: 2, per: 1000, window: 'sliding' }));
  const began = clock.now();
  await withTaskGroup(async (group) => {
    const message = /RateLimiter.acquire expects at most 2 at once by its rules, got 5/;
    group.spawn(() => assert.rejects(limiter.acquire(5), { code: 'MEANTIME_OPTION', message }));
    group.spawn(async () => {
      await limiter.acquire(2);
      assert.equal(clock.now() - began, 1010);
    });
  });
});

test('update: what is wrong changes nothing', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 10 });
  assert.throws(
    () =>
      limiter.update([
        { limit: 5, per: 1 },
        { limit: 0, per: 1 },
      ]),
    { code: 'MEANTIME_OPTION', message: /RateLimiter.update: option "limit"/ },
  ); // prettier-ignore
  assert.deepEqual(await times(limiter, 2), [0, 10]);
});

test('update: a rule that is new in its place begins empty; others go on', async () => {
  const limiter = new RateLimiter({ limit: 2, per: 100, window: 'sliding' });
  limiter.tryAcquire(2);
  limiter.update([
    { limit: 2, per: 100, window: 'sliding' },
    { limit: 1, per: 300, burst: 1 },
  ]);
  assert.deepEqual(await times(limiter, 2), [100, 400]);
});

test('a wait shows in the tree of tasks', async () => {
  const limiter = new RateLimiter({ limit: 1, per: 10 });
  limiter.tryAcquire();
  await withTaskGroup(async (group) => {
    group.spawn(async function polite() {
      await limiter.acquire();
    });
    await sleep(5);
    assert.match(formatTasks(), /polite #\d+: waits for rate limit/);
  });
});

test('what can never be is refused at once, by name', () => {
  const wrong: [unknown, RegExp][] = [
    [{ limit: 0, per: 1 }, /RateLimiter: option "limit" expects a whole number from 1 up, or Infinity, got 0/],
    [{ limit: 1.5, per: 1 }, /"limit"/],
    [{ limit: 1, per: 0 }, /"per" expects a number of milliseconds above 0, got 0/],
    [{ limit: 1, per: Number.NaN }, /"per"/],
    [{ limit: 1 }, /expects a rule \{ limit, per \}, got one without per/],
    [{ per: 1 }, /without limit/],
    [{ limit: 1, per: 1, burst: 0 }, /"burst"/],
    [{ limit: 1, per: 1, window: 'fixed' }, /"window" expects one of "bucket", "sliding", got "fixed"/],
    [{ limit: 1, per: 1, window: 'sliding', burst: 2 }, /"burst" is for a bucket/],
    [{ limit: 1, interval: 1 }, /no option "interval"/],
    [[], /empty list/],
    [5, /expects an object of options, got 5/],
    [undefined, /expects a rule \{ limit, per \}/],
  ];
  for (const [rules, message] of wrong) assert.throws(() => new RateLimiter(rules as RateRule), { code: 'MEANTIME_OPTION', message });
  const limiter = new RateLimiter([
    { limit: 10, per: 1000, burst: 3 },
    { limit: 5, per: 1000, window: 'sliding' },
  ]);
  assert.throws(() => limiter.acquire(4), { code: 'MEANTIME_OPTION', message: /at most 3 at once by its rules, got 4/ });
  assert.throws(() => limiter.tryAcquire(4), { code: 'MEANTIME_OPTION' });
  assert.throws(() => limiter.acquire(0), {
    code: 'MEANTIME_OPTION',
    message: /RateLimiter.acquire expects a whole number from 1 up, got 0/,
  }); // prettier-ignore
  assert.throws(() => limiter.acquire(1.5), { code: 'MEANTIME_OPTION' });
  assert.throws(() => limiter.with(Promise.resolve() as never), { code: 'MEANTIME_NOT_CALLABLE' });
});
