import type { Footprint } from './footprint.js';
import type { Machine } from './machine.js';
import { Order } from './order.js';
import { isCopy } from './step.js';

/** A machine whose events are put in order as they happen. */
export class Execution {
  readonly machine: Machine;
  readonly order: Order;

  constructor(machine: Machine) {
    this.machine = machine;
    this.order = new Order(machine.movers);
  }

  /** One event, with its footprint. Gives the event that is at the bytes that this one copies, or copies what this one is at, and which nothing keeps apart; or -1. */
  move(mover: number, footprint: Footprint): number {
    const { machine, order } = this;
    const n = machine.threads.count;
    order.enter(mover, footprint, mover >= 3 * n ? mover - 3 * n : -1);
    machine.move(mover);
    // Who was woken, and who mourns the dead, comes after.
    const mourners = mover >= 2 * n && mover < 3 * n ? 1 << (mover - n) : 0;
    order.lead(machine.woken | mourners);
    const own = machine.depth - 1;
    return order.races.find((event) => this.#copies(own) || this.#copies(event)) ?? -1;
  }

  pass(mask: number): void {
    this.order.pass();
    this.machine.pass(mask);
  }

  undo(): void {
    this.machine.undo();
    this.order.undo();
  }

  #copies(event: number): boolean {
    const mover = this.machine.who[event];
    return mover < 2 * this.machine.threads.count && isCopy(this.machine.step(mover, event).kind);
  }
}
