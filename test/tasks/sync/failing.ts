/** Collects the checks that a suite registers, and runs them here. */
export class Checks {
  readonly #checks: [name: string, check: () => Promise<void>][] = [];

  readonly test = (name: string, check: () => Promise<void>): void => {
    this.#checks.push([name.replace(/^[^:]*: /, '').replace(/ \(seed \d+\)$/, ''), check]);
  };

  readonly skip = (): void => undefined;

  /** The names of those that fail. */
  async failing(): Promise<string[]> {
    const failing: string[] = [];
    for (const [name, check] of this.#checks) await check().catch(() => failing.push(name));
    return failing;
  }
}
