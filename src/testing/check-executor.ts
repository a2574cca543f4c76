import { clock, mustBeFunction } from '../core/index.js';
import type { AnyFunction, Executor } from '../futures/index.js';
import type { Ability, ExecutorPromise } from './promise.js';
import { cancelling } from './promises/cancelling.js';
import { crossing } from './promises/crossing.js';
import { errors } from './promises/errors.js';
import { limits } from './promises/limits.js';
import { losing } from './promises/losing.js';
import { mapEnds } from './promises/map-ends.js';
import { maps } from './promises/maps.js';
import { programs } from './promises/programs.js';
import { results } from './promises/results.js';
import { shutdowns } from './promises/shutdowns.js';
import { streams } from './promises/streams.js';
import { surroundings } from './promises/surroundings.js';
import { workersLives } from './promises/workers-lives.js';
import { Rig } from './rig.js';

/** The longest that one check may take, in ms. */
const LIMIT = 60_000;

/** What the suite asks of an executor that it has made: the options of a pool. Sizes are bytes, times ms. */
export interface MakeOptions {
  /** The most calls that run side by side are `workers` times `concurrency`. */
  workers?: number;
  /** Default 1. */
  concurrency?: number;
  idleTimeout?: number;
  maxCallsPerWorker?: number;
  memoryLimit?: number;
  initializer?: AnyFunction | readonly [AnyFunction, ...unknown[]];
  grace?: number;
}

/** An executor that is to be held to the promises: a row of the table. */
export interface ExecutorUnderTest {
  /** In the names of the tests. */
  readonly name: string;
  /** Makes a fresh one. The options that it cannot have by its nature are never given: see `cannot`. */
  make(options: MakeOptions): Executor;
  /** What it cannot do by its nature, and why: the promises that need it are not checked, and the reason is printed. */
  readonly cannot?: Readonly<Partial<Record<Ability, string>>>;
  /** Statements of an ES module that define `executor`. Without it the promises about whole programs are not checked. */
  readonly program?: string;
  /** Registers a test with a runner. Default: `test` of `node:test`. */
  readonly test?: (name: string, check: () => Promise<void>) => unknown;
  /** Tells a runner of a promise that is not checked. Default: a skipped test of `node:test`. */
  readonly skip?: (name: string, reason: string) => unknown;
}

/** A promise, and why it is not checked if it is not. */
export interface CheckedPromise {
  readonly promise: string;
  readonly exempt: string | undefined;
}

const all: readonly ExecutorPromise[] = [
  ...results,
  ...errors,
  ...cancelling,
  ...limits,
  ...crossing,
  ...losing,
  ...workersLives,
  ...maps,
  ...mapEnds,
  ...streams,
  ...shutdowns,
  ...surroundings,
  ...programs,
];

/**
 * Holds an executor to every promise that executors make, each as a test of its own: what a call gives back, how errors arrive, how
 * cancelling, time limits and retries work, what becomes of calls whose worker dies, maps, streams and shutdown. Meantime's own executors
 * are held to it; yours can be.
 *
 * The checks run real calls, end real workers and use real time. They are registered at once and run when the runner runs them.
 *
 * @returns The promises in order, each with the reason if it is not checked.
 *
 * @example
 * ```ts run
 * import { TaskExecutor } from 'meantime/tasks';
 * import { checkExecutor } from 'meantime/testing';
 *
 * const here = 'calls run on this thread';
 * const checks = new Map<string, () => Promise<void>>();
 * const row = checkExecutor({
 *   name: 'TaskExecutor',
 *   make: ({ workers = 1, concurrency = 1 }) => new TaskExecutor({ concurrency: workers * concurrency }),
 *   cannot: { workers: here, processes: here, copies: here },
 *   test: (name, check) => checks.set(name, check), // or leave it to node:test
 *   skip: () => undefined,
 * });
 * row.length > 50; // => true
 * await checks.get('TaskExecutor: a call gives what its function returns')?.(); // => undefined
 * ```
 */
export function checkExecutor(kind: ExecutorUnderTest): readonly CheckedPromise[] {
  mustBeFunction('checkExecutor: make', kind.make);
  const { test } = process.getBuiltinModule('node:test');
  const register = kind.test ?? ((name, check) => void test(name, check));
  const skip = kind.skip ?? ((name, reason) => void test(name, { skip: reason }));
  return all.map((promise) => {
    const name = `${kind.name}: ${promise.name}`;
    const exempt = whyNot(kind, promise);
    if (exempt === undefined) register(name, () => runCheck(kind, promise));
    else skip(name, exempt);
    return { promise: promise.name, exempt };
  });
}

function whyNot(kind: ExecutorUnderTest, { needs }: ExecutorPromise): string | undefined {
  for (const ability of needs) {
    const reason = kind.cannot?.[ability];
    if (reason !== undefined) return reason;
    if (ability === 'program' && kind.program === undefined) return 'no program was given that makes such an executor';
  }
  return undefined;
}

async function runCheck(kind: ExecutorUnderTest, promise: ExecutorPromise): Promise<void> {
  const rig = new Rig(kind);
  let stop: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    const timer = clock.after(LIMIT, () => reject(new Error(`the check had not ended after ${LIMIT} ms`)));
    stop = () => timer.cancel();
  });
  try {
    await Promise.race([promise.check(rig), late]);
  } finally {
    stop();
    await rig.clear();
  }
}
