import { allBare } from '../core/index.js';
import { inputOptions } from './input-options.js';
import type { OptionSpec } from './option-table.js';
import { duration } from './quantities.js';

/** The options of `meantime advise`, in the order of its help. */
export const adviseOptions: readonly OptionSpec[] = allBare<OptionSpec>([
  ...inputOptions,
  { name: 'timeout', value: 'TIME', read: duration, about: 'The most it may take: 500 (ms), 2s, 1m (default: 10s)' },
  { name: 'budget', value: 'TIME', read: duration, about: 'How long the calls that count should take together (default: 150ms)' },
  { name: 'json', about: 'Write the advice as one JSON value' },
]);

/** Shown at the end of `meantime advise --help`. */
export const adviseNotes = `FUNCTION and INPUTS are those of "meantime map"; the first 100 inputs are taken. The function is really called with them, some
  five to some thousand times in about half a second, in a process of its own.

  The answer says for how long a call computes, holds its thread without computing, has Node's own pool compute, and waits; what
  follows from that, and what it would give. docs/choosing.md says how to read it.

  Exit code: 0 it was measured, 1 not one call went well, 2 wrong usage or unreadable inputs, 130 interrupted.`;

/** Shown under "Examples". */
export const adviseExamples: readonly string[] = [
  "meantime advise ./thumbs.ts#resize 'photos/*.jpg'",
  'meantime advise ./check.js#head --lines urls.txt --json',
];
