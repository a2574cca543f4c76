import { bare, milliseconds, mustBeFunction, oneOf, readOptions, tellLate, text, type Unwrapped } from '../core/index.js';
import type { Future } from '../futures/index.js';
import { isPassing } from './border.js';
import { cancelled } from './cancelled.js';
import { currentScope } from './current.js';
import { GroupClosedError } from './errors.js';
import { addFailure } from './failures.js';
import { Scope } from './scope.js';
import { type Task, TaskScope } from './task.js';

/** The tasks of one block. */
export interface TaskGroup {
  /**
   * Starts a task in the next turn, after those that were spawned before it. Also a task of the group may do that, until the group has ended.
   *
   * @throws {NotCallableError} if `fn` is not a function, most often because it was called.
   * @throws {GroupClosedError} if the group has ended.
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Task<Unwrapped<R>>;
  /**
   * Cancels the body and every task. The group itself ends quietly.
   *
   * @returns `false` if it had ended already.
   */
  cancel(reason?: unknown): boolean;
  /** Whether it was cancelled, by itself, by a failure or from outside. */
  readonly cancelled: boolean;
  /** Those that have not ended, in the order in which they were spawned. */
  readonly tasks: Task<unknown>[];
}

/** How a group takes failures, and how long it waits for those who do not listen (ms). */
export interface GroupOptions {
  /** `cancel` (default): the first failure cancels the others and is thrown, as itself. `collect`: the others go on, and an AggregateError has all failures. */
  onFailure?: 'cancel' | 'collect';
  /** How long after its cancellation the group waits for its tasks; then it gives them up with a `TaskAbandonedError`. Default: as long as it takes. */
  grace?: number;
  /** For people, in `formatTasks()`. */
  name?: string;
}

const table = { onFailure: oneOf('cancel', 'collect'), grace: milliseconds, name: text };

export class Group extends Scope implements TaskGroup {
  readonly #options: GroupOptions;
  readonly #failures: unknown[] = [];
  #cutOff = false;

  constructor(outer: Scope | undefined, options: GroupOptions = bare({})) {
    super(outer);
    this.#options = options;
  }

  override get title(): string {
    return this.#options.name === undefined ? 'a task group' : `group ${this.#options.name}`;
  }

  override get grace(): number | undefined {
    return this.#options.grace;
  }

  get tasks(): Task<unknown>[] {
    const all: Task<unknown>[] = [];
    for (let at = this.first; at !== undefined; at = at.right) if (at instanceof TaskScope) all.push(at as Task<unknown>);
    return all;
  }

  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Task<Unwrapped<R>> {
    mustBeFunction('spawn', fn);
    if (this.settled)
      throw new GroupClosedError(
        `${fn.name || 'A function'} was to be spawned in ${this.title}, which has ended. Expected a group that is still open`,
      );
    return new TaskScope(this, fn, args, this.spawn).spawn() as unknown as Task<Unwrapped<R>>;
  }

  taskFailed(task: TaskScope, error: unknown): void {
    if (this.settled) {
      tellLate(error, task.spawnedAt); // the group has been given up
      return;
    }
    this.#failures.push(error);
    if (this.#options.onFailure !== 'collect') this.cancelBecause(() => cancelled(`${task.title} has failed`, error));
  }

  /** A task ended by a cancellation. If that came from outside the group, the group's work is not whole, and it must not end as if it were. */
  taskCancelled(error: unknown, own: boolean): void {
    if (!own && !this.isOwn(error)) this.#cutOff = true;
  }

  override bodyFailed(error: unknown): void {
    if (isPassing(error, this)) {
      // A body that was cancelled alone, from outside or by `cancel`: its tasks have been told already.
      return;
    }
    this.#failures.push(error);
    if (this.#options.onFailure !== 'collect') this.cancelBecause(() => cancelled(`the body of ${this.title} has failed`, error));
  }

  override deferFailed(error: unknown): void {
    if (this.settled) tellLate(error);
    else this.#failures.push(error);
  }

  override abandoned(error: Error): void {
    for (const failure of this.#failures) addFailure(error, failure);
  }

  override border(ok: boolean, value: unknown): void {
    const failures = this.#failures;
    if (failures.length > 0) {
      if (this.#options.onFailure === 'collect')
        this.finish('rejected', new AggregateError(failures, `${failures.length} of the tasks of ${this.title} have failed`));
      else {
        for (const other of failures) addFailure(failures[0], other);
        this.finish('rejected', failures[0]);
      }
    } else if (ok && this.#cutOff) this.finish('cancelled', this.error);
    else if (!ok && this.isOwn(value)) this.finish('fulfilled', undefined);
    else super.border(ok, value);
  }
}

/**
 * A block for tasks: whatever is spawned in it has ended when the block has, whatever the way out. The first failure cancels everything else in the block and is thrown, as itself,
 * once all has ended; `failuresOf(error)` lists the others.
 *
 * Cancelling: cancels the body and all tasks, and waits for their end. `group.cancel()` does so from inside, and then the block ends quietly: with the value of its body, or with
 * `undefined` if the body was cut off.
 *
 * @param fn The body; its value is the block's.
 * @throws the first failure; or {TaskAbandonedError} code `MEANTIME_TASK_ABANDONED`, after `grace`.
 *
 * @example
 * ```ts run
 * import { sleep, withTaskGroup } from 'meantime/tasks';
 *
 * const done: string[] = [];
 * await withTaskGroup(async (group) => {
 *   for (const [name, ms] of [['slow', 2], ['quick', 1]] as const) {
 *     group.spawn(async () => {
 *       await sleep(ms);
 *       done.push(name);
 *     });
 *   }
 * });
 * done; // => ['quick', 'slow']
 * ```
 */
export function withTaskGroup<R>(fn: (group: TaskGroup) => R, options?: GroupOptions): Future<Unwrapped<R>> {
  mustBeFunction('withTaskGroup', fn);
  const group = new Group(currentScope(), readOptions('withTaskGroup', options, table));
  group.begin(fn, [group]);
  return group as unknown as Future<Unwrapped<R>>;
}
