import { bare, currentRunning } from '../../core/index.js';
import { cancellation, deliveringSource, type Future, FutureCell, FutureSource } from '../../futures/index.js';
import { begin, none, type WaitLimits } from '../connection/limits.js';
import type { Access, Asked, Receiver } from './access.js';

/** Makes of what came from the broker what the future is fulfilled with; or settles it itself, now or later, and returns `later`. */
export type Given<T> = (value: unknown, asked: Asked, source: FutureSource<T>) => T | typeof later;
export const later: unique symbol = Symbol('later');

/** What is asked of a broker, and what becomes of the answer. */
export interface Request<T> {
  /** For messages: `lock.acquire`. */
  doing: string;
  op: number;
  data?: unknown;
  limits?: WaitLimits;
  /** Default: the value as it is. */
  given?: Given<T>;
  /** What came though it was cancelled has to go back. */
  late?: (value: unknown) => void;
}

/** Asks, and gives a future of the answer. Cancelling it takes the ask back at once; what crosses that is given back. */
export function request<T>(access: Access, asks: Request<T>): Future<T> {
  const { doing, op, data, limits = none, given, late } = bare(asks);
  const source = deliveringSource<T>();
  const { future } = source;
  const refusal = whyNot(access, limits);
  if (refusal !== undefined) {
    source.reject(refusal);
    return future;
  }
  const receiver: Receiver = {
    given: (value, asked) => {
      try {
        const made = given === undefined ? (value as T) : given(value, asked, source);
        if (made !== later) source.fulfil(made);
      } catch (error) {
        source.reject(error); // it cannot be read here: that is for who asked to know, and for nobody else
      }
    },
    refused: (error) => void source.reject(error),
  };
  const asked = access.ask(op, data, receiver);
  if (future.settled) return future;
  return begin(source, doing, limits, (error) => {
    asked.cancel(late);
    source.reject(error);
  });
}

/** Why it need not be asked at all. Who is cancelled already must not be handed what it could not see. */
export function whyNot(access: Access, { signal }: WaitLimits): Error | undefined {
  if (access.gone !== undefined) return access.gone;
  if (signal?.aborted) return cancellation(signal.reason);
  const running = currentRunning();
  return running?.mustStop?.() && running.signal.aborted ? (running.signal.reason as Error) : undefined;
}

/** A future that failed before anything was asked. */
export function failed<T>(error: unknown): Future<T> {
  const source = new FutureSource<T>();
  source.reject(error);
  return source.future;
}

/**
 * The future of a wait that ends with the lock in hand, whatever the way out. So whoever awaits it is not cut off when its task is cancelled: the wait is, and then takes
 * the lock again.
 */
export class HeldCell<T> extends FutureCell<T> {
  readonly #interrupt: (reason: unknown) => void;

  constructor(interrupt: (reason: unknown) => void) {
    super();
    this.#interrupt = interrupt;
  }

  override isBlockIn(): boolean {
    return true;
  }

  override cancel(reason?: unknown): boolean {
    if (this.settled) return false;
    this.#interrupt(reason);
    return true;
  }
}
