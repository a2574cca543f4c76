import { type Machine, PASSING, type Plan } from './machine.js';
import { Met } from './met.js';
import { Races } from './races.js';
import type { Visitor } from './search.js';

/** What `Bounded` leaves out. */
export interface Bounds {
  /** The most preemptions: one is where a thread is left that could go on, for another. Deaths and time-outs are none. */
  readonly preemptions: number;
  /** Whether a state is left that was met before. States are told apart by a hash of 53 bits. */
  readonly remember: boolean;
  /** Whether what is not atomic is taken as if it were, and races are none. */
  readonly mayRace: boolean;
  /** The most states to remember. */
  readonly maxStates: number;
}

/** Explores every order of steps of one plan, whether it makes a difference or not, within bounds. Gives false if it was stopped. */
export class Bounded {
  readonly #machine: Machine;
  readonly #visitor: Visitor;
  readonly #bounds: Bounds;
  /** By depth: whose move is to come; for whom time may pass, and for whom next; who ran last; how many preemptions there were. */
  readonly #todo: number[] = [];
  readonly #enabled: number[] = [];
  readonly #patience: number[] = [];
  readonly #next: number[] = [];
  readonly #last: number[] = [];
  readonly #used: number[] = [];
  /** State and last runner: with how few preemptions it was met. */
  readonly #met = new Met();
  /** How many states there were, in all plans. */
  states = 0;

  readonly #races: Races;

  constructor(machine: Machine, visitor: Visitor, bounds: Bounds) {
    this.#machine = machine;
    this.#races = new Races(machine);
    this.#visitor = visitor;
    this.#bounds = bounds;
  }

  run(plan: Plan): boolean {
    const machine = this.#machine;
    machine.begin(plan);
    this.#met.clear();
    this.#last[0] = -1;
    this.#used[0] = 0;
    if (!this.#arrive()) return false;
    for (;;) {
      const { depth } = machine;
      if (this.#patience[depth] !== 0 && this.#next[depth] !== 0) {
        const mask = this.#next[depth];
        this.#next[depth] = (mask - 1) & this.#patience[depth];
        machine.pass(mask);
        this.#enter(PASSING);
      } else if (this.#todo[depth] === 0) {
        if (depth === 0) return true;
        machine.undo();
        continue;
      } else if (!this.#move(this.#choose())) continue;
      if (!this.#arrive()) return false;
    }
  }

  #choose(): number {
    const { depth } = this.#machine;
    const todo = this.#todo[depth];
    const last = this.#last[depth];
    const mover = last !== -1 && todo & (1 << last) ? last : 31 - Math.clz32(todo & -todo);
    this.#todo[depth] &= ~(1 << mover);
    return mover;
  }

  #move(mover: number): boolean {
    const { depth } = this.#machine;
    const last = this.#last[depth];
    const isRunner = mover < 2 * this.#machine.threads.count;
    const preempts = isRunner && last !== -1 && last !== mover && (this.#enabled[depth] & (1 << last)) !== 0;
    if (this.#used[depth] + Number(preempts) > this.#bounds.preemptions) return false;
    this.#machine.move(mover);
    this.#enter(mover);
    this.#used[depth + 1] += Number(preempts);
    return true;
  }

  #enter(mover: number): void {
    const { depth } = this.#machine;
    const isRunner = mover !== PASSING && mover < 2 * this.#machine.threads.count;
    this.#last[depth] = isRunner ? mover : this.#last[depth - 1];
    this.#used[depth] = this.#used[depth - 1];
  }

  #arrive(): boolean {
    const machine = this.#machine;
    const { depth } = machine;
    const enabled = machine.enabled();
    if (depth > 0) this.#visitor.onEvent();
    const inside = this.#bounds.mayRace ? -1 : this.#races.inside();
    if (inside !== -1) {
      this.#enabled[depth] = enabled;
      this.#todo[depth] = enabled & ((1 << inside) | (1 << (2 * machine.threads.count + inside)));
      this.#patience[depth] = 0;
      return true;
    }
    const racing = this.#bounds.mayRace ? 0 : this.#races.find(enabled);
    if (racing !== 0) this.#visitor.onRacing(racing);
    this.#enabled[depth] = enabled;
    this.#todo[depth] = enabled;
    this.#patience[depth] = enabled === 0 ? machine.patience() : 0;
    this.#next[depth] = this.#patience[depth];
    if (this.#bounds.remember && this.#isMet()) {
      this.#todo[depth] = 0;
      this.#next[depth] = 0;
      this.#visitor.onLeft();
      return true;
    }
    if (++this.states && this.#met.size > this.#bounds.maxStates) return false;
    return enabled !== 0 || this.#patience[depth] !== 0 || this.#visitor.onEnd();
  }

  #isMet(): boolean {
    const { depth } = this.#machine;
    const isBounded = Number.isFinite(this.#bounds.preemptions);
    const key = this.#machine.key(isBounded ? this.#last[depth] : 0);
    return this.#met.has(key, isBounded ? this.#used[depth] : 0);
  }
}
