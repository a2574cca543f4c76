import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import {
  add,
  type CustomError,
  echo,
  keepMore,
  letGoLate,
  linesOf,
  pauseAndReturn,
  promised,
  startTicking,
  throwCustom,
  throwWithFunction,
  ticksSoFar,
  where,
} from '../fixtures/calls/calls.js';
import { file, kinds, until } from '../fixtures/calls/pools.js';

/** What users of other pools ask for and complain about, one test each. */
for (const { name, make } of kinds) {
  test(`${name}: the event loop of an idle worker is not frozen`, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(startTicking);
    const before = await pool.submit(ticksSoFar);
    await new Promise((resolve) => setTimeout(resolve, 200)); // the time in which the worker must tick
    const ticked = (await pool.submit(ticksSoFar)) - before;
    assert.ok(ticked >= 15, `${ticked} ticks of 5 ms in 200 ms`);
  });

  test(`${name}: cancelling a call that lets go in time does not end the worker under the next call`, async () => {
    await using pool = make({ workers: 1, grace: 300 });
    const noted = file();
    const before = await pool.submit(where);
    const first = pool.submit(letGoLate, noted, 100);
    await until('it runs', () => linesOf(noted).length === 1);
    first.cancel();
    assert.equal(await pool.submit(pauseAndReturn, 400, 'the next one'), 'the next one');
    assert.equal(await pool.submit(where), before);
    assert.equal(linesOf(noted).at(-1), 'let go');
  });

  test(`${name}: an error keeps class, code, cause and own properties, and shows both stacks`, async () => {
    await using pool = make({ workers: 1 });
    const future = pool.submit(throwCustom);
    await assert.rejects(
      async () => await future,
      (error: CustomError) => {
        assert.ok(error instanceof Error);
        assert.deepEqual([error.name, error.code, error.extra], ['CustomError', 'E_CUSTOM', { deep: [1, 2] }]);
        assert.ok(error.cause instanceof TypeError);
        assert.match(String(error.stack), /throwCustom[\s\S]*asks\.test\.js/);
        return true;
      },
    );
    await assert.rejects(async () => await pool.submit(throwWithFunction), /carries a function/);
  });

  test(`${name}: 1 MB of bytes goes there and back as bytes, and quickly`, async () => {
    await using pool = make({ workers: 1 });
    const bytes = new Uint8Array(2 ** 20).map((_, i) => i);
    await pool.submit(echo, bytes);
    const began = performance.now();
    const back = await pool.submit(echo, bytes);
    const took = performance.now() - began;
    assert.ok(back instanceof Uint8Array);
    assert.deepEqual(back, bytes);
    assert.ok(took < 200, `${took} ms: as text it would take half a second`);
  });

  test(`${name}: Date, Map, BigInt and circular values mean the same on every kind of pool`, async () => {
    await using pool = make({ workers: 1 });
    const value: Record<string, unknown> = { date: new Date(5), map: new Map([[1n, new Set(['a'])]]), missing: undefined };
    value.self = value;
    assert.deepEqual(await pool.submit(echo, value), value);
  });

  test(`${name}: a plain function that returns a promise is awaited`, async () => {
    await using pool = make({ workers: 1 });
    assert.equal(await pool.submit(promised, 4), 8);
  });

  test(`${name}: a worker that grows is replaced after its number of calls`, async () => {
    await using pool = make({ workers: 1, maxCallsPerWorker: 5 });
    const sizes = await Promise.all(Array.from({ length: 15 }, () => pool.submit(keepMore)));
    assert.equal(Math.max(...sizes), 5);
    assert.equal(sizes.length, 15);
  });

  test(`${name}: the context of the caller is intact inside then`, async () => {
    await using pool = make({ workers: 1 });
    const storage = new AsyncLocalStorage<string>();
    const seen = await storage.run('mine', () => pool.submit(add, 1, 2).then(() => storage.getStore()));
    assert.equal(seen, 'mine');
  });

  test(`${name}: the timeout counts from the start: a hundred calls that wait do not time out`, async () => {
    await using pool = make({ workers: 1 });
    await pool.submit(add, 1, 2);
    const view = pool.with({ timeout: 150 });
    const values = await Promise.all(Array.from({ length: 100 }, (_, i) => view.submit(pauseAndReturn, 5, i)));
    assert.equal(values.length, 100);
  });

  test(`${name}: a thousand calls that share a signal are no leak`, async () => {
    await using pool = make({ workers: 1 });
    const warnings: Error[] = [];
    const watch = (warning: Error) => warnings.push(warning);
    process.on('warning', watch);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 1000 }, (_, i) => pool.with({ signal }).submit(add, i, 1)));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', watch);
    assert.deepEqual(warnings, []);
  });
}
