import { OptionError } from './errors.js';
import { type OptionCheck, whole } from './options.js';

/** @throws {OptionError} that says what `who` expects, and what came. */
export function mustBe(who: string, check: OptionCheck, value: unknown): void {
  const expected = check(value);
  if (expected !== undefined)
    throw new OptionError(`${who} expects ${expected}, got ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`);
}

/** How many of something, at least one. */
export const some: OptionCheck = whole(1, Number.MAX_SAFE_INTEGER);

/** How many of something that is counted in 32 bits of shared memory, at least one. */
export const some32: OptionCheck = whole(1, 2 ** 31 - 1);

const unbounded = whole(1);
/** How many at most: a number, or no limit, which has to be said. */
export const limit: OptionCheck = (value) => (unbounded(value) === undefined ? undefined : 'a whole number from 1 up, or Infinity');
