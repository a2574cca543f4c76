import { Deque } from '../core/index.js';

/** How many values may be under way from the worker. */
export const CREDIT = 16;

interface Waiter {
  resolve(step: IteratorResult<unknown>): void;
  reject(error: unknown): void;
}

/**
 * The near end of a stream: values that have come and readers that wait. Credit is given back as values are read, so a slow reader stops
 * the generator over there.
 */
export class StreamReader implements AsyncIterableIterator<unknown> {
  readonly #values = new Deque<unknown>();
  readonly #waiters = new Deque<Waiter>();
  readonly #open: () => void;
  #opened = false;
  #read = 0;
  /** How many values may still come: a worker that sends more has not kept to its credit. */
  #due = CREDIT;
  #end: { error?: unknown; failed: boolean } | undefined;
  #closed: Promise<void>;
  #closedNow: () => void = () => undefined;
  /** Nobody will read any more: a generator that has not been begun need not be. */
  hasLeft = false;
  /** Set by the pool while a worker runs the generator. */
  grant: ((n: number) => void) | undefined;
  /** Set by the pool: asks for the end of the generator. */
  close: (() => void) | undefined;

  constructor(open: () => void) {
    this.#open = open;
    this.#closed = new Promise((resolve) => {
      this.#closedNow = resolve;
    });
  }

  /** @returns `false` if that is more than there was credit for. */
  put(values: readonly unknown[]): boolean {
    if (values.length > this.#due) return false;
    this.#due -= values.length;
    for (const value of values) this.#values.push(value);
    this.#serve();
    return true;
  }

  finish(): void {
    this.#end ??= { failed: false, error: undefined };
    this.#closedNow();
    this.#serve();
  }

  fail(error: unknown): void {
    this.#end ??= { failed: true, error };
    this.#closedNow();
    this.#serve();
  }

  /** Whether values of an earlier attempt have been handed on, so that it cannot run again. */
  get begun(): boolean {
    return this.#read > 0 || this.#values.size > 0;
  }

  next(): Promise<IteratorResult<unknown>> {
    this.#start();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#serve();
    });
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.hasLeft = true;
    if (this.#opened && !this.#end) {
      this.close?.();
      await this.#closed; // the generator's `finally` has run over there
    }
    this.#opened = true;
    this.#end = { failed: false, error: undefined };
    while (this.#values.size > 0) this.#values.shift();
    this.#serve();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #start(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#open();
  }

  #serve(): void {
    while (this.#waiters.size > 0) {
      if (this.#values.size > 0) {
        const value = this.#values.shift();
        this.#waiters.shift()?.resolve({ done: false, value });
        if (++this.#read % (CREDIT / 2) === 0) {
          this.#due += CREDIT / 2;
          this.grant?.(CREDIT / 2);
        }
      } else if (this.#end) {
        const { failed, error } = this.#end;
        this.#end = { failed: false, error: undefined };
        if (failed) this.#waiters.shift()?.reject(error);
        else this.#waiters.shift()?.resolve({ done: true, value: undefined });
      } else return;
    }
  }
}
