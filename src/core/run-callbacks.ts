import { bindHere, guarded, reportUncaught } from './callback.js';

/**
 * The callbacks of one run. Each is called in the async context in which the run was made. The
 * first that throws, or whose promise rejects, breaks the run, as an output that fails does; after
 * that none is called any more.
 */
export class RunCallbacks {
  readonly #broken: (error: unknown) => void;
  readonly #pending = new Set<PromiseLike<unknown>>();
  #failed = false;
  #over = false;

  /** @param broken Ends the run with that error. */
  constructor(broken: (error: unknown) => void) {
    this.#broken = broken;
  }

  /** The callback as the run may call it: it never throws. */
  of<A extends unknown[]>(fn: ((...args: A) => unknown) | undefined): ((...args: A) => void) | undefined {
    if (fn === undefined) return undefined;
    const bound = bindHere(fn);
    return guarded(
      (...args: A) => (this.#failed ? undefined : this.#kept(bound(...args))),
      (error) => this.#fail(error),
    );
  }

  /**
   * Waits for the promises that callbacks have given: a run that has ended cannot be broken any
   * more.
   */
  async ended(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
    this.#over = true;
  }

  #kept(value: unknown): unknown {
    if (typeof (value as PromiseLike<unknown> | null | undefined)?.then !== 'function') return undefined;
    const promise = value as PromiseLike<unknown>;
    const pending = Promise.resolve(promise).finally(() => this.#pending.delete(pending));
    this.#pending.add(pending);
    return pending;
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    if (this.#over) reportUncaught(error);
    else this.#broken(error);
  }
}
