import { Footprint } from './footprint.js';
import type { Machine } from './machine.js';
import { isPlain, type Step } from './step.js';

/**
 * Finds what is not atomic and not kept apart, where all states are visited. Steps that are not atomic need no states between them: who is in the midst of several goes on
 * (or dies) before anybody else moves, since nobody could tell the difference, unless there is a race. And that is looked for where it comes to the first of them.
 */
export class Races {
  readonly #machine: Machine;
  /** What the steps touch that a thread does in a row from the one on, as long as they are not atomic. Nobody can change what they are told without a race. */
  readonly #rows = new Map<Step, Footprint>();
  readonly #other = new Footprint();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The runner that is in the midst of steps that are not atomic, or -1. */
  inside(): number {
    const machine = this.#machine;
    const runner = machine.depth > 0 ? machine.who[machine.depth - 1] : -1;
    if (runner < 0 || runner >= machine.threads.behaviours.length) return -1;
    return isPlain(machine.step(runner, machine.depth - 1).kind) && isPlain(machine.step(runner).kind) ? runner : -1;
  }

  /** Of movers that can move, two that can be at the same memory, one of them not atomic, as a mask; or 0. */
  find(enabled: number): number {
    const machine = this.#machine;
    const { length } = machine.threads.behaviours;
    for (let r = 0; r < length; r++) {
      if (!(enabled & (1 << r)) || !isPlain(machine.step(r).kind)) continue;
      const row = this.#row(r);
      for (let q = 0; q < length; q++) {
        if (q === r || !(enabled & (1 << q))) continue;
        if (row.clashes(isPlain(machine.step(q).kind) ? this.#row(q) : this.#single(q))) return (1 << r) | (1 << q);
      }
    }
    return 0;
  }

  #single(runner: number): Footprint {
    this.#machine.footprint(runner, this.#other);
    return this.#other;
  }

  #row(runner: number): Footprint {
    const machine = this.#machine;
    const first = machine.step(runner);
    const known = this.#rows.get(first);
    if (known !== undefined) return known;
    const row = new Footprint();
    const { depth } = machine;
    while (isPlain(machine.step(runner).kind)) {
      const { spots, changes } = this.#single(runner);
      for (const [i, spot] of spots.entries()) row.add(spot, changes[i]);
      machine.move(runner);
    }
    while (machine.depth > depth) machine.undo();
    this.#rows.set(first, row);
    return row;
  }
}
