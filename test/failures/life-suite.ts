import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { CancelledError, TimeoutError, WorkerLostError, WorkerStartError } from 'meantime';
import type { CallOptions, Future } from 'meantime/futures';
import type { ProcessPoolOptions } from 'meantime/processes';
// @ts-expect-error a module without types, found from build/test/
import { neverLoaded as loadsNot } from '../../../test/fixtures/calls/never-loads.mjs';
import { add, linesOf, pid } from '../fixtures/calls/calls.js';
import { leavesALoop, type Place, spins, waits } from '../fixtures/calls/life.js';
import { file, isGone, type kinds, until } from '../fixtures/calls/pools.js';

/*
 * The states of a worker's life, times what can be asked of a pool meanwhile. In every cell: the future settles, the worker is ended and gone, the next call works, the
 * shutdown ends; all of it in a bounded time.
 */

const neverLoaded = loadsNot as () => number;

/** Within this time, in ms, whatever was asked for has happened: much more than any grace here, and than a start on a busy machine. */
const BOUND = 15_000;
/** The time of a worker that is not to start, in ms: longer than a start on a busy machine. */
const START = 3000;

type Pool = ReturnType<(typeof kinds)[number]['make']>;
/** @returns what is to end as well; `undefined` if the pool goes on. */
type Ask = (pool: Pool, future: Future<unknown>) => Promise<void> | undefined;

const threads = new Set<Worker>();
subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker };
  threads.add(worker);
  worker.once('exit', () => threads.delete(worker));
});

/** Brings a worker of the pool into a state, with a call that waits for it. */
interface State {
  readonly name: string;
  readonly of?: 'threads' | 'processes';
  options?(place: Place): ProcessPoolOptions;
  /** What is done before the call. */
  before?(pool: Pool, place: Place): Promise<unknown>;
  submit(pool: Pool, place: Place, limits: CallOptions): Future<unknown>;
  /** How the call ends if its `timeout` is the only limit; `value`: it runs somewhere else. */
  readonly timed: 'timeout' | 'start' | 'value';
}

const env = (how: string) => (place: Place) => ({
  env: { ...process.env, NEVER_LOADS: how, NEVER_LOADS_NOTE: place.note, NEVER_LOADS_GATE: place.gate },
});

const states: State[] = [
  ...['spins', 'awaits'].flatMap((how): State[] => [
    {
      name: `loading the module of its first call, which ${how}`,
      options: env(how),
      submit: (pool, _, limits) => pool.with(limits).submit(neverLoaded),
      timed: 'start',
    },
    {
      name: `up and loading the module of a later call, which ${how}`,
      options: env(how),
      before: (pool) => pool.submit(add, 1, 2),
      submit: (pool, _, limits) => pool.with(limits).submit(neverLoaded),
      timed: 'start',
    },
    {
      name: `loading the module of its initializer, which ${how}`,
      options: (place) => ({ ...env(how)(place), initializer: neverLoaded }),
      submit: (pool, _, limits) => pool.with(limits).submit(add, 1, 2),
      timed: 'start',
    },
  ]),
  ...[spins, waits].flatMap((fn): State[] => [
    {
      name: `in its initializer, which ${fn.name}`,
      options: (place) => ({ initializer: [fn, place] }),
      submit: (pool, _, limits) => pool.with(limits).submit(add, 1, 2),
      timed: 'start',
    },
    { name: `running a call that ${fn.name}`, submit: (pool, place, limits) => pool.with(limits).submit(fn, place), timed: 'timeout' },
  ]),
  {
    name: 'held by what an earlier call left behind',
    before: async (pool, place) => {
      await pool.submit(leavesALoop, place);
      await until('it loops', () => linesOf(place.note).length === 1, BOUND);
    },
    submit: (pool, _, limits) => pool.with(limits).submit(add, 1, 2),
    timed: 'value',
  },
  {
    name: 'stopped',
    of: 'processes',
    before: async (pool, place) => {
      const worker = await pool.submit(pid);
      process.kill(worker, 'SIGSTOP');
      writeFileSync(place.note, `${worker}\n`);
    },
    submit: (pool, _, limits) => pool.with(limits).submit(add, 1, 2),
    timed: 'value',
  },
];

const shutdowns = [{ cancelPending: true, grace: 0 }, { cancelPending: true, grace: 100 }, { grace: 0 }, { grace: 100 }];

/** The table for one kind of pool. */
export function lifeOf(kind: (typeof kinds)[number]): void {
  for (const state of states.filter(({ of }) => of === undefined || of === kind.name)) {
    /** Runs `ask` on a pool that is in the state, and looks at what has become of everything. */
    const cell = async (limits: CallOptions, ask: Ask, isRight: (end: unknown) => boolean, startTimeout = 30_000) => {
      const place = { note: file(), gate: file() };
      writeFileSync(place.gate, '');
      const pool = kind.make({ workers: 1, grace: 100, startTimeout, ...state.options?.(place) });
      try {
        await look(pool, place, limits, ask, isRight);
      } catch (error) {
        // What the pool has not ended must not be there when the next cell begins.
        for (const thread of threads) await thread.terminate();
        for (const one of linesOf(place.note).map(Number)) if (one !== process.pid && !isGone(one)) process.kill(one, 'SIGKILL');
        throw error;
      }
    };

    const look = async (pool: Pool, place: Place, limits: CallOptions, ask: Ask, isRight: (end: unknown) => boolean) => {
      await state.before?.(pool, place);
      const future = state.submit(pool, place, limits);
      let end: unknown;
      const settled = future.then(
        (value) => {
          end = value;
        },
        (error) => {
          end = error;
        },
      );
      await until('it is there', () => linesOf(place.note).length > 0 || future.settled, BOUND);
      const pids = linesOf(place.note).map(Number);
      const asked = ask(pool, future);
      await until('the call has settled', () => future.settled, BOUND);
      await settled;
      assert.ok(isRight(end), `the call ended with ${String(end)}`);
      const isEnded = () => (kind.name === 'threads' ? threads.size === 0 : pids.every(isGone));
      if (asked === undefined) {
        rmSync(place.gate);
        // One that was never there, since the time was over before, is as good as any.
        if (end !== 3 && pids.length > 0) await until('the worker is gone', isEnded, BOUND);
        const after = pool.submit(add, 1, 2);
        await until('the next call has ended', () => after.settled, BOUND);
        assert.equal(await after, 3);
      }
      let isDown = false;
      Promise.all([asked, pool.shutdown({ grace: 100 })]).then(() => {
        isDown = true;
      });
      await until('the pool is shut down', () => isDown, BOUND);
      await until('all workers are gone', isEnded, BOUND);
    };

    test(`${kind.name}, ${state.name}: cancel`, async () => {
      await cell(
        {},
        (_, future) => {
          future.cancel();
          return undefined;
        },
        (end) => end instanceof CancelledError,
      );
    });

    test(`${kind.name}, ${state.name}: deadline`, async () => {
      await cell(
        { deadline: 300 },
        () => undefined,
        (end) => end instanceof TimeoutError,
      );
    });

    test(`${kind.name}, ${state.name}: timeout`, async () => {
      const isRight = { timeout: (end: unknown) => end instanceof TimeoutError, start: isStartError, value: (end: unknown) => end === 3 };
      await cell({ timeout: 100 }, () => undefined, isRight[state.timed], START);
    });

    test(`${kind.name}, ${state.name}: shutdown`, async () => {
      for (const how of shutdowns)
        await cell(
          {},
          (pool) => pool.shutdown(how),
          (end) => end instanceof CancelledError,
        );
      // Without a grace what runs is waited for; what has not begun has its time.
      if (state.timed !== 'timeout') {
        await cell(
          {},
          (pool) => pool.shutdown(),
          (end) => isStartError(end) || end === 3,
          START,
        );
      }
    });

    test(`${kind.name}, ${state.name}: fewer workers`, async () => {
      const fewer = (pool: Pool) => {
        pool.resize({ workers: 2 });
        pool.resize({ workers: 1 });
        return undefined;
      };
      await cell({ deadline: 300 }, fewer, (end) => end instanceof TimeoutError || end === 3);
    });
  }
}

function isStartError(end: unknown): boolean {
  return end instanceof WorkerStartError && /startTimeout/.test(end.message) && !(end instanceof WorkerLostError);
}
