import { finite, func, type OptionTable, random, record, text } from '../core/index.js';
import type { CheckedPromise } from './check-executor.js';
import { virtually } from './virtually.js';

/** One promise: a column of the table. */
export interface SuitePromise<Ability extends string, B> {
  readonly name: string;
  /** What it needs to mean anything. */
  readonly needs: readonly Ability[];
  /** Then the seed is in the name of its test. */
  readonly drawsLots?: boolean;
  check(rig: B): Promise<void>;
}

/** What a suite leaves to whoever calls it. */
export interface SuiteOptions<Ability extends string> {
  /** In the names of the tests. Default: the name of the class of what is made. */
  readonly name?: string;
  /** What it cannot do by its nature, and why: the promises that need it are not checked, and the reason is printed. */
  readonly cannot?: Readonly<Partial<Record<Ability, string>>>;
  /** For the lots that are drawn; it is in the names of those tests. Default: another one each time. */
  readonly seed?: number;
  /** Registers a test with a runner. Default: `test` of `node:test`. */
  readonly test?: (name: string, check: () => Promise<void>) => unknown;
  /** Tells a runner of a promise that is not checked. Default: a skipped test of `node:test`. */
  readonly skip?: (name: string, reason: string) => unknown;
}

/** The checks of these options. */
export const suiteTable: OptionTable = { name: text, cannot: record, seed: finite, test: func, skip: func };

/** Registers every promise as a test, or says why it is not checked. */
export function registerSuite<Ability extends string, B>(
  name: string,
  promises: readonly SuitePromise<Ability, B>[],
  options: SuiteOptions<Ability>,
  make: (seed: number) => B,
): readonly CheckedPromise[] {
  const { seed = Math.floor(random() * 2 ** 31) } = options;
  const { test } = process.getBuiltinModule('node:test');
  const register = options.test ?? ((title, check) => void test(title, check));
  const skip = options.skip ?? ((title, reason) => void test(title, { skip: reason }));
  return promises.map((promise) => {
    const exempt = promise.needs.map((need) => options.cannot?.[need]).find((reason) => reason !== undefined);
    const title = `${name}: ${promise.name}${promise.drawsLots ? ` (seed ${seed})` : ''}`;
    if (exempt === undefined) register(title, () => virtually(() => promise.check(make(seed))));
    else skip(title, exempt);
    return { promise: promise.name, exempt };
  });
}
