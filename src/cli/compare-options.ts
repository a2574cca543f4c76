import { allBare } from '../core/index.js';
import { inputOptions } from './input-options.js';
import type { OptionSpec } from './option-table.js';
import { duration, wholeFrom, word } from './quantities.js';

/** The options of `meantime compare`, in the order of its help. */
export const compareOptions: readonly OptionSpec[] = allBare<OptionSpec>([
  ...inputOptions,
  {
    name: 'on',
    value: 'WHERE',
    many: true,
    read: word('tasks', 'threads', 'processes'),
    about: 'Compare only these with one at a time; may be given several times (default: tasks, threads and processes)',
  },
  { name: 'rounds', value: 'N', read: wholeFrom(1), about: 'Measure each way N times (default: 3, fewer if one at a time takes seconds)' },
  { name: 'max-inputs', value: 'N', read: wholeFrom(1), about: 'Take at most the first N inputs (default: 10000)' },
  { name: 'timeout', value: 'TIME', read: duration, about: 'The most it may take as a whole: 500 (ms), 30s, 5m (default: 2m)' },
  { name: 'json', about: 'Print the comparison as a line of JSON; times in ms, sizes in bytes' },
  { name: 'quiet', short: 'q', about: 'Do not tell progress' },
]);

/** Shown at the end of `meantime compare --help`. */
export const compareNotes = `FUNCTION and INPUTS are as for "meantime map". Every way runs every input, several times over: what a call changes
  in the world is changed as often.

  One at a time runs in a thread of its own, tasks on this one. If a call does not return, or ends its process, the table
  says so.

  Ctrl-C prints what has been measured so far; a second one stops at once.

  Exit code: 0 all was measured, 1 calls fail one at a time or time was up, 2 wrong usage or unreadable inputs,
  130 interrupted, 141 whoever read the table went away.`;

/** Shown under "Examples". */
export const compareExamples: readonly string[] = [
  'meantime compare ./check.js#head --lines urls.txt',
  "meantime compare ./thumbs.ts#resize 'photos/*.jpg' --max-inputs 50",
  'meantime compare ./primes.js#isPrime --range 1000000..1000100 --on threads --on processes --rounds 5',
];
