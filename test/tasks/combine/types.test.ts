import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Future } from 'meantime/futures';
import { any, gather, RateLimiter, race, retry, sleep } from 'meantime/tasks';

/** Compiles only if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

const text = async () => 'text';
const number = function* () {
  yield* sleep(0);
  return 1;
};
const flag = () => true;

test('gather gives a tuple for a tuple and a list for a list', async () => {
  const tuple = gather([text, number, flag]);
  same<typeof tuple, Future<[string, number, boolean]>>(true);
  assert.deepEqual(await tuple, ['text', 1, true]);
  const list = gather([1, 2].map((n) => async () => n));
  same<typeof list, Future<number[]>>(true);
  assert.deepEqual(await list, [1, 2]);
  const set = gather(new Set([text]));
  same<typeof set, Future<string[]>>(true);
  assert.deepEqual(await set, ['text']);
});

test('race and any give any of the results', async () => {
  const first = race([text, number]);
  same<typeof first, Future<string | number>>(true);
  // Mostly a generator has ended a hop before an async function has, but not if its step has used up the time slice.
  assert.ok([1, 'text'].includes(await first));
  const success = any(new Set([flag]));
  same<typeof success, Future<boolean>>(true);
  assert.equal(await success, true);
});

test('retry and with give what the function gives, unwrapped', async () => {
  const tried = retry(number);
  same<typeof tried, Future<number>>(true);
  assert.equal(await tried, 1);
  const limited = new RateLimiter({ limit: 1, per: 1 }).with(text);
  same<typeof limited, Future<string>>(true);
  assert.equal(await limited, 'text');
});

test('in a generator yield* knows the type', async () => {
  const all = function* () {
    const [a, b] = yield* gather([text, number]);
    const c = yield* race([flag]);
    const d = yield* retry(text);
    yield* new RateLimiter({ limit: 1, per: 1 }).acquire();
    return { a, b, c, d };
  };
  const result = await retry(all);
  same<typeof result, { a: string; b: number; c: boolean; d: string }>(true);
  assert.deepEqual(result, { a: 'text', b: 1, c: true, d: 'text' });
});

test('what is wrong does not compile', () => {
  const wrong = () => {
    // @ts-expect-error a promise is no function
    void gather([text()]);
    // @ts-expect-error nor is a coroutine
    void race([number()]);
    // @ts-expect-error a function that wants something
    void gather([(n: number) => n]);
    // @ts-expect-error not an option
    void retry(text, { retries: 3 });
    // @ts-expect-error a rule has a time
    new RateLimiter({ limit: 1 });
  };
  assert.throws(wrong);
});
