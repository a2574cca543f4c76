import { bare, InputError } from '../../core/index.js';
import { Malformed } from '../item.js';
import { Source } from '../source.js';
import { checkReadable, inputFile } from './input-file.js';
import { LineReader, shortened } from './line-reader.js';
import { countLines } from './text-bytes.js';

/**
 * A file of JSON Lines: each line a JSON value, each value an input. Blank lines are left out. A line that is not JSON
 * is malformed: a job records it as a failure of that input and goes on.
 *
 * Cancelling: as any source.
 *
 * @param file A path, or `-` for standard input.
 *
 * @example
 * ```ts run
 * import { jsonl } from 'meantime/batch';
 *
 * jsonl('people.jsonl').kind; // => 'jsonl'
 * ```
 */
export function jsonl(file: string): Source<unknown> {
  const from = inputFile('jsonl', file);
  const open = () => new LineReader<unknown>(from, parse);
  return new Source<unknown>(
    bare({
      kind: 'jsonl',
      label: from.label,
      file: from.path,
      check: () => checkReadable(from, open),
      total: (signal) => countLines(from, signal),
      open,
    }),
  );
}

function parse(line: string, place: () => string): unknown {
  if (line.trim() === '') return undefined;
  try {
    return JSON.parse(line);
  } catch (error) {
    return new Malformed(new InputError(`${place()}: expected one JSON value, got ${(error as Error).message}`), shortened(line));
  }
}
