import type { Ask } from './ask.js';

/**
 * What keeps the state of one shared object: who holds, who waits, what is in it. Plain code that runs to its end; it knows nothing of processes. See README.md for the
 * rules.
 */
export interface Broker {
  /** How many operations there are: their numbers are 0 and up. */
  readonly ops: number;
  /** The operation that lends what is held, if there is one. */
  readonly lends?: number;
  /**
   * Somebody asks for something.
   *
   * @param op Which of the operations of this kind of object.
   */
  ask(op: number, ask: Ask): void;
  /** Whoever asked wants it no more: what it waits for, or has got. */
  cancel(ask: Ask): void;
  /**
   * Somebody gives back what `ask` holds.
   *
   * @returns `false` if it holds nothing; nothing has changed then.
   */
  release(ask: Ask): boolean;
  /** Whoever asked, and holds or waits, is gone. */
  lost(ask: Ask): void;
  /**
   * Whoever asked wants back what was done already: an item that is still in the queue. For where a cancellation and its answer crossed.
   *
   * @param is Which ask that was.
   * @returns Whether it was still there.
   */
  recall?(is: (ask: Ask) => boolean): boolean;
  /** Everything that has come so far has been dealt with: who may now be served together is. */
  flush?(): void;
  /**
   * What needs no answer.
   *
   * @param op Which of the operations of this kind of object.
   * @param ask What the sender holds and names, if anything.
   * @param party Who says it.
   */
  tell?(op: number, ask: Ask | undefined, data: unknown, party: object): void;
}
