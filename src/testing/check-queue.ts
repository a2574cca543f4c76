import { mustBeFunction, oneOf, readOptions } from '../core/index.js';
import type { CheckedPromise } from './check-executor.js';
import { cancelling } from './queue-promises/cancelling.js';
import { closing } from './queue-promises/closing.js';
import { crowds } from './queue-promises/crowds.js';
import { items } from './queue-promises/items.js';
import { type QueueAbility, type QueueOrder, type QueuePromise, QueueRig, type QueueUnderTest } from './queue-rig.js';
import { registerSuite, type SuiteOptions, suiteTable } from './suite.js';

/** What the suite has to know of a queue. */
export interface QueueCheckOptions extends SuiteOptions<QueueAbility> {
  /** Which item leaves first. Default `fifo`. */
  readonly order?: QueueOrder;
}

const table = { ...suiteTable, order: oneOf('fifo', 'lifo', 'smallest') };

const all: readonly QueuePromise[] = [...items, ...cancelling, ...closing, ...crowds];

/** Which methods an ability needs. */
const methods: [QueueAbility, readonly (keyof QueueUnderTest)[]][] = [
  ['trying', ['tryPut', 'tryGet']],
  ['closing', ['close']],
  ['iterating', [Symbol.asyncIterator]],
  ['joining', ['taskDone', 'join']],
];

/**
 * Holds a queue to every promise that queues make, each as a test of its own: every item once and in its order, never more inside than it holds, those who wait served
 * in turn with nobody in between, nothing lost to a cancellation or a time limit, and a clean end. Meantime's own queues are held to it; yours can be.
 *
 * The checks run on a virtual clock, one after another: the queue must not wait for anything real. They are registered at once and run when the runner runs them.
 *
 * @param make Makes an empty queue of numbers that holds at most `capacity` of them.
 * @returns The promises in order, each with the reason if it is not checked.
 * @throws {NotCallableError} if `make` is not a function; {OptionError} for an unknown option.
 *
 * @example
 * ```ts run
 * import { Queue } from 'meantime/tasks';
 * import { checkQueue } from 'meantime/testing';
 *
 * const checks = new Map<string, () => Promise<void>>();
 * const row = checkQueue((capacity) => new Queue(capacity), {
 *   test: (name, check) => checks.set(name, check), // or leave it to node:test
 * });
 * row.every((each) => each.exempt === undefined); // => true
 * await checks.get('Queue: what is put leaves in its order')?.(); // => undefined
 * ```
 */
export function checkQueue(make: (capacity: number) => QueueUnderTest, options: QueueCheckOptions = {}): readonly CheckedPromise[] {
  mustBeFunction('checkQueue', make);
  const { order = 'fifo', cannot, ...rest } = readOptions('checkQueue', options, table);
  const one = make(1);
  const lacking: Partial<Record<QueueAbility, string>> = {};
  for (const [ability, needed] of methods) {
    const missing = needed.find((method) => one[method] === undefined);
    if (missing !== undefined) lacking[ability] = `it has no ${String(missing)}`;
  }
  const name = rest.name ?? one.constructor.name;
  return registerSuite(name, all, { ...rest, cannot: { ...lacking, ...cannot } }, (seed) => new QueueRig(make, order, seed));
}
