import type { ConnectionClosedError } from '../../core/index.js';

/** Who is told what came of an ask: one of the two, once; neither if it was cancelled before. It may be told before `ask` returns. */
export interface Receiver {
  given(value: unknown, asked: Asked): void;
  refused(error: Error): void;
}

/** What was asked for, as the one who asks holds it. */
export interface Asked {
  /** It is not wanted any more. What comes all the same goes to `late`. */
  cancel(late?: (value: unknown) => void): void;
  /** It shall not wait any longer, and is answered all the same: where that takes a while. */
  interrupt(): void;
  /** Gives back what it holds. */
  release(): void;
}

/** The way from a handle to the broker: into this thread's own memory, or over a connection. */
export interface Access {
  /** Why nothing can be asked any more, if that is so. */
  readonly gone: ConnectionClosedError | undefined;
  /**
   * @param lent For a condition: what is held, and lent while this waits.
   */
  ask(op: number, data: unknown, receiver: Receiver, lent?: Asked): Asked;
  tell(op: number, held: Asked | undefined, data: unknown): void;
  /** Calls `fn` once nothing can be asked any more; what is held then is held no more. */
  whenGone(fn: () => void): () => void;
}
