import { atomics } from './atomics.js';
import type { Monitor } from './monitor.js';

/*
 * Which threads hold how much of something that several may hold: so that what a dead one held can be taken back. Pairs of a thread's number and how much it holds;
 * a pair with nothing in it is free. Everything under the guard.
 *
 *   word 0:  how many pairs have ever been used
 *   then the pairs
 */

const [USED, HEAD] = [0, 1];
const ROWS = 120;
/** What they need of their memory, in words. */
export const HOLDERS_WORDS = HEAD + 2 * ROWS;

export class Holders {
  readonly #monitor: Monitor;
  readonly #at: number;

  constructor(monitor: Monitor, at: number) {
    this.#monitor = monitor;
    this.#at = at;
  }

  /** Notes, for a commit, that a thread holds so much more. `false`: as many threads as can be told apart hold something; it has to wait for one of them. */
  add(thread: number, much: number): boolean {
    const row = this.#rowOf(thread);
    if (row < 0) return false;
    this.#monitor.note(row, thread);
    if (row === this.#end) this.#monitor.note(this.#at + USED, this.#used + 1);
    this.#monitor.note(row + 1, atomics.get(this.#monitor.words, row + 1) + much);
    return true;
  }

  /** Takes out what one dead thread holds, as part of a commit, and gives how much that is; 0: no dead thread holds anything. */
  bury(ask: boolean): number {
    const { words } = this.#monitor;
    const end = this.#end;
    for (let row = this.#at + HEAD; row < end; row += 2) {
      const much = atomics.get(words, row + 1);
      if (much === 0 || !atomics.isDead(atomics.get(words, row), ask)) continue;
      this.#monitor.note(row + 1, 0);
      return much;
    }
    return 0;
  }

  get #used(): number {
    return atomics.get(this.#monitor.words, this.#at + USED);
  }

  /** Behind the last pair. */
  get #end(): number {
    return this.#at + HEAD + 2 * this.#used;
  }

  #rowOf(thread: number): number {
    const { words } = this.#monitor;
    const end = this.#end;
    let free = this.#used < ROWS ? end : -1;
    for (let row = this.#at + HEAD; row < end; row += 2) {
      if (atomics.get(words, row + 1) === 0) {
        free = row;
      } else if (atomics.get(words, row) === thread) return row;
    }
    return free;
  }
}
