/** Calls that hold their loop for less than this, in ms, are all alike: what differs is how many are answered in one turn. */
const LIGHT = 0.1;
/** By this factor they have to become heavier or lighter, in so many looks in a row. */
const [FACTOR, SURE] = [3, 2];
/** How many looks are left out after that workers have come or gone. */
const SETTLES = 3;
/** How much a new measurement says against all before it. */
const NEW = 0.2;

/**
 * How long a call holds its loop. That does not depend on how many calls are in flight or how many workers there are, so when it changes much, the work has become other work.
 */
export class CallWeight {
  #weight: number | undefined;
  #others = 0;
  #skip = 0;

  /**
   * @param busy How long the loops were busy, in ms, while `calls` calls ended.
   * @returns what calls have become, if they have just now.
   */
  saw(busy: number, calls: number): 'heavier' | 'lighter' | undefined {
    if (calls === 0 || this.#skip-- > 0) return undefined;
    const now = Math.max(LIGHT, busy / calls);
    const before = this.#weight;
    if (before === undefined) {
      this.#weight = now;
      return undefined;
    }
    const turned = now > before * FACTOR ? 'heavier' : now < before / FACTOR ? 'lighter' : undefined;
    if (turned === undefined) {
      this.#others = 0;
      this.#weight = before + NEW * (now - before);
      return undefined;
    }
    if (++this.#others < SURE) return undefined;
    this.#others = 0;
    this.#weight = now;
    return turned;
  }

  /** Workers have come or gone: their start was no call's. */
  forget(): void {
    this.#skip = SETTLES;
    this.#weight = undefined;
    this.#others = 0;
  }
}
