import { mkdirSync, openSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Lots, lotsOf } from './mutate.js';

/*
 * A campaign: so many mutations against one thing, each from lots of its own. One that fails says
 * how it is made again alone:
 *
 *   MEANTIME_FUZZ_SEED=… MEANTIME_FUZZ_INDEX=… npm test -- fuzz/NAME
 *
 * An abort of the whole process cannot say so: the campaign and the number that was tried last are
 * in build/fuzz-last then.
 */

export const SEED = Number(process.env.MEANTIME_FUZZ_SEED ?? (Math.random() * 2 ** 31) | 0);
const only = process.env.MEANTIME_FUZZ_INDEX === undefined ? undefined : Number(process.env.MEANTIME_FUZZ_INDEX);
/** For longer runs by hand. */
const TIMES = Number(process.env.MEANTIME_FUZZ_TIMES ?? 1);

/**
 * The most time of a core that one may take, in ms: a sparse list, or a claimed length, that is gone
 * through shows here. Pauses, and what other programs take, do not count.
 */
const LONGEST = 2000;

/**
 * The most memory that a campaign may leave in use, in bytes: code that was compiled, and caches.
 */
const LEFT = 16 * 2 ** 20;
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

async function inUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

mkdirSync('build', { recursive: true });
const last = openSync('build/fuzz-last', 'w');

/** Errors by which what is wrong with a message is told. */
export const isTold = (error: unknown): boolean =>
  ['MEANTIME_WIRE', 'MEANTIME_TOO_LARGE'].includes((error as { code?: string })?.code ?? '');

/** Runs what may refuse its message, and in no other way. */
export function refusesAtMost(fn: () => unknown): unknown {
  try {
    return fn();
  } catch (error) {
    if (isTold(error)) return undefined;
    throw error;
  }
}

export interface Campaign {
  name: string;
  count: number;
  /** How many mutations one of these has. Default 1. */
  each?: number;
  one(lots: Lots, index: number): unknown;
  /** The check once all is over. */
  after?(): unknown;
  /** Lets go of what it used. */
  end?(): unknown;
}

export function campaign({ name, count, each = 1, one, after, end }: Campaign): void {
  test(`${name}: ${count * each * TIMES} mutations`, { timeout: 240_000 }, async (t) => {
    const uncaught: unknown[] = [];
    const note = (error: unknown) => void uncaught.push(error);
    process.on('uncaughtException', note);
    const again = (index: number) => `MEANTIME_FUZZ_SEED=${SEED} MEANTIME_FUZZ_INDEX=${index} npm test -- fuzz/`;
    t.diagnostic(`seed ${SEED}`);
    const began = performance.now();
    const before = await inUse();
    try {
      for (let index = only ?? 0; index < (only === undefined ? count * TIMES : only + 1); index++) {
        writeSync(last, `${name} ${SEED} ${index}        \n`, 0);
        const at = process.cpuUsage();
        try {
          const made = one(lotsOf(SEED, index), index);
          if (made instanceof Promise) await made;
          else if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
        } catch (error) {
          throw new Error(`${name}, mutation ${index}: ${again(index)}\n${(error as Error)?.stack}`, { cause: error });
        }
        const { user } = process.cpuUsage(at);
        if (user > LONGEST * 1000) throw new Error(`${name}, mutation ${index} took ${Math.round(user / 1000)} ms: ${again(index)}`);
        if (uncaught.length > 0)
          throw new Error(`${name}, at or before mutation ${index}: ${again(index)}\n${(uncaught[0] as Error)?.stack}`, {
            cause: uncaught[0],
          });
      }
      await after?.();
      await new Promise((resolve) => setImmediate(resolve));
      if (uncaught.length > 0) throw new Error(`${name}: uncaught`, { cause: uncaught[0] });
      const left = (await inUse()) - before;
      t.diagnostic(`${(left / 2 ** 20).toFixed(1)} MB left`);
      if (left > LEFT) throw new Error(`${name}: ${left} bytes more are in use than before`);
    } finally {
      await end?.();
      process.off('uncaughtException', note);
      t.diagnostic(`${Math.round(performance.now() - began)} ms`);
    }
  });
}

/** A module of the source, built one by one: what is inside of the package has no door. */
// biome-ignore lint/suspicious/noExplicitAny: its declarations are not part of the tests' project
export const inside = (path: string): Promise<any> => import(new URL(`../../src/${path}`, import.meta.url).href);
