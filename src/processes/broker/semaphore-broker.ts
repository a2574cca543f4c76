import { inShort, OptionError } from '../../core/index.js';
import type { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { Line } from './line.js';

/** What can be asked of a semaphore. */
export const SemaphoreOp = { ACQUIRE: 0, TRY: 1, AVAILABLE: 2 } as const;

/** A number of permits, and a line: who asks for several is not overtaken by those who ask for one. */
export class SemaphoreBroker implements Broker {
  readonly lends = undefined;
  readonly recall = undefined;
  readonly flush = undefined;
  readonly tell = undefined;
  readonly ops = 3;
  readonly #holds = new Set<Ask>();
  readonly #line = new Line();
  readonly #permits: number;
  #available: number;

  constructor(permits: number) {
    this.#permits = permits;
    this.#available = permits;
  }

  get waiting(): number {
    return this.#line.size;
  }

  ask(op: number, ask: Ask): void {
    if (op === SemaphoreOp.AVAILABLE) {
      ask.give(this.#available);
      return;
    }
    const n = ask.data as number;
    if (!(Number.isInteger(n) && n >= 1 && n <= this.#permits)) {
      ask.refuse(new OptionError(`ProcessSemaphore: ${inShort(n)} permits can never be had, there are ${this.#permits}`));
    } else if (this.#line.size === 0 && n <= this.#available) this.#grant(ask);
    else if (op === SemaphoreOp.TRY) ask.give(undefined);
    else this.#line.push(ask);
  }

  cancel(ask: Ask): void {
    if (ask.line === undefined) this.release(ask);
    else {
      this.#line.remove(ask);
      this.#serve(); // it may have stood before smaller ones
    }
  }

  release(ask: Ask): boolean {
    if (!this.#holds.delete(ask)) return false;
    this.#available += ask.data as number;
    this.#serve();
    return true;
  }

  lost(ask: Ask): void {
    this.cancel(ask);
  }

  #serve(): void {
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      if ((first.data as number) > this.#available) return;
      this.#line.remove(first);
      this.#grant(first);
    }
  }

  #grant(ask: Ask): void {
    this.#available -= ask.data as number;
    this.#holds.add(ask);
    ask.hold(false);
  }
}
