import { bindHere, CancelledError, guarded, mustBeFunction, reportUncaught } from '../core/index.js';
import { type CancelOwner, cancellation, cancelRequested, DeliveringCell, type Future, type FutureCell, OwnedCell } from './future.js';

/**
 * The finishing side of a Future: who does the work holds the source, who waits holds `future`. Settling twice is
 * ignored: the first outcome stands.
 *
 * Cancelling: without `onCancel`, `future.cancel()` settles the future at once; with it, the holder of the source is
 * asked, and settles the future when the work has ended.
 *
 * @example
 * ```ts run
 * import { FutureSource } from 'meantime/futures';
 *
 * const source = new FutureSource<number>();
 * source.onCancel((reason) => source.reject(new Error(`stopped: ${reason}`)));
 * source.start();
 * source.future.cancel('enough'); // => true
 * source.future.state; // => 'rejected'
 * await source.future.catch((error) => error.message); // => 'stopped: enough'
 * ```
 */
export class FutureSource<T> {
  readonly #cell: FutureCell<T>;
  #onCancel: ((reason: unknown) => void) | undefined = undefined;

  /** @param cell For this package alone: a future that is there already, and that this source finishes from now on. */
  constructor(cell?: FutureCell<T>) {
    if (cell instanceof OwnedCell) cell.handTo(this);
    this.#cell = cell ?? new OwnedCell<T>(this);
  }

  get future(): Future<T> {
    return this.#cell;
  }

  /** The work has begun: `state` becomes `running`. */
  start(): void {
    this.#cell.start();
  }

  /** The work goes back to where it waited: `state` becomes `pending` again. */
  requeue(): void {
    this.#cell.unstart();
  }

  /** @returns `false` if it had already settled. */
  fulfil(value: T): boolean {
    this.#onCancel = undefined; // a source may outlive its outcome by far: it must not hold the context
    return this.#cell.settle('fulfilled', value);
  }

  /**
   * A CancelledError makes the state `cancelled`, anything else `rejected`.
   *
   * @returns `false` if it had already settled.
   */
  reject(error: unknown): boolean {
    this.#onCancel = undefined;
    return this.#cell.settle(error instanceof CancelledError ? 'cancelled' : 'rejected', error);
  }

  /**
   * Takes over `future.cancel(reason)`. `fn` is called in the async context of this call; the
   * future is rejected with what it throws, or what the promise that it gives rejects with.
   *
   * @throws {NotCallableError} code `MEANTIME_NOT_CALLABLE`, if `fn` is not a function.
   */
  onCancel(fn: (reason: unknown) => unknown): void {
    mustBeFunction('onCancel', fn);
    this.#onCancel = guarded(bindHere(fn), (error) => {
      if (!this.reject(error)) reportUncaught(error);
    });
  }

  [cancelRequested](reason: unknown): void {
    if (this.#onCancel === undefined) this.#cell.settle('cancelled', cancellation(reason));
    else this.#onCancel(reason);
  }
}

/** A future that has failed before it began. */
export function refused<T>(error: unknown): Future<T> {
  const source = new FutureSource<T>();
  source.reject(error);
  return source.future;
}

const nobody: CancelOwner = { [cancelRequested]() {} };

/**
 * The source of something that is held or taken out, such as a lock or an item: a task that is
 * cancelled when it is there already gets it, and is cancelled at its next wait.
 *
 * @internal
 */
export function deliveringSource<T>(): FutureSource<T> {
  return new FutureSource<T>(new DeliveringCell<T>(nobody));
}
