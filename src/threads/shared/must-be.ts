import { type OptionCheck, OptionError, whole } from '../../core/index.js';

/** @throws {OptionError} that says what `who` expects, and what came. */
export function mustBe(who: string, check: OptionCheck, value: unknown): void {
  const expected = check(value);
  if (expected !== undefined)
    throw new OptionError(`${who} expects ${expected}, got ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`);
}

/** How many of something that is counted in shared memory: at least one. */
export const some: OptionCheck = whole(1, 2 ** 31 - 1);
