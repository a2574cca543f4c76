import { mustBeFunction, readOptions, whole } from '../core/index.js';
import type { CheckedPromise } from './check-executor.js';
import { blocks } from './lock-promises/blocks.js';
import { cancelling } from './lock-promises/cancelling.js';
import { crowds } from './lock-promises/crowds.js';
import { holding } from './lock-promises/holding.js';
import { order } from './lock-promises/order.js';
import { type LockAbility, type LockPromise, LockRig, type LockUnderTest } from './lock-rig.js';
import { registerSuite, type SuiteOptions, suiteTable } from './suite.js';

/** What the suite has to know of a lock. */
export interface LockCheckOptions extends SuiteOptions<LockAbility> {
  /** How many may hold it at a time. Default 1. */
  readonly permits?: number;
}

const table = { ...suiteTable, permits: whole(1, 1000) };

const all: readonly LockPromise[] = [...holding, ...order, ...cancelling, ...blocks, ...crowds];

/**
 * Holds a lock to every promise that locks make, each as a test of its own: never more holders than allowed, first in, first out, nobody in between a release and the next
 * one's turn, and no wake-up lost to a cancellation or a time limit. Meantime's own locks are held to it; yours can be.
 *
 * The checks run on a virtual clock, one after another: the lock must not wait for anything real. They are registered at once and run when the runner runs them.
 *
 * @param make Makes a fresh lock that nobody holds.
 * @returns The promises in order, each with the reason if it is not checked.
 * @throws {NotCallableError} if `make` is not a function; {OptionError} for an unknown option.
 *
 * @example A lock from elsewhere, which knows no cancellation
 * ```ts run
 * import { checkLock } from 'meantime/testing';
 *
 * class Mutex {
 *   #last: Promise<void> = Promise.resolve();
 *   async lock(): Promise<() => void> {
 *     const before = this.#last;
 *     let unlock = () => {};
 *     this.#last = new Promise((resolve) => (unlock = resolve));
 *     await before;
 *     return unlock;
 *   }
 * }
 * const cannot = 'it is of promises only';
 * const checks = new Map<string, () => Promise<void>>();
 * const row = checkLock(
 *   () => {
 *     const mutex = new Mutex();
 *     return { acquire: async () => ({ release: await mutex.lock() }) };
 *   },
 *   {
 *     name: 'Mutex',
 *     cannot: { cancelling: cannot, generators: cannot, guards: cannot },
 *     test: (name, check) => checks.set(name, check), // or leave it to node:test
 *     skip: () => undefined,
 *   },
 * );
 * row.filter((each) => each.exempt === undefined).length > 5; // => true
 * await checks.get('Mutex: first come, first served')?.(); // => undefined
 * ```
 */
export function checkLock(make: () => LockUnderTest, options: LockCheckOptions = {}): readonly CheckedPromise[] {
  mustBeFunction('checkLock', make);
  const { permits = 1, cannot, ...rest } = readOptions('checkLock', options, table);
  const one = make();
  const lacking: Partial<Record<LockAbility, string>> = {};
  if (one.tryAcquire === undefined) lacking.trying = 'it has no tryAcquire()';
  if (one.with === undefined) lacking.blocks = 'it has no with()';
  const name = rest.name ?? one.constructor.name;
  return registerSuite(name, all, { ...rest, cannot: { ...lacking, ...cannot } }, (seed) => new LockRig(make(), permits, seed));
}
