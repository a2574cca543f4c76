import { flag, mustBeFunction, onAbort, readOptions, signal as signalCheck, type Unwrapped } from '../core/index.js';
import type { Future } from '../futures/index.js';
import { cancelled } from './cancelled.js';
import { currentScope } from './current.js';
import { type DeadlockWatch, watchForDeadlock } from './deadlock.js';
import { DeadlockError, NestedRunError } from './errors.js';
import type { Scope } from './scope.js';
import { onSigint } from './sigint.js';
import { TaskScope } from './task.js';

/** What may end a `run` from outside. */
export interface RunOptions {
  /** Cancels everything when it aborts. */
  signal?: AbortSignal;
  /** Whether the first Ctrl-C cancels everything and waits for its clean-up; the second one ends the process as usual. Default: true in the main thread. */
  handleSigint?: boolean;
}

const table = { signal: signalCheck, handleSigint: flag };

/** Asked for when it is needed: the door of this room loads nothing of worker threads. */
const isMainThread = (): boolean => process.getBuiltinModule('node:worker_threads').isMainThread;

class Run extends TaskScope {
  #watch: DeadlockWatch | undefined = undefined;
  #releases: (() => void)[] = [];
  #interrupted = false;
  #deadlock: DeadlockError | undefined = undefined;

  listen({ signal, handleSigint = isMainThread() }: RunOptions): void {
    if (signal?.aborted) this.cancel(signal.reason);
    else if (signal) this.#releases.push(onAbort(signal, () => this.cancel(signal.reason)));
    if (handleSigint) {
      const interrupt = () => {
        this.#interrupted = true;
        this.cancel('SIGINT');
      };
      this.#releases.push(onSigint(interrupt));
    }
    this.#watch = watchForDeadlock((tree) => this.#starve(tree));
  }

  /** Called when nothing is left in the process that could wake this. */
  #starve(tree: string): void {
    if (this.#deadlock !== undefined) {
      // Its clean-up waits for nothing too.
      this.finish('rejected', this.#deadlock);
      return;
    }
    const deadlock = new DeadlockError(
      `Nothing can ever wake these tasks: the process has no timer, no IO and no other work left.\n${tree}`,
    );
    this.#deadlock = deadlock;
    this.cancelBecause(() => cancelled('deadlock', deadlock));
  }

  override border(ok: boolean, value: unknown): void {
    if (!ok && this.#deadlock !== undefined && this.isOwn(value)) this.finish('rejected', this.#deadlock);
    else super.border(ok, value);
  }

  override finish(state: 'fulfilled' | 'rejected' | 'cancelled', value: unknown): void {
    super.finish(state, value, false);
    this.#watch?.end();
    for (const release of this.#releases.splice(0)) release();
    // As shells expect of a program that ended by Ctrl-C; an uncaught error still makes it 1.
    if (this.#interrupted && state === 'cancelled') process.exitCode ??= 130;
  }
}

/**
 * Runs the main task of a program: the root of the tree. It begins at once and ends after everything inside it.
 *
 * Cancelling: `future.cancel()`, `signal` or Ctrl-C cancel the whole tree and wait for its clean-up; the future is then `cancelled`.
 *
 * @throws {DeadlockError} code `MEANTIME_DEADLOCK`, when all wait for each other and nothing in the process can wake them; its message has the tree of tasks.
 * @throws {NestedRunError} code `MEANTIME_NESTED_RUN`, inside of another `run`.
 *
 * @example
 * ```ts run
 * import { run, sleep } from 'meantime/tasks';
 *
 * await run(async () => {
 *   await sleep(1);
 *   return 'done';
 * }); // => 'done'
 * ```
 */
export function run<R>(main: () => R, options?: RunOptions): Future<Unwrapped<R>> {
  mustBeFunction('run', main);
  const checked = readOptions('run', options, table);
  for (let at: Scope | undefined = currentScope(); at !== undefined; at = at.outer) {
    if (at instanceof Run && !at.settled) {
      throw new NestedRunError(
        `run was called inside of run, in ${at.title}: there is a runtime already. Await the function itself, or use withTaskGroup`,
      );
    }
  }
  const root = new Run(undefined, main, [], run);
  root.listen(checked);
  root.resume();
  return root as unknown as Future<Unwrapped<R>>;
}
