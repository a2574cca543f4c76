import { type Coroutine, random, useClock, VirtualClock } from '../../core/index.js';
import type { CancelScope } from '../block.js';
import { withTaskGroup } from '../group.js';
import { sleep } from '../sleep.js';
import type { Awaitable } from '../wait.js';
import { withTimeout } from '../with-timeout.js';

/*
 * What the tests of this folder share.
 */

/** Runs `fn` in a group of its own, on a clock that waits for nothing. */
export async function inVirtualTime(fn: () => Promise<void> | Coroutine<void>): Promise<void> {
  const restore = useClock(new VirtualClock());
  try {
    await withTaskGroup(fn);
  } finally {
    restore();
  }
}

/** Everything that can happen without anybody's doing has happened. */
export const quiet = (): Awaitable<void> => sleep(1e-3);

/** The seed of this run, or that of the one to repeat. */
export const SEED = Number(process.env.SEED ?? Math.floor(random() * 2 ** 31));

/** One who asks for something in a block of its own, which begins within the call: so several may ask, and be cancelled, in one turn. */
export class Ask<T> {
  /** What was given, or the name of the error; `undefined` while it waits. */
  outcome: { value: T } | string | undefined = undefined;
  /** Called as soon as there is an outcome. */
  onOutcome: (() => void) | undefined = undefined;
  #scope: CancelScope | undefined = undefined;
  readonly #what: () => Awaitable<T>;

  constructor(what: () => Awaitable<T>, generator = false, patience = Number.POSITIVE_INFINITY) {
    this.#what = what;
    const body = (scope: CancelScope): unknown => {
      this.#scope = scope;
      return generator ? this.#asGenerator() : this.#asAsync();
    };
    withTimeout(patience, body).catch(() => undefined); // the outcome tells
  }

  get value(): T | undefined {
    return typeof this.outcome === 'object' ? this.outcome.value : undefined;
  }

  cancel(): void {
    this.#scope?.cancel();
  }

  async #asAsync(): Promise<void> {
    try {
      this.#tell({ value: await this.#what() });
    } catch (error) {
      this.#tell((error as Error).name);
      throw error;
    }
  }

  *#asGenerator(): Coroutine<void> {
    try {
      this.#tell({ value: yield* this.#what() });
    } catch (error) {
      this.#tell((error as Error).name);
      throw error;
    }
  }

  #tell(outcome: { value: T } | string): void {
    this.outcome = outcome;
    this.onOutcome?.();
  }
}
