import { OptionError } from './errors.js';
import { type OptionCheck, show, whole } from './options.js';

/** @throws {OptionError} that says what `who` expects, and what came. */
export function mustBe(who: string, check: OptionCheck, value: unknown): void {
  const expected = check(value);
  if (expected !== undefined) throw new OptionError(`${who} expects ${expected}, got ${show(value)}`);
}

/** How many of something, at least one. */
export const some: OptionCheck = whole(1, Number.MAX_SAFE_INTEGER);

/** How many of something that is counted in 32 bits of shared memory, at least one. */
export const some32: OptionCheck = whole(1, 2 ** 31 - 1);
