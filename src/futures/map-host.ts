import type { AnyFunction, CallOptions } from './executor.js';
import type { Future, FutureCell } from './future.js';

/** Where a call was submitted: its `stack` is read only if the call fails. */
export interface Origin {
  readonly stack?: string;
}

/** What comes back of a chunk of inputs. Positions count from the start of the chunk. */
export interface ChunkSink {
  /** Whether they must come in the order of the inputs, failures too; if not, they may come as they are there. */
  readonly inOrder: boolean;
  values(from: number, values: ArrayLike<unknown>): void;
  failed(at: number, error: unknown): void;
  /** Every input has been answered for, or never will be. `ms` is the time in the worker. */
  ended(ms: number): void;
  /**
   * If it is there, a chunk that takes much longer than a chunk should may be given back: inputs from `from` on have not been started and will not be. `ended` follows. Inputs whose calls have come to wait
   * would else wait for each other.
   */
  rest?: ((from: number) => void) | undefined;
  /** How many inputs of the map have not been sent yet, if that is known. */
  left?: (() => number | undefined) | undefined;
}

/** What an executor offers to the map engine. */
export interface MapHost {
  /** Whether many inputs may go in one message. Where calls run side by side in a worker, a chunk would put them in a row. */
  readonly chunks: boolean;
  /** How many calls can run at a time. */
  slots(): number;
  /** @param cell A future that is there already: of a call that somebody else had taken. */
  call(fn: AnyFunction, args: unknown[], options: CallOptions, origin: Origin, cell?: FutureCell<unknown>): Future<unknown>;
  /** Sends a chunk and returns what cancels it. With `stop`, the first failure ends the chunk. */
  chunk(
    fn: AnyFunction,
    inputs: readonly unknown[],
    options: CallOptions,
    origin: Origin,
    stop: boolean,
    sink: ChunkSink,
  ): (reason?: unknown) => void;
}
