import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { CancelledError, WorkerStartError } from 'meantime';
import type { Executor } from 'meantime/futures';
// @ts-expect-error a module without types, found from build/test/
import { neverLoaded, neverLoadedStream } from '../../../test/fixtures/calls/never-loads.mjs';
import { add, linesOf } from '../fixtures/calls/calls.js';
import { computes, type Place, spins, waits, yieldsAndSpins, yieldsForEver } from '../fixtures/calls/life.js';
import { file, isGone, kinds, until } from '../fixtures/calls/pools.js';

/*
 * Streams, maps and broadcasts in a worker that does not get to them, or does not let go of them; and what must not be ended though it takes long.
 */

const BOUND = 20_000;

/** What ends, how it is given up, and whether it has ended. */
interface Going {
  readonly end: PromiseLike<unknown>;
  leave(): void;
}

const forms: Record<string, (pool: Executor, fn: (...args: never[]) => unknown, place: Place) => Going> = {
  stream: (pool, fn, place) => {
    const reader = pool.stream(fn as unknown as (place: Place) => Generator<number>, place);
    const end = (async () => {
      for await (const _ of reader);
    })();
    return { end, leave: () => void reader.return?.() };
  },
  map: (pool, fn, place) => {
    const results = pool.map(fn as unknown as (place: Place) => number, [place, place, place]);
    return { end: results.then((values) => values), leave: () => results.cancel() };
  },
};

const loads = { stream: neverLoadedStream, map: neverLoaded } as Record<string, () => unknown>;
const runs = { stream: yieldsAndSpins, map: spins } as Record<string, (place: Place) => unknown>;

for (const { name, make } of kinds) {
  for (const [form, start] of Object.entries(forms)) {
    const asks = ['it is left', 'shutdown'] as const;
    const cases = [
      ...['spins', 'awaits'].map((how) => ({ what: `whose module ${how}`, how, fn: loads[form] })),
      { what: 'that spins', how: 'none', fn: runs[form] },
    ];
    for (const { what, how, fn } of cases) {
      test(`${name}: a ${form} ${what}: ${asks.join(', ')}`, async () => {
        for (const ask of asks) {
          const place = { note: file(), gate: file() };
          writeFileSync(place.gate, '');
          const env = { ...process.env, NEVER_LOADS: how, NEVER_LOADS_NOTE: place.note, NEVER_LOADS_GATE: place.gate };
          const pool = make({ workers: 1, grace: 100, env });
          const going = start(pool, fn as (...args: never[]) => unknown, place);
          let isOver = false;
          const over = () => {
            isOver = true;
          };
          going.end.then(over, over);
          await until('it is there', () => linesOf(place.note).length > 0, BOUND);
          let isDown = false;
          const down = (how: object) =>
            pool.shutdown(how).then(() => {
              isDown = true;
            });
          if (ask === 'shutdown') down({ cancelPending: true, grace: 100 });
          else going.leave();
          await until('it has ended', () => isOver, BOUND);
          if (ask === 'it is left') {
            rmSync(place.gate);
            const next = pool.submit(add, 1, 2);
            await until('the next call has ended', () => next.settled, BOUND);
            down({});
          }
          await until('the pool is down', () => isDown, BOUND);
          if (name === 'processes') await until('the worker is gone', () => linesOf(place.note).map(Number).every(isGone), BOUND);
        }
      });
    }
  }

  test(`${name}: a map over a module that is not loaded in time fails once, and not once for each chunk`, async () => {
    const place = { note: file(), gate: file() };
    writeFileSync(place.gate, '');
    const env = { ...process.env, NEVER_LOADS: 'awaits', NEVER_LOADS_NOTE: place.note, NEVER_LOADS_GATE: place.gate };
    await using pool = make({ workers: 1, startTimeout: 2000, env });
    const began = performance.now();
    const ends = await pool.map(neverLoaded as (n: number) => number, [1, 2, 3, 4, 5, 6], { onError: 'settle', chunk: 1 });
    assert.ok(
      ends.every(
        (end) => end.status === 'rejected' && end.reason instanceof WorkerStartError && /never-loads\.mjs/.test(end.reason.message),
      ),
    );
    assert.ok(performance.now() - began < 8000, `${performance.now() - began} ms`);
    assert.equal(await pool.submit(add, 1, 2), 3);
  });

  test(`${name}: a stream of which nobody reads more than one value ends with the shutdown`, async () => {
    const place = { note: file(), gate: file() };
    writeFileSync(place.gate, '');
    const pool = make({ workers: 1 });
    const reader = pool.stream(yieldsForEver, place)[Symbol.asyncIterator]();
    assert.deepEqual(await reader.next(), { done: false, value: 0 });
    await pool.shutdown({ grace: 1000 });
    await assert.rejects(async () => {
      for (;;) if ((await reader.next()).done) return;
    }, CancelledError);
    const never = make({ workers: 1 });
    never.stream(yieldsForEver, place);
    await never.shutdown();
  });

  test(`${name}: a call that is cancelled behind a deaf one settles at once, and the pool works on`, async () => {
    const place = { note: file(), gate: file() };
    writeFileSync(place.gate, '');
    await using pool = make({ workers: 1, grace: 100 });
    const deaf = pool.submit(waits, place);
    await until('it runs', () => linesOf(place.note).length === 1, BOUND);
    const behind = [pool.submit(add, 1, 1), pool.map(computes, [1, 2], { chunk: 2 }), pool.submit(add, 2, 2)] as const;
    deaf.cancel();
    behind[0].cancel();
    behind[1].cancel();
    for (const one of [deaf, behind[0], behind[1]]) await assert.rejects(async () => await one, CancelledError);
    assert.equal(await behind[2], 4);
  });

  test(`${name}: broadcasts that never come, never load or never end are given up by a shutdown`, async () => {
    const found = () => {
      for (;;);
    };
    for (const what of ['finding', 'known', 'loads', 'runs'] as const) {
      const place = { note: file(), gate: file() };
      writeFileSync(place.gate, '');
      const env = { ...process.env, NEVER_LOADS: 'spins', NEVER_LOADS_NOTE: place.note, NEVER_LOADS_GATE: place.gate };
      const pool = make({ workers: 1, env });
      await pool.submit(add, 1, 2);
      const future =
        what === 'loads'
          ? pool.broadcast(neverLoaded as () => void)
          : what === 'runs'
            ? pool.broadcast(spins, place)
            : pool.broadcast(found);
      if (what === 'loads' || what === 'runs') await until('it is there', () => linesOf(place.note).length === 1, BOUND);
      await Promise.all([assert.rejects(async () => await future, CancelledError), pool.shutdown({ cancelPending: true, grace: 50 })]);
    }
  });
}
