import { bare } from '../../core/index.js';
import { Source } from '../source.js';
import { checkReadable, inputFile } from './input-file.js';
import { LineReader } from './line-reader.js';
import { countLines } from './text-bytes.js';

/**
 * The lines of a UTF-8 text file, as strings without their line ends. An empty line is an input too; the end of the last
 * line does not begin a further one.
 *
 * Cancelling: as any source.
 *
 * @param file A path, or `-` for standard input.
 *
 * @example
 * ```ts run
 * import { lines } from 'meantime/batch';
 *
 * lines('-').label; // => 'standard input'
 * ```
 */
export function lines(file: string): Source<string> {
  const from = inputFile('lines', file);
  const open = () => new LineReader<string>(from, (line) => line);
  return new Source<string>(
    bare({
      kind: 'lines',
      label: from.label,
      file: from.path,
      check: () => checkReadable(from, open),
      total: (signal) => countLines(from, signal),
      open,
    }),
  );
}
