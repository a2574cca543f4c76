import type { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { Line } from './line.js';

/** What can be asked of a lock. */
export const LockOp = { ACQUIRE: 0, TRY: 1 } as const;

/** One holder at a time, and a line. */
export class LockBroker implements Broker {
  readonly lends = undefined;
  readonly recall = undefined;
  readonly flush = undefined;
  readonly tell = undefined;
  readonly ops = 2;
  /** All of one party: more than one only if the lock is re-entrant. */
  readonly #holds = new Set<Ask>();
  readonly #line = new Line();
  readonly #reentrant: boolean;
  /** The last holder is gone, and nobody has been told. */
  #abandoned = false;
  /** To whom it was told: if that one gives it back unseen, it has to be told again. */
  #told: Ask | undefined = undefined;

  constructor(reentrant = false) {
    this.#reentrant = reentrant;
  }

  get waiting(): number {
    return this.#line.size;
  }

  isHeldBy(ask: Ask): boolean {
    return this.#holds.has(ask);
  }

  ask(op: number, ask: Ask): void {
    const [holder] = this.#holds;
    // Who holds it goes before those who wait: they wait for it. (rule 6)
    if (holder === undefined || (this.#reentrant && holder.party === ask.party)) this.#grant(ask);
    else if (op === LockOp.TRY) ask.give(undefined);
    else this.#line.push(ask);
  }

  cancel(ask: Ask): void {
    if (ask.line !== undefined) this.#line.remove(ask);
    else if (this.#holds.has(ask)) {
      if (this.#told === ask) this.#abandoned = true;
      this.release(ask);
    }
  }

  release(ask: Ask): boolean {
    if (!this.#holds.delete(ask)) return false;
    if (this.#told === ask) this.#told = undefined;
    if (this.#holds.size === 0) this.#pass();
    return true;
  }

  lost(ask: Ask): void {
    if (ask.line !== undefined) this.#line.remove(ask);
    else if (this.#holds.has(ask)) {
      this.#abandoned = true;
      this.release(ask);
    }
  }

  /** For a condition: its waiters stand in the same line once they have been woken. */
  queue(ask: Ask): void {
    this.#line.push(ask);
    if (this.#holds.size === 0) this.#pass();
  }

  #pass(): void {
    const next = this.#line.shift();
    if (next === undefined) return;
    this.#grant(next);
    if (!this.#reentrant) return;
    for (const ask of this.#line) {
      if (ask.party !== next.party) continue;
      this.#line.remove(ask);
      this.#grant(ask);
    }
  }

  #grant(ask: Ask): void {
    const hold = ask.lent ?? ask;
    this.#holds.add(hold);
    const abandoned = this.#abandoned;
    this.#abandoned = false;
    if (abandoned) this.#told = hold;
    if (ask.lent !== undefined) ask.give([ask.data, abandoned]);
    else ask.hold(abandoned);
  }
}
