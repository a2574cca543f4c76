import { allBare } from '../core/index.js';
import type { OptionSpec } from './option-table.js';
import { bounds } from './quantities.js';

/** The options that say where inputs come from: the same for every command. */
export const inputOptions: readonly OptionSpec[] = allBare<OptionSpec>([
  { name: 'lines', value: 'FILE', about: 'Inputs: the lines of a text file, as strings ("-": standard input)' },
  { name: 'jsonl', value: 'FILE', about: 'Inputs: a JSON value on each line' },
  { name: 'csv', value: 'FILE', about: 'Inputs: the records of a CSV file, as objects named by its header row' },
  { name: 'glob', value: 'PATTERN', many: true, about: 'Inputs: the names of the files that match, sorted' },
  { name: 'range', value: 'A..B[:STEP]', read: bounds, about: 'Inputs: numbers, both ends included' },
  { name: 'literal', about: 'Take INPUTS as they are, also those with a *' },
]);
