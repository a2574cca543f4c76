import { OptionError, tellLate, type Unwrapped } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { cancelled } from '../cancelled.js';
import { currentScope } from '../current.js';
import { debug } from '../debug.js';
import { addFailure } from '../failures.js';
import { Group } from '../group.js';
import type { TaskScope } from '../task.js';
import { functions } from './functions.js';
import { type Combination, type End, Part } from './part.js';

class Race extends Group implements Combination {
  readonly #count: number;
  #first: { readonly ok: boolean; readonly value: unknown } | undefined;

  constructor(fns: (() => unknown)[]) {
    super(currentScope());
    this.#count = fns.length;
    this.start();
    const spawnedAt = debug.on ? debug.stack(race) : undefined;
    for (const [index, fn] of fns.entries()) new Part(this, fn, index, spawnedAt);
    this.bodyEnded(true, undefined);
  }

  override get title(): string {
    return `race of ${this.#count}`;
  }

  partEnded(part: Part, end: End, value: unknown): void {
    if (end === 'fulfilled') this.#first ??= { ok: true, value };
    else if (end === 'cancelled' && this.error === undefined) this.taskFailed(part, value); // cancelled alone
  }

  override taskFailed(task: TaskScope, error: unknown): void {
    if (this.#first === undefined) this.#first = { ok: false, value: error };
    else if (this.#first.ok) tellLate(error, task.spawnedAt);
    else addFailure(this.#first.value, error);
  }

  partLeft(): void {
    // Only now: the winner's signal must not abort, somebody may still read the body of a response with it.
    if (this.#first !== undefined) this.cancelBecause(() => cancelled('another function of the race was first', undefined));
  }

  override border(): void {
    if (this.#first === undefined) this.finish('cancelled', this.error);
    else this.finish(this.#first.ok ? 'fulfilled' : 'rejected', this.#first.value);
  }
}

/**
 * Runs functions side by side, each as a task. The first that ends decides, with its value or its failure; the others are cancelled, and it waits for their end. What a loser returns in
 * spite of that is dropped; what it throws goes to the hook of `onLateError`, or to `failuresOf(error)` if the first has failed too.
 *
 * Cancelling: cancels all of them and waits for their end.
 *
 * @throws {NotCallableError} code `MEANTIME_NOT_CALLABLE`, if one was called instead of passed; then none is started.
 * @throws {OptionError} for an empty list: nobody could win.
 *
 * @example
 * ```ts run
 * import { race, sleep } from 'meantime/tasks';
 *
 * const seen: string[] = [];
 * await race([
 *   async () => {
 *     await sleep(1);
 *     return 'quick';
 *   },
 *   async () => {
 *     try {
 *       await sleep(10_000);
 *     } finally {
 *       seen.push('the slow one has cleaned up');
 *     }
 *   },
 * ]); // => 'quick'
 * seen; // => ['the slow one has cleaned up']
 * ```
 */
export function race<const F extends readonly (() => unknown)[]>(fns: F): Future<Unwrapped<ReturnType<F[number]>>>;
export function race<R>(fns: Iterable<() => R>): Future<Unwrapped<R>>;
export function race(fns: Iterable<() => unknown>): Future<unknown> {
  const list = functions('race', fns);
  if (list.length === 0) throw new OptionError('race expects at least one function, got an empty list: nobody could ever win');
  return new Race(list) as unknown as Future<unknown>;
}
