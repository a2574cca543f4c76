import { isCount, mustBeSaid, NotHeldError } from '../../core/index.js';
import type { Ask } from './ask.js';
import type { Broker } from './broker.js';
import { Line } from './line.js';
import { LockBroker, LockOp } from './lock-broker.js';

/** What can be asked of a condition: of its lock, and to be woken. */
export const ConditionOp = { ...LockOp, WAIT: 2 } as const;
/** What can be told it. */
export const ConditionTell = { NOTIFY: 0 } as const;

/**
 * A lock, and a line of those who wait until the holder wakes them. Who was woken stands in the line of the lock, and is answered when it holds it
 * again: `[whether it was cut off, whether the lock was abandoned]`.
 */
export class ConditionBroker implements Broker {
  readonly recall = undefined;
  readonly flush = undefined;
  readonly ops = 3;
  readonly lends = ConditionOp.WAIT;
  readonly #lock = new LockBroker();
  readonly #asleep = new Line();

  get waiting(): number {
    return this.#asleep.size;
  }

  ask(op: number, ask: Ask): void {
    if (op !== ConditionOp.WAIT) {
      this.#lock.ask(op, ask);
      return;
    }
    const hold = ask.lent;
    if (hold === undefined || !this.#lock.isHeldBy(hold)) {
      ask.refuse(new NotHeldError('wait() was called by who does not hold the lock of the condition'));
      return;
    }
    ask.data = false;
    this.#asleep.push(ask);
    this.#lock.release(hold);
  }

  cancel(ask: Ask): void {
    if (ask.line === this.#asleep) {
      // It takes the lock again before it is told. (rule 4)
      this.#asleep.remove(ask);
      ask.data = true;
      this.#lock.queue(ask);
    } else if (ask.lent === undefined) this.#lock.cancel(ask); // one that was woken stays so: it will hold the lock
  }

  release(ask: Ask): boolean {
    return this.#lock.release(ask);
  }

  lost(ask: Ask): void {
    if (ask.line === this.#asleep) this.#asleep.remove(ask);
    else this.#lock.lost(ask);
  }

  tell(op: number, ask: Ask | undefined, data: unknown): void {
    mustBeSaid(op === ConditionTell.NOTIFY && isCount(data), 'Who notifies', 'how many are woken at most', data);
    if (ask === undefined || !this.#lock.isHeldBy(ask)) return;
    let left = data;
    for (let first = this.#asleep.first; first !== undefined && left > 0; first = this.#asleep.first, left--) {
      this.#asleep.remove(first);
      this.#lock.queue(first);
    }
  }
}
