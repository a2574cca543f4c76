import { BrokenBarrierError } from '../../core/index.js';
import type { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { Line } from './line.js';

/** What can be asked of a barrier. */
export const BarrierOp = { WAIT: 0, ABORT: 1, RESET: 2, BROKEN: 3, WAITING: 4 } as const;

/** Those who have come, until all have. */
export class BarrierBroker implements Broker {
  readonly lends = undefined;
  readonly recall = undefined;
  readonly flush = undefined;
  readonly tell = undefined;
  readonly ops = 5;
  readonly #parties: number;
  readonly #line = new Line();
  /** Why, for those who come. */
  #broken: string | undefined = undefined;

  constructor(parties: number) {
    this.#parties = parties;
  }

  get waiting(): number {
    return this.#line.size;
  }

  ask(op: number, ask: Ask): void {
    switch (op) {
      case BarrierOp.WAIT:
        this.#come(ask);
        return;
      case BarrierOp.ABORT:
        this.#break('was aborted', true);
        break;
      case BarrierOp.RESET:
        this.#break('was reset', false);
        break;
    }
    ask.give(op === BarrierOp.BROKEN ? this.#broken !== undefined : op === BarrierOp.WAITING ? this.#line.size : undefined);
  }

  cancel(ask: Ask): void {
    this.#line.remove(ask);
  }

  release(): boolean {
    return false;
  }

  /** Whoever is gone will not come again, and the others would wait for ever. (rule 5) */
  lost(ask: Ask): void {
    if (ask.line === undefined) return;
    this.#line.remove(ask);
    this.#break('lost a party, which ended while it waited', true);
  }

  #come(ask: Ask): void {
    if (this.#broken !== undefined) {
      ask.refuse(new BrokenBarrierError(`wait() came to a barrier that ${this.#broken}. Expected a reset() before`));
      return;
    }
    this.#line.push(ask);
    if (this.#line.size < this.#parties) return;
    // The places are given now and not on arrival: of those who came some may have left.
    let place = 0;
    for (const first of this.#line.drain()) first.give(place++);
  }

  #break(what: string, lasting: boolean): void {
    this.#broken = lasting ? what : undefined;
    for (const first of this.#line.drain()) first.refuse(new BrokenBarrierError(`The barrier ${what}, while this waited for the others`));
  }
}
