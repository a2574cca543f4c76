import { Source } from '../source.js';
import { checkReadable, countLines, labelOf } from './bytes.js';
import { LineReader } from './line-reader.js';

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
  return new Source<string>({
    kind: 'lines',
    label: labelOf(file),
    file,
    check: () => checkReadable(file),
    total: (signal) => countLines(file, signal),
    open: () => new LineReader<string>(file, (line) => line),
  });
}
