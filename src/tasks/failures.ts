import { CancelledError, listenHere, mustBeFunction } from '../core/index.js';
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

/** Is told of an error that nobody can be thrown any more, and of where its work began if that is known. */
export type LateErrorHook = (error: unknown, spawnedAt: string | undefined) => unknown;

let hook: LateErrorHook = (error, spawnedAt) => {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  process.emitWarning(`A failure came too late to be thrown: ${text}${spawnedAt ? `\n    --- spawned at ---\n${spawnedAt}` : ''}`, {
    type: 'LateError',
    code: 'MEANTIME_LATE_ERROR',
  });
};

/**
 * Replaces what becomes of failures that come too late to be thrown to anybody: of a task that was abandoned after its group's `grace`, of a loser of `race`. By
 * default a process warning with both stacks. `fn` is called in the async context of this call; what it throws is an
 * uncaught exception.
 *
 * @returns A function that brings the former hook back.
 *
 * @example
 * ```ts run
 * import { onLateError, race } from 'meantime/tasks';
 *
 * const late: unknown[] = [];
 * const restore = onLateError((error) => late.push(String(error)));
 * await race([
 *   async () => 'winner',
 *   async () => {
 *     throw new Error('loser');
 *   },
 * ]);
 * late; // => ['Error: loser']
 * restore();
 * ```
 */
export function onLateError(fn: LateErrorHook): () => void {
  mustBeFunction('onLateError', fn);
  const former = hook;
  hook = listenHere(fn);
  return () => {
    hook = former;
  };
}

export function tellLate(error: unknown, spawnedAt?: string): void {
  if (error instanceof CancelledError) return;
  hook(error, spawnedAt);
}
