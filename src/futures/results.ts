import { cancellationPoint } from './cancellation-point.js';
import type { Results } from './executor.js';

/**
 * The common part of all results of a map: they can be awaited as a promise can, or read one by
 * one.
 */
export abstract class ResultsBase<R> implements Results<R> {
  /** All of them, in an array; starts the map. */
  protected abstract all(): Promise<R[]>;
  /** Starts the map for a reader. @throws {AlreadyStartedError} if it has been started. */
  protected abstract open(): void;
  /** The next one. */
  protected abstract step(): Promise<IteratorResult<R>>;
  /** The reader has left. */
  protected abstract leave(): Promise<void>;
  abstract cancel(reason?: unknown): void;

  get [Symbol.toStringTag](): string {
    return 'Results';
  }

  // biome-ignore lint/suspicious/noThenProperty: results can be awaited on purpose
  then<A = R[], B = never>(
    onFulfilled?: ((values: R[]) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const all = this.all();
    // As with a Future, only who gives both functions waits here.
    const promise = typeof onRejected === 'function' ? cancellationPoint(all, this, (error) => this.cancel(error)) : all;
    return promise.then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<R[] | B> {
    return this.all().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<R[]> {
    return this.all().finally(onFinally);
  }

  [Symbol.asyncIterator](): AsyncIterator<R> {
    this.open();
    return {
      next: () => cancellationPoint(this.step(), this, (error) => this.cancel(error)),
      return: async () => {
        await this.leave();
        return { done: true, value: undefined };
      },
    };
  }
}
