import { InternalError } from '../../../core/index.js';
import { atomics } from '../atomics.js';
import type { Monitor } from '../monitor.js';
import { MEMBERS, MOST_MEMBERS } from './layout.js';

/** The threads that use a queue, by numbers small enough for the word of a cell. */
export class Members {
  readonly #monitor: Monitor;
  #own = 0;

  constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  /**
   * The number of this thread here.
   *
   * @param sweep Undoes, under the guard, everything that dead threads have begun: then their numbers are free.
   */
  own(sweep: () => void): number {
    if (this.#own === 0) this.#own = this.#find() || this.#monitor.within(() => this.#enter(sweep));
    return this.#own;
  }

  /** Whether a member's thread is dead. */
  isDead(member: number, ask: boolean): boolean {
    return atomics.isDead(atomics.load(this.#monitor.words, MEMBERS + member), ask);
  }

  /** A thread has one number, however many handles it has. */
  #find(): number {
    const { words } = this.#monitor;
    const self = atomics.self();
    for (let member = 1; member < MOST_MEMBERS; member++) {
      const thread = atomics.load(words, MEMBERS + member);
      if (thread === self) return member;
      if (thread === 0) break;
    }
    return 0;
  }

  #enter(sweep: () => void): number {
    const { words } = this.#monitor;
    const self = atomics.self();
    for (let member = 1; member < MOST_MEMBERS; member++) {
      const thread = atomics.load(words, MEMBERS + member);
      if (thread !== 0) continue;
      atomics.store(words, MEMBERS + member, self);
      return member;
    }
    const dead: number[] = [];
    for (let member = 1; member < MOST_MEMBERS; member++) if (this.isDead(member, true)) dead.push(member);
    sweep();
    if (dead.length === 0) throw new InternalError(`More than ${MOST_MEMBERS - 1} threads use one SharedQueue`);
    atomics.store(words, MEMBERS + dead[0], self);
    return dead[0];
  }
}
