import { type Runnable, scheduler } from '../scheduler.js';

/**
 * Looks again at a wait list after somebody in it was cut off: those behind may be served now. Not at once but when all has been told that is cancelled together:
 * or each of those who are to be cut off next would still be handed what the one before it gave up.
 */
export class Recheck implements Runnable {
  readonly #look: () => void;
  #asked = false;

  constructor(look: () => void) {
    this.#look = look;
  }

  get scope(): undefined {
    return undefined;
  }

  /** For `Wait.onCut`. */
  readonly ask = (): void => {
    if (this.#asked) return;
    this.#asked = true;
    scheduler.push(this);
  };

  resume(): void {
    this.#asked = false;
    this.#look();
  }
}
