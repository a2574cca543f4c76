import type { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { Line } from './line.js';

/** What can be asked of an event. */
export const EventOp = { WAIT: 0, SET: 1, CLEAR: 2, IS_SET: 3 } as const;

/** Set or not, and those who wait until it is. */
export class EventBroker implements Broker {
  readonly lends = undefined;
  readonly recall = undefined;
  readonly flush = undefined;
  readonly tell = undefined;
  readonly ops = 4;
  #isSet = false;
  readonly #line = new Line();

  get waiting(): number {
    return this.#line.size;
  }

  ask(op: number, ask: Ask): void {
    if (op === EventOp.WAIT && !this.#isSet) {
      this.#line.push(ask);
      return;
    }
    if (op === EventOp.SET) {
      this.#isSet = true;
      for (const first of this.#line.drain()) first.give(undefined);
    } else if (op === EventOp.CLEAR) this.#isSet = false;
    ask.give(op === EventOp.IS_SET ? this.#isSet : undefined);
  }

  cancel(ask: Ask): void {
    this.#line.remove(ask);
  }

  release(): boolean {
    return false;
  }

  lost(ask: Ask): void {
    this.#line.remove(ask);
  }
}
