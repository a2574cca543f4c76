import type { Footprint } from './footprint.js';

/**
 * What happened before what: vector clocks over the events of one execution. An event comes after those of its own mover, after those that it cannot have overtaken (who was
 * woken comes after who woke it) and after earlier events that it clashes with. All events that are not ordered can be swapped without a difference.
 */
export class Order {
  readonly #movers: number;
  /** By depth: for each mover the clock that its next event begins with. */
  #rows: Int32Array = new Int32Array(0);
  /** By event: its clock. A clock has, for each mover, the number of its last event that is known, plus one. */
  #clocks: Int32Array = new Int32Array(0);
  readonly #who: number[] = [];
  /** By spot: the last access, or -1. */
  readonly #last: number[] = [];
  /** Accesses, in the order of events: each knows the one before on its spot. */
  readonly #spot: number[] = [];
  readonly #changes: boolean[] = [];
  readonly #earlier: number[] = [];
  readonly #event: number[] = [];
  /** By depth: how many accesses there were. */
  readonly #count: number[] = [0];
  #depth = 0;
  /** Of the last event: earlier events that it clashes with and could have overtaken, the latest first. */
  readonly races: number[] = [];
  readonly #found: number[] = [];
  readonly #firstEvents: number[] = [];
  readonly #seen: Int32Array;

  constructor(movers: number) {
    this.#movers = movers;
    this.#seen = new Int32Array(movers);
  }

  begin(): void {
    this.#depth = 0;
    this.#grow();
    this.#rows.fill(0, 0, this.#movers ** 2);
  }

  /** One event. `enabler` is a mover without whose events it could not be, or -1. */
  enter(mover: number, footprint: Footprint, enabler: number): void {
    const m = this.#movers;
    const event = this.#depth;
    this.#open(mover);
    const row = this.#depth * m * m;
    const clock = event * m;
    const seen = this.#seen;
    for (let i = 0; i < m; i++) seen[i] = this.#rows[row + mover * m + i];
    if (enabler !== -1) for (let i = 0; i < m; i++) seen[i] = Math.max(seen[i], this.#rows[row + enabler * m + i]);
    this.#collect(footprint);
    this.races.length = 0;
    for (const other of this.#found) {
      if (seen[this.#who[other]] > other) continue;
      this.races.push(other);
      this.#join(seen, other * m);
    }
    seen[mover] = event + 1;
    this.#clocks.set(seen, clock);
    this.#rows.set(seen, row + mover * m);
    this.#touch(event, footprint);
  }

  /** Whether the last event comes after another. */
  isAfter(event: number): boolean {
    return this.#clocks[(this.#depth - 1) * this.#movers + this.#who[event]] > event;
  }

  /** The next events of the movers of a mask come after the last event. */
  lead(mask: number): void {
    const m = this.#movers;
    const clock = (this.#depth - 1) * m;
    for (let q = 0; q < m; q++) {
      if (!(mask & (1 << q))) continue;
      const at = this.#depth * m * m + q * m;
      for (let i = 0; i < m; i++) this.#rows[at + i] = Math.max(this.#rows[at + i], this.#clocks[clock + i]);
    }
  }

  /** An event that comes after all others, and before all that follow. It is nobody's. */
  pass(): void {
    this.#open(0);
    const m = this.#movers;
    const row = this.#depth * m * m;
    this.#seen.fill(0);
    for (let q = 0; q < m; q++) for (let i = 0; i < m; i++) this.#seen[i] = Math.max(this.#seen[i], this.#rows[row + q * m + i]);
    for (let q = 0; q < m; q++) this.#rows.set(this.#seen, row + q * m);
    this.#clocks.set(this.#seen, (this.#depth - 1) * m);
    this.#count[this.#depth] = this.#count[this.#depth - 1];
  }

  undo(): void {
    const from = this.#count[--this.#depth];
    for (let access = this.#count[this.#depth + 1] - 1; access >= from; access--) this.#last[this.#spot[access]] = this.#earlier[access];
  }

  /**
   * Of the events since `event` that do not come after it, and `more`, the movers that could be first, as a mask: any of them, moved in the place of `event`, leads to where
   * all of these come before `event`.
   */
  firsts(event: number, more: number): number {
    const m = this.#movers;
    const by = this.#who[event];
    let mask = 0;
    for (let later = event + 1; later < this.#depth; later++) {
      const clock = later * m;
      if (later !== more && this.#clocks[clock + by] > event) continue;
      if (mask & (1 << this.#who[later])) continue;
      let isFirst = true;
      for (const first of this.#firstEvents) if (this.#clocks[clock + this.#who[first]] > first) isFirst = false;
      if (!isFirst) continue;
      mask |= 1 << this.#who[later];
      this.#firstEvents.push(later);
    }
    this.#firstEvents.length = 0;
    return mask;
  }

  #open(mover: number): void {
    this.#who[this.#depth] = mover;
    this.#depth++;
    this.#grow();
    const size = this.#movers ** 2;
    this.#rows.copyWithin(this.#depth * size, (this.#depth - 1) * size, this.#depth * size);
  }

  #grow(): void {
    const rows = (this.#depth + 2) * this.#movers ** 2;
    if (this.#rows.length >= rows) return;
    const [more, clocks] = [new Int32Array(rows * 2), new Int32Array((rows * 2) / this.#movers)];
    more.set(this.#rows);
    clocks.set(this.#clocks);
    [this.#rows, this.#clocks] = [more, clocks];
  }

  /** The earlier events that a footprint clashes with, the latest first: on each spot back to the last change. */
  #collect(footprint: Footprint): void {
    const found = this.#found;
    found.length = 0;
    for (let i = 0; i < footprint.spots.length; i++) {
      const isChange = footprint.changes[i];
      for (let access = this.#last[footprint.spots[i]] ?? -1; access !== -1; access = this.#earlier[access]) {
        if (isChange || this.#changes[access]) found.push(this.#event[access]);
        if (this.#changes[access]) break;
      }
    }
    if (found.length > 1) found.sort((a, b) => b - a);
  }

  #touch(event: number, footprint: Footprint): void {
    let access = this.#count[event];
    for (let i = 0; i < footprint.spots.length; i++, access++) {
      const spot = footprint.spots[i];
      while (this.#last.length <= spot) this.#last.push(-1);
      this.#spot[access] = spot;
      this.#changes[access] = footprint.changes[i];
      this.#earlier[access] = this.#last[spot];
      this.#event[access] = event;
      this.#last[spot] = access;
    }
    this.#count[this.#depth] = access;
  }

  #join(clock: Int32Array, from: number): void {
    for (let i = 0; i < clock.length; i++) if (this.#clocks[from + i] > clock[i]) clock[i] = this.#clocks[from + i];
  }
}
