import { bare, contextHere, type KeptContext, limit, oneOf, readOptions, type Unwrapped } from '../../core/index.js';
import type { Future } from '../../futures/index.js';
import { currentScope } from '../current.js';
import { debug } from '../debug.js';
import { Group } from '../group.js';
import type { Scope } from '../scope.js';
import type { TaskScope } from '../task.js';
import { functions } from './functions.js';
import { type Combination, type End, Part } from './part.js';

/** How many functions of a `gather` are in progress at a time, and what a failure does. */
export interface GatherOptions {
  /** Default: all of them. The next one begins when one has ended, everything inside it included. */
  concurrency?: number;
  /** `cancel` (default): the first failure cancels the others and is thrown. `collect`: the others go on, and an AggregateError has all failures. */
  onFailure?: 'cancel' | 'collect';
}

/** The results of functions, in their order. */
export type Gathered<F extends readonly (() => unknown)[]> = {
  -readonly [K in keyof F]: F[K] extends () => infer R ? Unwrapped<R> : never;
};

const table = { concurrency: limit, onFailure: oneOf('cancel', 'collect') };

class Gather extends Group implements Combination {
  readonly #fns: ((() => unknown) | undefined)[];
  readonly #results: unknown[];
  /** How many have no result yet. */
  #missing: number;
  #next = 0;
  #failed = false;
  /** What starts later starts in the async context of the call, not in that of whoever made room. */
  #context: KeptContext | undefined;
  readonly #spawnedAt = debug.on ? debug.stack(gather) : undefined;

  constructor(fns: (() => unknown)[], { concurrency = fns.length, onFailure }: GatherOptions) {
    super(currentScope(), bare({ onFailure }));
    this.#fns = fns;
    this.#results = new Array(fns.length);
    this.#missing = fns.length;
    if (concurrency < fns.length) this.#context = contextHere();
    this.start();
    while (this.#next < fns.length && this.#next < concurrency) this.#startNext();
    this.bodyEnded(true, this.#results);
  }

  override get title(): string {
    return `gather of ${this.#fns.length}`;
  }

  #startNext(): void {
    const index = this.#next++;
    const fn = this.#fns[index] as () => unknown;
    this.#fns[index] = undefined; // what it holds is let go when it has ended, not when all have
    new Part(this, fn, index, this.#spawnedAt);
  }

  partEnded(part: Part, end: End, value: unknown): void {
    if (end === 'fulfilled') {
      this.#results[part.index] = value;
      this.#missing--;
    } else if (end === 'cancelled' && this.error === undefined) this.taskFailed(part, value); // cancelled alone: its result will be missing
  }

  partLeft(): void {}

  override taskFailed(task: TaskScope, error: unknown): void {
    this.#failed = true;
    super.taskFailed(task, error);
  }

  override childEnded(child: Scope): void {
    // Before it leaves: with nothing inside this would end.
    if (child instanceof Part && this.#next < this.#fns.length && this.error === undefined) {
      this.#context?.runInAsyncScope(this.#startNext, this);
    }
    super.childEnded(child);
  }

  override border(): void {
    if (this.#failed || this.#missing === 0) super.border(true, this.#results);
    else this.finish('cancelled', this.error);
  }
}

/**
 * Runs functions side by side, each as a task, and gives their results in the order of the functions. Structured: when it ends, all of them have ended. The first failure cancels the
 * others, waits for them and is thrown as itself; `failuresOf(error)` has the others.
 *
 * Cancelling: cancels all of them and waits for their end; what has not begun never does.
 *
 * @param fns Functions without parameters: async functions, generator functions or plain ones. An empty list gives an empty list.
 * @throws {NotCallableError} code `MEANTIME_NOT_CALLABLE`, if one was called instead of passed; then none is started.
 * @throws {AggregateError} with `onFailure: 'collect'`, of all failures in the order in which they happened.
 *
 * @example
 * ```ts run
 * import { gather, sleep } from 'meantime/tasks';
 *
 * await gather([
 *   async () => 1,
 *   function* () {
 *     yield* sleep(1);
 *     return 'two';
 *   },
 * ]); // => [1, 'two']
 * ```
 * @example At most two at a time
 * ```ts run
 * import { gather, sleep } from 'meantime/tasks';
 *
 * let [running, most] = [0, 0];
 * const page = async (n: number) => {
 *   most = Math.max(most, ++running);
 *   await sleep(1);
 *   running--;
 *   return n * n;
 * };
 * await gather([1, 2, 3, 4].map((n) => () => page(n)), { concurrency: 2 }); // => [1, 4, 9, 16]
 * most; // => 2
 * ```
 */
export function gather<const F extends readonly (() => unknown)[]>(fns: F, options?: GatherOptions): Future<Gathered<F>>;
export function gather<R>(fns: Iterable<() => R>, options?: GatherOptions): Future<Unwrapped<R>[]>;
export function gather(fns: Iterable<() => unknown>, options?: GatherOptions): Future<unknown[]> {
  const list = functions('gather', fns);
  return new Gather(list, readOptions('gather', options, table)) as unknown as Future<unknown[]>;
}
