import { onAbort } from '../core/index.js';

/**
 * Does what comes before a run begins, unless one of these signals aborts: inputs and outputs may
 * be pipes without another end, and files without one.
 *
 * @returns `undefined` if one did.
 */
export async function unlessEnded<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (ended: Ended) => Promise<T>,
): Promise<T | undefined> {
  const ended = new Ended(signals);
  try {
    return await work(ended);
  } catch (error) {
    if (ended.signal.aborted && error === ended.signal.reason) return undefined;
    throw error;
  } finally {
    ended.close();
  }
}

/** Aborts as soon as one of several signals does, until it is closed. */
class Ended {
  readonly #controller = new AbortController();
  readonly #releases: (() => void)[] = [];
  readonly #end: Promise<never>;

  constructor(signals: readonly (AbortSignal | undefined)[]) {
    this.#end = new Promise((_, reject) => {
      const end = () => {
        this.#controller.abort();
        reject(this.signal.reason);
      };
      for (const signal of signals) if (signal) this.#releases.push(onAbort(signal, end));
    });
    this.#end.catch(() => undefined); // `during` and `signal` tell it
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Waits for something that knows of no signal. Throws the signal's reason if that comes first.
   */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#end]);
  }

  close(): void {
    for (const release of this.#releases) release();
  }
}
