import { CancelledError } from '../core/index.js';
import { cancellation, cancelRequested, type Future, type FutureCell, OwnedCell } from './future.js';

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
    return this.#cell.settle('fulfilled', value);
  }

  /**
   * A CancelledError makes the state `cancelled`, anything else `rejected`.
   *
   * @returns `false` if it had already settled.
   */
  reject(error: unknown): boolean {
    return this.#cell.settle(error instanceof CancelledError ? 'cancelled' : 'rejected', error);
  }

  /** Takes over `future.cancel(reason)`. */
  onCancel(fn: (reason: unknown) => void): void {
    this.#onCancel = fn;
  }

  [cancelRequested](reason: unknown): void {
    if (this.#onCancel === undefined) this.#cell.settle('cancelled', cancellation(reason));
    else this.#onCancel(reason);
  }
}
