import assert from 'node:assert/strict';
import { test } from 'node:test';

/** Where a suite was borrowed from. */
export interface Origin {
  /** The version that was read, and the file. */
  readonly source: string;
  readonly licence: string;
  /** Class -> its tests, all of them, apart by blanks. */
  readonly tests: Readonly<Record<string, string>>;
  /** `Class.test` or `Class` -> why it is not here. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/** On whom a test is not run, and why. */
export type Without<S extends string> = { readonly [K in S]?: string };

/**
 * A borrowed suite: what was taken runs for each subject, what was not has a reason, and whatever the original has must be one or the other.
 */
export class Ledger<S extends { readonly name: string }> {
  readonly #origin: Origin;
  readonly #subjects: readonly S[];
  readonly #taken = new Map<string, number>();
  readonly #exempt: string[] = [];

  constructor(origin: Origin, subjects: readonly S[]) {
    this.#origin = origin;
    this.#subjects = subjects;
  }

  /** One promise of the original, re-expressed: a test for each subject. `names`: one or several tests of the original, as `Class.test`. */
  take(names: string | readonly string[], says: string, body: (subject: S) => unknown, without: Without<S['name']> = {}): void {
    const all = typeof names === 'string' ? [names] : names;
    for (const name of all) this.#taken.set(name, (this.#taken.get(name) ?? 0) + 1);
    for (const subject of this.#subjects) {
      const reason = without[subject.name as S['name']];
      if (reason === undefined) test(`${subject.name}: ${all.join(', ')}: ${says}`, async () => void (await body(subject)));
      else this.#exempt.push(`${all.join(', ')}, not for ${subject.name}: ${reason}`);
    }
  }

  /** What the original does not ask, and should. */
  also(says: string, body: (subject: S) => unknown): void {
    for (const subject of this.#subjects) test(`${subject.name}, beyond the original: ${says}`, async () => void (await body(subject)));
  }

  /** The last line of a file: holds it to the list, and prints what is missing and why. */
  account(): void {
    const { source, licence, tests, leftOut } = this.#origin;
    test(`${source} (${licence}): each test was taken, or left out with a reason`, (t) => {
      const all = Object.entries(tests).flatMap(([of, names]) => names.split(' ').map((name) => `${of}.${name}`));
      const reasonOf = (name: string) => leftOut[name] ?? leftOut[name.slice(0, name.indexOf('.'))];
      for (const name of all) {
        assert.ok(this.#taken.has(name) !== (reasonOf(name) !== undefined), `${name}: neither taken nor left out, or both`);
      }
      for (const name of this.#taken.keys()) assert.ok(all.includes(name), `${name} is not a test of the original`);
      for (const name of Object.keys(leftOut)) {
        assert.ok(
          all.some((one) => one === name || one.startsWith(`${name}.`)),
          `${name} is not a test of the original`,
        );
      }
      t.diagnostic(`${source}: ${this.#taken.size} of ${all.length} taken`);
      for (const name of all) if (!this.#taken.has(name)) t.diagnostic(`left out: ${name}: ${reasonOf(name)}`);
      for (const line of this.#exempt) t.diagnostic(`left out: ${line}`);
    });
  }
}
