import { InternalError } from '../../../core/index.js';
import { Execution } from './execution.js';
import { Footprint } from './footprint.js';
import { type Machine, PASSING, type Plan } from './machine.js';
import type { Order } from './order.js';
import { Kind } from './step.js';

/** What a search tells, and what stops it. */
export interface Visitor {
  /** An event has happened. */
  onEvent(): void;
  /** The last event is at the same memory as another that can come at the same time, and one of them is not atomic. */
  onRace(other: number): void;
  /** The same, of two that can move, as a mask. */
  onRacing(movers: number): void;
  /** Nothing more can happen. Gives false to stop the search. */
  onEnd(): boolean;
  /** An execution was left: all that follows was met elsewhere. */
  onLeft(): void;
}

/**
 * Explores all executions of one plan, but of those that differ only in the order of events that commute only one: source sets and sleep sets (Abdulla, Aronsson, Jonsson
 * and Sagonas, "Optimal dynamic partial order reduction", 2014). Gives false if it was stopped.
 */
export class Search {
  readonly #machine: Machine;
  readonly #visitor: Visitor;
  readonly #execution: Execution;
  readonly #order: Order;
  /** By depth: who can move; whose move is to be explored; whose move was, here or before, without a difference since. */
  readonly #enabled: number[] = [];
  readonly #wanted: number[] = [];
  readonly #asleep: number[] = [];
  /** By depth, where time passes: for whom it may, and for whom next. */
  readonly #patience: number[] = [];
  readonly #next: number[] = [];
  /** Movers that were stopped while they were asleep: by which event, and what they would have touched. */
  readonly #stopped: { readonly event: number; readonly footprint: Footprint }[] = [];
  readonly #atRisk = new Map<number, Footprint>();
  readonly #own = new Footprint();
  readonly #other = new Footprint();

  constructor(machine: Machine, visitor: Visitor) {
    this.#machine = machine;
    this.#visitor = visitor;
    this.#execution = new Execution(machine);
    this.#order = this.#execution.order;
  }

  run(plan: Plan): boolean {
    const machine = this.#machine;
    machine.begin(plan);
    this.#order.begin();
    this.#asleep[0] = 0;
    if (!this.#arrive()) return false;
    for (;;) {
      const { depth } = machine;
      if (this.#patience[depth] !== 0 && this.#next[depth] !== 0) this.#pass();
      else {
        const todo = this.#wanted[depth] & ~this.#asleep[depth];
        if (todo === 0) {
          if (depth === 0) return true;
          this.#back();
          continue;
        }
        this.#move(this.#choose(todo));
      }
      if (!this.#arrive()) return false;
    }
  }

  /** At a state that is new: what is to be explored from it. */
  #arrive(): boolean {
    const { depth } = this.#machine;
    const enabled = this.#machine.enabled();
    this.#enabled[depth] = enabled;
    this.#wanted[depth] = 0;
    this.#patience[depth] = 0;
    if (depth > 0) {
      const mover = this.#machine.who[depth - 1];
      // Whom an event has stopped from moving might have moved before it.
      if (mover !== PASSING) this.#stop(this.#enabled[depth - 1] & ~enabled & ~(1 << mover));
      this.#visitor.onEvent();
    }
    if (enabled === 0) {
      this.#patience[depth] = this.#machine.patience();
      this.#next[depth] = this.#patience[depth];
      return this.#patience[depth] !== 0 || this.#visitor.onEnd();
    }
    const free = enabled & ~this.#asleep[depth];
    if (free === 0) this.#visitor.onLeft();
    else this.#wanted[depth] = 1 << this.#choose(free);
    return true;
  }

  /** What movers that are asleep would do, if the next event may stop them: a death stops the dead, a notification somebody's time-out. */
  #lookAhead(mover: number): void {
    const machine = this.#machine;
    const n = machine.threads.count;
    this.#atRisk.clear();
    let risk = 0;
    if (mover >= 2 * n) risk = mover < 3 * n ? (1 << (mover - 2 * n)) | (1 << (mover + n)) : 0;
    else if (machine.step(mover).kind === Kind.notify) risk = ~0 << (3 * n);
    for (let rest = risk & this.#asleep[machine.depth]; rest !== 0; rest &= rest - 1) {
      const other = 31 - Math.clz32(rest & -rest);
      const footprint = new Footprint();
      machine.footprint(other, footprint);
      this.#atRisk.set(other, footprint);
    }
  }

  #stop(movers: number): void {
    const event = this.#machine.depth - 1;
    this.#wanted[event] |= movers;
    for (let rest = movers & this.#asleep[event]; rest !== 0; rest &= rest - 1) {
      const footprint = this.#atRisk.get(31 - Math.clz32(rest & -rest));
      if (footprint === undefined) throw new InternalError('the model did not see that a mover could be stopped');
      this.#stopped.push({ event, footprint });
    }
  }

  /** Goes on with the one who moved last, if it can: the first executions are those that are easiest to read. */
  #choose(movers: number): number {
    const { depth, who } = this.#machine;
    const last = depth > 0 ? who[depth - 1] : PASSING;
    return last !== PASSING && movers & (1 << last) ? last : 31 - Math.clz32(movers & -movers);
  }

  #move(mover: number): void {
    const machine = this.#machine;
    const { depth } = machine;
    machine.footprint(mover, this.#own);
    let asleep = 0;
    for (let rest = this.#asleep[depth]; rest !== 0; rest &= rest - 1) {
      const other = 31 - Math.clz32(rest & -rest);
      machine.footprint(other, this.#other);
      if (!this.#own.clashes(this.#other)) asleep |= 1 << other;
    }
    this.#asleep[depth + 1] = asleep;
    this.#lookAhead(mover);
    const copied = this.#execution.move(mover, this.#own);
    for (const event of this.#order.races) this.#want(event, depth);
    if (this.#stopped.length > 0) this.#holdAgainstStopped();
    if (copied !== -1) this.#visitor.onRace(copied);
  }

  /** The last event, or what it stands in the way of, could have come before an earlier one: something has to be explored there that leads to that. */
  #want(event: number, more: number): void {
    const firsts = this.#order.firsts(event, more);
    if (firsts & (this.#wanted[event] | this.#asleep[event])) return;
    const chosen = 31 - Math.clz32(firsts & -firsts);
    if (!(this.#enabled[event] & (1 << chosen)))
      throw new InternalError(`the model wants mover ${chosen} at event ${event}, where it cannot move`);
    this.#wanted[event] |= 1 << chosen;
  }

  /**
   * A mover that was stopped before it moved makes no event that could be seen to race, so the last event is held against what it would have done. If it was not asleep, it is
   * explored in its own right.
   */
  #holdAgainstStopped(): void {
    const { depth } = this.#machine;
    let count = this.#stopped.length;
    while (count > 0 && this.#stopped[count - 1].event >= depth - 1) count--;
    this.#stopped.length = count;
    for (const { event, footprint } of this.#stopped)
      if (!this.#order.isAfter(event) && this.#own.clashes(footprint)) this.#want(event, -1);
  }

  #pass(): void {
    const { depth } = this.#machine;
    const mask = this.#next[depth];
    // All subsets, from the whole down.
    this.#next[depth] = (mask - 1) & this.#patience[depth];
    this.#asleep[depth + 1] = 0;
    this.#execution.pass(mask);
  }

  #back(): void {
    const machine = this.#machine;
    const mover = machine.who[machine.depth - 1];
    this.#execution.undo();
    if (mover !== PASSING) this.#asleep[machine.depth] |= 1 << mover;
  }
}
