/** One who wants cores. */
export interface Member {
  /** How many it could use now. */
  wanted: number;
}

/**
 * The cores of this process, shared among its AutoExecutors: who wants little gets that, and the others the same share of what is left (max-min fairness). So two
 * of them that compute take half of the machine each, and one whose neighbour waits takes it all.
 */
export class CoreBudget {
  readonly #members = new Set<Member>();

  join(member: Member): void {
    this.#members.add(member);
  }

  leave(member: Member): void {
    this.#members.delete(member);
  }

  /** How many of `cores` this member may use: at least one. */
  share(member: Member, cores: number): number {
    const others = [...this.#members].filter((other) => other !== member).map(({ wanted }) => wanted);
    if (others.length === 0) return cores;
    // The wants in ascending order; whoever wants less than an equal part leaves the rest to those after it.
    const all = [...others, Number.POSITIVE_INFINITY].sort((a, b) => a - b);
    let left = cores;
    // This member, who takes all it gets, comes last.
    for (const [i, want] of all.slice(0, -1).entries()) left -= Math.min(want, left / (all.length - i));
    return Math.max(1, Math.floor(left));
  }
}

/** The budget of this process. */
export const coreBudget = new CoreBudget();
