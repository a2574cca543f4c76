import { tellLate } from '../core/index.js';
import { asked, carried } from './debug/unseen-failures.js';
import { debug } from './debug.js';

const lists = new WeakMap<object, unknown[]>();

/**
 * All failures behind the one error that a group has thrown, in the order in which they happened, the thrown one first. Also those of groups inside it.
 *
 * @returns `[error]` for an error that came alone.
 *
 * @example
 * ```ts run
 * import { failuresOf, withTaskGroup } from 'meantime/tasks';
 *
 * const failed = withTaskGroup(async (group) => {
 *   for (const name of ['a', 'b']) {
 *     group.spawn(async () => {
 *       throw new Error(name);
 *     });
 *   }
 * });
 * await failed.catch((error) => failuresOf(error).map(String)); // => ['Error: a', 'Error: b']
 * ```
 */
export function failuresOf(error: unknown): unknown[] {
  if (debug.on) asked(error);
  return [...((isObject(error) && lists.get(error)) || [error])];
}

/** Says that `thrown` stands for `other` too. An error that cannot carry others, such as a thrown string, has them told as late. */
export function addFailure(thrown: unknown, other: unknown): void {
  if (thrown === other) return;
  if (!isObject(thrown)) {
    tellLate(other);
    return;
  }
  const list = lists.get(thrown) ?? [thrown];
  for (const each of failuresOf(other)) if (!list.includes(each)) list.push(each);
  lists.set(thrown, list);
  if (debug.on) carried(thrown, list.slice(1));
}

const isObject = (value: unknown): value is object => (typeof value === 'object' && value !== null) || typeof value === 'function';
