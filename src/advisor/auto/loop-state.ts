/** A loop that is busy for this share of the time is held, below the other it has much room. Between them nothing is said. */
const [HELD, FREE] = [0.85, 0.5];
/** So many looks in a row have to say the same. */
const SURE = 2;

/** Whether loops are held or have room, by several looks at them: it is seen when that turns, for then the work has become other work. */
export class LoopState {
  #state: 'held' | 'free' | undefined;
  #other = 0;

  /** @returns what it has turned to, if it has turned just now. The first state is no turn. */
  saw(busy: number): 'held' | 'free' | undefined {
    const now = busy >= HELD ? 'held' : busy < FREE ? 'free' : this.#state;
    if (now === this.#state) {
      this.#other = 0;
      return undefined;
    }
    if (++this.#other < SURE) return undefined;
    this.#other = 0;
    const before = this.#state;
    this.#state = now;
    return before === undefined ? undefined : now;
  }

  forget(): void {
    this.#state = undefined;
    this.#other = 0;
  }
}
