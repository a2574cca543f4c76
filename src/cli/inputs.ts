import { statSync } from 'node:fs';
import { csv, glob, jsonl, lines, list, range, type Source } from '../batch/index.js';
import { bare } from '../core/index.js';
import { UsageError } from './exit-code.js';

type Range = { first: number; last: number; step: number | undefined };

/** The one source that a command line names: its INPUTS, or one of the options for inputs. */
export function chooseSource(positional: readonly string[], values: ReadonlyMap<string, unknown>): Source<unknown> {
  const files = ['lines', 'jsonl', 'csv', 'glob', 'range'].filter((name) => values.has(name));
  const given = [...(positional.length > 0 ? ['INPUTS'] : []), ...files.map((name) => `--${name}`)];
  if (given.length === 0) {
    throw new UsageError(
      'Expected inputs, got none: give INPUTS, --lines, --jsonl, --csv, --glob or --range ("-" reads lines from standard input)',
    );
  }
  if (given.length > 1) throw new UsageError(`Expected one kind of inputs, got ${given.join(' and ')}`);
  const [name] = files;
  const several = values.get(name);
  if (name === 'range') {
    const { first, last, step } = several as Range;
    return range(first, last, step);
  }
  if (name === 'glob') return glob(several as string[]);
  if (name !== undefined) return { lines, jsonl, csv }[name as 'lines' | 'jsonl' | 'csv'](several as string);
  return fromArguments(positional, values.has('literal'));
}

function fromArguments(inputs: readonly string[], literal: boolean): Source<unknown> {
  if (literal) return list(inputs);
  if (inputs.length === 1 && inputs[0] === '-') return lines('-');
  if (inputs.includes('-')) throw new UsageError('"-" reads the inputs from standard input and goes with no others');
  const patterns = inputs.filter(isPattern);
  if (patterns.length === 0) return list(inputs);
  const plain = inputs.find((input) => !isPattern(input) && !isFile(input));
  if (plain !== undefined) {
    throw new UsageError(
      `Expected files and patterns, or plain inputs, got both (${patterns[0]} is a pattern, and ${plain} is no file); --literal takes all as they are`,
    );
  }
  return glob(inputs);
}

/**
 * A web address may have a star and a question mark, and is never a file here; a shell that has
 * found a file with a star in its name gives that name.
 */
const isPattern = (input: string): boolean => input.includes('*') && !/^[a-z][a-z0-9+.-]*:\/\//i.test(input) && !isFile(input);

const isFile = (path: string): boolean => statSync(path, bare({ throwIfNoEntry: false }))?.isDirectory() === false;
