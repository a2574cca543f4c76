import { OptionError, tellLate, type Unwrapped } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { cancelled } from '../cancelled.js';
import { currentScope } from '../current.js';
import { debug } from '../debug.js';
import { Group } from '../group.js';
import type { TaskScope } from '../task.js';
import { functions } from './functions.js';
import { type Combination, type End, Part } from './part.js';

class Any extends Group implements Combination {
  readonly #count: number;
  #first: { readonly value: unknown } | undefined;
  readonly #errors: unknown[];
  #failed = 0;
  /** Failures in spite of, or because of, a cancellation from outside. */
  #inVain: (() => void)[] = [];

  constructor(fns: (() => unknown)[]) {
    super(currentScope());
    this.#count = fns.length;
    this.#errors = new Array(fns.length);
    this.start();
    const spawnedAt = debug.on ? debug.stack(any) : undefined;
    for (const [index, fn] of fns.entries()) new Part(this, fn, index, spawnedAt);
    this.bodyEnded(true, undefined);
  }

  override get title(): string {
    return `any of ${this.#count}`;
  }

  partEnded(part: Part, end: End, value: unknown): void {
    if (end === 'fulfilled') this.#first ??= { value };
    else if (end === 'cancelled' && this.error === undefined) this.taskFailed(part, value); // cancelled alone
  }

  override taskFailed(task: TaskScope, error: unknown): void {
    const late = () => tellLate(error, task.spawnedAt);
    if (this.#first !== undefined || !(task instanceof Part)) {
      late();
      return;
    }
    this.#errors[task.index] = error;
    this.#failed++;
    if (this.error !== undefined) this.#inVain.push(late);
  }

  partLeft(): void {
    if (this.#first !== undefined) this.cancelBecause(() => cancelled('another function of any was first', undefined));
  }

  override border(): void {
    if (this.#first !== undefined) this.finish('fulfilled', this.#first.value);
    else if (this.#failed === this.#count) {
      this.finish('rejected', new AggregateError(this.#errors, `All ${this.#count} functions of any have failed`));
    } else {
      for (const tell of this.#inVain) tell();
      this.finish('cancelled', this.error);
    }
  }
}

/**
 * Runs functions side by side, each as a task, until one of them succeeds; the others are cancelled, and it waits for their end. Failures before the first success are what it is there to get
 * over; what a loser throws after it goes to the hook of `onLateError`.
 *
 * Cancelling: cancels all of them and waits for their end.
 *
 * @throws {AggregateError} if all have failed: their errors in the order of the functions.
 * @throws {NotCallableError} code `MEANTIME_NOT_CALLABLE`, if one was called instead of passed; then none is started.
 * @throws {OptionError} for an empty list: none could succeed.
 *
 * @example
 * ```ts run
 * import { any, sleep } from 'meantime/tasks';
 *
 * const from = async (mirror: string, ms: number) => {
 *   await sleep(ms);
 *   if (mirror === 'broken') throw new Error('503');
 *   return mirror;
 * };
 * await any([() => from('broken', 0), () => from('near', 1), () => from('far', 10_000)]); // => 'near'
 * ```
 */
export function any<const F extends readonly (() => unknown)[]>(fns: F): Future<Unwrapped<ReturnType<F[number]>>>;
export function any<R>(fns: Iterable<() => R>): Future<Unwrapped<R>>;
export function any(fns: Iterable<() => unknown>): Future<unknown> {
  const list = functions('any', fns);
  if (list.length === 0) throw new OptionError('any expects at least one function, got an empty list: none could ever succeed');
  return new Any(list) as unknown as Future<unknown>;
}
