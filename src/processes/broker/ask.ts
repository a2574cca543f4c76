import type { Line } from './line.js';

/**
 * One thing that somebody asked of a broker: a link in the line it waits in, and the way its answer goes. An ask that was granted something that has to be given back
 * (a lock, permits) is what holds it, until then.
 */
export abstract class Ask {
  readonly party: object;
  /** Where it waits; `undefined` while it does not. */
  line: Line | undefined = undefined;
  left: Ask | undefined = undefined;
  right: Ask | undefined = undefined;
  /** What it asks for, as the broker of its kind reads it: a number of permits, an item, a most. */
  data: unknown;
  /** For who asks to be woken: its hold of the lock, which it has lent meanwhile. */
  lent: Ask | undefined = undefined;

  /** @param party Who asks: the same object for all that one process or thread asks. */
  constructor(party: object, data?: unknown) {
    this.party = party;
    this.data = data;
  }

  /** It was answered with a value, and that was all. */
  abstract give(value: unknown): void;
  /** It holds something from now on. */
  abstract hold(value: unknown): void;
  /** It was refused. */
  abstract refuse(error: Error): void;
}
