const RELAX = { by: 1.02, every: 200 };
/** Where a limit above was not refused, so much more may be tried. */
const PROVEN = 1.5;

/** Where calls were refused: remembered, and relaxed slowly, 2 % in 200 ms. */
export class Ceiling {
  #limit = Number.POSITIVE_INFINITY;
  #since = 0;

  get limit(): number {
    return Math.floor(this.#limit);
  }

  set(at: number, limit: number): void {
    this.#limit = limit;
    this.#since = at;
  }

  /** Nothing was refused at `limit`. */
  proven(limit: number): void {
    this.#limit = Math.max(this.#limit, limit * PROVEN);
  }

  forget(): void {
    this.#limit = Number.POSITIVE_INFINITY;
  }

  relax(at: number): void {
    if (this.#limit === Number.POSITIVE_INFINITY || at - this.#since < RELAX.every) return;
    this.#since = at;
    this.#limit = Math.max(this.#limit * RELAX.by, this.#limit + 0.1);
  }
}
