/** What an event touches, and whether it changes it: two events commute unless one changes what the other touches. */
export class Footprint {
  readonly spots: number[] = [];
  readonly changes: boolean[] = [];

  clear(): void {
    this.spots.length = 0;
    this.changes.length = 0;
  }

  add(spot: number, change: boolean): void {
    this.spots.push(spot);
    this.changes.push(change);
  }

  clashes(other: Footprint): boolean {
    for (let i = 0; i < this.spots.length; i++)
      for (let k = 0; k < other.spots.length; k++)
        if (this.spots[i] === other.spots[k] && (this.changes[i] || other.changes[k])) return true;
    return false;
  }
}
