import type { Footprint } from './footprint.js';
import type { Machine } from './machine.js';
import { Order } from './order.js';
import { isPlain } from './step.js';

/** A machine whose events are put in order as they happen. */
export class Execution {
  readonly machine: Machine;
  readonly order: Order;

  constructor(machine: Machine) {
    this.machine = machine;
    this.order = new Order(machine.movers);
  }

  /** One event, with its footprint. Gives an event that touches the same memory and could come at the same time, if one of the two is not atomic; or -1. */
  move(mover: number, footprint: Footprint): number {
    const { machine, order } = this;
    const n = machine.threads.count;
    order.enter(mover, footprint, mover >= 3 * n ? mover - 3 * n : -1);
    machine.move(mover);
    // Who was woken, and who mourns the dead, comes after.
    const mourners = mover >= 2 * n && mover < 3 * n ? 1 << (mover - n) : 0;
    order.lead(machine.woken | mourners);
    return order.races.find((event) => this.#isRace(event)) ?? -1;
  }

  pass(mask: number): void {
    this.order.pass();
    this.machine.pass(mask);
  }

  undo(): void {
    this.machine.undo();
    this.order.undo();
  }

  /** Whether the last event and another that it clashes with are steps of threads, and one is not atomic. */
  #isRace(event: number): boolean {
    const { machine } = this;
    const own = machine.depth - 1;
    const runners = 2 * machine.threads.count;
    if (machine.who[own] >= runners || machine.who[event] >= runners) return false;
    return isPlain(machine.step(machine.who[own], own).kind) || isPlain(machine.step(machine.who[event], event).kind);
  }
}
