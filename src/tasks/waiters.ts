import type { Wait } from './wait.js';

/**
 * The wait list under every lock and queue: first in, first out, O(1) to join, to serve and to leave from the middle. A wait is in one list at most, and the list's
 * links are in the wait itself.
 */
export class Waiters {
  #first: Wait<unknown> | undefined = undefined;
  #last: Wait<unknown> | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Wait<unknown> | undefined {
    return this.#first;
  }

  push(wait: Wait<unknown>): void {
    const last = this.#last;
    wait.list = this;
    wait.ahead = last;
    if (last === undefined) this.#first = wait;
    else last.behind = wait;
    this.#last = wait;
    this.#size++;
  }

  remove(wait: Wait<unknown>): void {
    const { ahead, behind } = wait;
    if (ahead === undefined) this.#first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last = ahead;
    else behind.ahead = ahead;
    wait.list = wait.ahead = wait.behind = undefined;
    this.#size--;
  }

  *[Symbol.iterator](): Generator<Wait<unknown>, void, undefined> {
    for (let wait = this.#first; wait !== undefined; wait = wait.behind) yield wait;
  }
}
