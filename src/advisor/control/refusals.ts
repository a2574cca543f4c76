/** More than this share of refused calls is too much. */
const TOLERATED = 0.01;
const FEWEST = 3;
/** How many calls are looked at together. */
const LOT = 200;
/** After so many cuts in a row that changed nothing, refusals are taken for something that does not depend on how many are in flight. */
const IN_VAIN = 5;
const SELDOM = 0.25;

/** Counts refused calls and says when they are too many. */
export class Refusals {
  /** How many were refused, of how many, since the last cut or for the lot under way. */
  refused = 0;
  seen = 0;
  #tolerated = TOLERATED;
  #since = Number.NEGATIVE_INFINITY;
  #cuts = 0;
  #before = 0;
  #cutRefused = 0;
  #cutSeen = 0;

  saw(calls: number): void {
    this.seen += calls;
    if (this.seen >= LOT && this.refused <= this.#tolerated * this.seen) this.#lotDone();
  }

  /** A refused call: whether there are too many now. Calls that began before the last cut say nothing about what is asked since. */
  refusedOne(at: number, took: number, calls: number): boolean {
    if (at - took < this.#since) return false;
    this.refused += calls;
    const tolerated = this.#tolerated * this.seen;
    // A few that come together by chance are not many; who is asked too much refuses many at once.
    return this.refused >= FEWEST && this.refused > tolerated + 2 * Math.sqrt(tolerated);
  }

  get share(): number {
    return this.seen > 0 ? Math.min(1, this.refused / this.seen) : 0;
  }

  /** The limit is lowered at `at`. Gives the limit that the cuts in a row began at, once they have shown themselves to be in vain. */
  cut(at: number, limit: number): number | undefined {
    if (this.#cuts === 0) this.#before = limit;
    this.#cuts++;
    this.#cutRefused += this.refused;
    this.#cutSeen += this.seen;
    this.#since = at;
    const share = this.#cutRefused / Math.max(1, this.#cutSeen);
    const before = this.#cuts >= IN_VAIN && share < SELDOM ? this.#before : undefined;
    if (before !== undefined) this.#tolerated = 1.5 * share;
    if (this.#cuts >= IN_VAIN) this.#cuts = this.#cutRefused = this.#cutSeen = 0;
    this.refused = this.seen = 0;
    return before;
  }

  /** A limit that was only tried is left. */
  retreat(at: number): void {
    this.#since = at;
    this.refused = this.seen = 0;
  }

  #lotDone(): void {
    this.refused = this.seen = 0;
    this.#cuts = this.#cutRefused = this.#cutSeen = 0;
    this.#tolerated = Math.max(TOLERATED, this.#tolerated * 0.998);
  }
}
