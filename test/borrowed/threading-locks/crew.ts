import { after } from 'node:test';
import type { Executor, Future } from 'meantime/futures';
import { ProcessPoolExecutor } from 'meantime/processes';
import { ThreadPoolExecutor } from 'meantime/threads';
import { linesOf } from '../../fixtures/calls/calls.js';
import { file, until } from '../../fixtures/calls/pools.js';
import { type Part, tryTake, type Way } from './far.js';

export type Where = 'threads' | 'processes';

/** How many take part. */
export const N = 5;

const pools = new Map<Where, Executor>();

/** Five real threads or processes, for all tests of a file. */
export function pool(where: Where): Executor {
  let made = pools.get(where);
  if (made === undefined) {
    made = where === 'threads' ? new ThreadPoolExecutor({ workers: N }) : new ProcessPoolExecutor({ workers: N });
    pools.set(where, made);
  }
  return made;
}

after(() => Promise.all([...pools.values()].map((one) => one.shutdown({ grace: 0 }))));

/** A kind of thing, where it is used from and how it is waited for. */
export interface Subject<T extends object = object> {
  readonly name: string;
  readonly where: Where;
  readonly way: Way;
  make(...args: number[]): T;
}

/** `threads` in both ways, `processes` in the one that there is. */
export function subjects<T extends object>(kinds: readonly [where: Where, name: string, make: (...args: never[]) => T][]): Subject<T>[] {
  return kinds.flatMap(([where, name, make]) => {
    const ways: readonly Way[] = where === 'threads' ? ['awaiting', 'blocking'] : ['awaiting'];
    return ways.map((way) => ({ name: `${name}, ${way}`, where, way, make: make as Subject<T>['make'] }));
  });
}

/** Several that do the same, and what they have noted. */
export class Bunch<R> {
  readonly log = file();
  readonly #futures: Future<unknown>[];

  constructor(
    { where, way }: Subject,
    on: object,
    fn: (part: Part, ...more: never[]) => R | Promise<R>,
    { n = N, more = [] as unknown[] } = {},
  ) {
    this.#futures = Array.from({ length: n }, (_, i) =>
      pool(where).submit(fn as (...args: unknown[]) => unknown, { on, way, log: this.log, name: `${i}` } satisfies Part, ...more),
    );
    for (const future of this.#futures) future.catch(() => undefined); // looked at by all()
  }

  /** How many lines begin so. */
  count(word: string): number {
    return linesOf(this.log).filter((line) => line.startsWith(word)).length;
  }

  /** Until so many lines begin so. */
  async lines(word: string, n: number): Promise<void> {
    let failed: unknown;
    for (const future of this.#futures) future.catch((error) => (failed = { error }));
    await until(`${n} lines begin with ${word}`, () => failed !== undefined || this.count(word) >= n, 30_000);
    if (failed !== undefined) throw (failed as { error: unknown }).error;
  }

  all(): Promise<R[]> {
    return Promise.all(this.#futures) as Promise<R[]>;
  }
}

/** Where it can be seen: until so many wait. Elsewhere they have noted that they do after having asked. */
export async function waitUntilAllWait(on: object, n: number): Promise<void> {
  const { waiting } = on as { waiting?: unknown };
  if (typeof waiting === 'number') await until(`${n} wait`, () => (on as { waiting: number }).waiting >= n);
}

/** Whether it is free: it is taken and given back. */
export async function isFree(lock: object): Promise<boolean> {
  const guard = await tryTake(lock);
  guard?.release();
  return guard !== undefined;
}
