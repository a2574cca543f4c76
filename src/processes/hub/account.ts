import { ResourceError } from '../../core/index.js';

/** How much of something a peer may have here at a time. */
export interface Limit {
  readonly most: number;
  /** For messages: `iterators open`. */
  readonly what: string;
  readonly index: number;
}

/*
 * The limits of what one connection, which is one process or thread, may have of this process.
 * Each is far above what a program needs that waits for its answers; each keeps what a hostile peer
 * costs within some tens of megabytes, or within a few times what it has sent.
 */

/** Some 1 KB each: an object of its own, be it a lock, a queue, the end of a pipe or a manager. */
export const MOST_CHANNELS: Limit = { most: 16_384, what: 'channels open', index: 0 };
/** Some 1 KB each, and the arguments: calls of managed objects that have not been answered. */
export const MOST_REQUESTS: Limit = { most: 32_768, what: 'requests open', index: 1 };
/** Some 300 bytes each: acquired, and waited for, over all locks, queues and the like. */
export const MOST_ASKS: Limit = { most: 131_072, what: 'asks that wait or hold', index: 2 };
/** The memory of a generator is for its class to bound. */
export const MOST_ITERATORS: Limit = { most: 10_000, what: 'iterators open', index: 3 };
/** Some 500 bytes each, for a minute at most. */
export const MOST_TICKETS: Limit = { most: 32_768, what: 'handles of managed objects under way', index: 4 };
/** Arguments and items. One that comes while there is less is taken, however large. */
export const MOST_WAITING_BYTES: Limit = { most: 2 ** 28, what: 'bytes in requests and asks that wait', index: 5 };

const LIMITS = 6;

/**
 * All connections of a hub together may have so many times what one may: a peer can make several.
 */
const TOGETHER = 16;

/** The use that a connection makes of each limit, by itself and with all others together. */
export class Account {
  readonly #used = new Float64Array(LIMITS);
  /** Of all connections; `undefined` for that one itself. */
  readonly #all: Account | undefined;

  constructor(all?: Account) {
    this.#all = all;
  }

  /** The error of having no more of it; `undefined` while there may be more. */
  refusal(limit: Limit): ResourceError | undefined {
    const { most, what, index } = limit;
    if (this.#used[index] >= most)
      return new ResourceError(`One process or thread may have ${most} ${what} here, and has them. Expected some to end first`);
    if (this.#all !== undefined && this.#all.#used[index] >= most * TOGETHER)
      return new ResourceError(
        `All processes and threads may have ${most * TOGETHER} ${what} here, and have them. Expected some to end first`,
      );
    return undefined;
  }

  /** @throws {ResourceError} if there may be no more. */
  take(limit: Limit): void {
    const refusal = this.refusal(limit);
    if (refusal !== undefined) throw refusal;
    this.add(limit, 1);
  }

  /** More of it, or less, whatever the limit says. */
  add({ index }: Limit, n: number): void {
    this.#used[index] += n;
    if (this.#all !== undefined) this.#all.#used[index] += n;
  }
}
