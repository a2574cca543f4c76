import { listenHere } from './callback.js';
import { CancelledError } from './errors.js';
import { mustBeFunction } from './must-be-function.js';
import { warningOf } from './warning-of.js';

/**
 * Is told of an error that nobody can be thrown any more, and of where its work began if that is
 * known.
 */
export type LateErrorHook = (error: unknown, spawnedAt: string | undefined) => unknown;

let hook: LateErrorHook = (error, spawnedAt) => {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const where = spawnedAt ? `\n    --- spawned at ---\n${spawnedAt}` : '';
  process.emitWarning(warningOf('LateError', 'MEANTIME_LATE_ERROR', `A failure came too late to be thrown: ${text}${where}`, error));
};

/**
 * Replaces what becomes of failures that come too late to be thrown to anybody: of a task that was
 * abandoned after its group's `grace`, of a loser of `race`, of a worker that died while it ran no
 * call that could be told. By default a process warning with both stacks; its `cause` is the error.
 * `fn` is called in the async context of this call; what it throws is an uncaught exception.
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
