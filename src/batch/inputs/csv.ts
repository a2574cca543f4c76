import { bare, InputError, outside } from '../../core/index.js';
import { type Item, Malformed, type Reader } from '../item.js';
import { Source } from '../source.js';
import { checkReadable, type InputFile, inputFile } from './input-file.js';
import { LineReader, shortened } from './line-reader.js';

/** One record of a CSV file: its texts under the header's names. */
export type CsvRow = Record<string, string>;

/**
 * A CSV file with a header row: each further record is an input, an object of strings under the header's names. A record
 * with more or fewer columns than the header, or with broken quotes, is malformed: a job records it as a failure and goes on.
 * Blank lines are left out; a line end inside quotes becomes `\n`.
 *
 * Cancelling: as any source.
 *
 * @param file A path, or `-` for standard input.
 *
 * @example
 * ```ts run
 * import { csv } from 'meantime/batch';
 *
 * csv('people.csv').kind; // => 'csv'
 * ```
 */
export function csv(file: string): Source<CsvRow> {
  const from = inputFile('csv', file);
  const open = () => new CsvReader(from);
  return new Source<CsvRow>(bare({ kind: 'csv', label: from.label, file: from.path, check: () => checkReadable(from, open), open }));
}

type Parse = (text: string) => string[][];

/** Some lines that should be one record: more than one where a quote is open at a line's end. */
interface Candidate {
  readonly line: number;
  lines: string[];
  size: number;
}

/** A quote that is not closed within this many characters was never meant to be. */
const LONGEST = 1024 * 1024;

/**
 * Finds where records end by counting quotes, and has them parsed many at a time. The parser's own way to go on after an
 * error stays inside the broken quotes and drops the records that follow, so a batch that fails is parsed record by record.
 */
class CsvReader implements Reader<CsvRow> {
  readonly count = undefined;
  readonly #file: InputFile;
  readonly #lines: LineReader<string>;
  #parse: Parse | undefined;
  #header: string[] | undefined;
  #open: Candidate | undefined;
  #line = 0;
  #ended = false;

  constructor(file: InputFile) {
    this.#file = file;
    this.#lines = new LineReader<string>(file, (line) => line);
  }

  async read(): Promise<readonly Item<CsvRow>[]> {
    this.#parse ??= await loadParser();
    const out: Item<CsvRow>[] = [];
    while (out.length === 0 && !this.#ended) {
      const lines = await this.#lines.read();
      const whole: Candidate[] = [];
      for (const line of lines) this.#add(line, whole, out);
      if (lines.length === 0) {
        this.#ended = true;
        while (this.#open) this.#giveUp(whole, out);
      }
      this.#flush(whole, out);
    }
    return out;
  }

  close(): void {
    this.#ended = true;
    this.#lines.close();
  }

  #add(line: Item<string>, whole: Candidate[], out: Item<CsvRow>[]): void {
    this.#line++;
    if (line instanceof Malformed) {
      while (this.#open) this.#giveUp(whole, out);
      this.#flush(whole, out);
      if (this.#header === undefined) throw line.error;
      out.push(line);
    } else this.#join(line, this.#line, whole, out);
  }

  #join(line: string, number: number, whole: Candidate[], out: Item<CsvRow>[]): void {
    const open = this.#open;
    if (open === undefined) {
      if (oddQuotes(line)) this.#open = { line: number, lines: [line], size: line.length };
      else if (line !== '') whole.push({ line: number, lines: [line], size: line.length });
      return;
    }
    open.lines.push(line);
    open.size += line.length + 1;
    if (oddQuotes(line)) {
      // Parsed now, not with its batch: if it is broken, its later lines are read again, before those that follow.
      this.#open = undefined;
      this.#flush(whole, out);
      this.#alone(open, whole, out);
    } else if (open.size > LONGEST) this.#giveUp(whole, out);
  }

  /** The quote that the open record began was never closed. */
  #giveUp(whole: Candidate[], out: Item<CsvRow>[]): void {
    const open = this.#open as Candidate;
    this.#open = undefined;
    this.#flush(whole, out);
    const within = open.size > LONGEST ? ` within ${LONGEST} characters` : '';
    this.#broken(open, `a quote that is not closed${within}`, whole, out);
  }

  #flush(whole: Candidate[], out: Item<CsvRow>[]): void {
    if (whole.length === 0) return;
    const candidates = whole.splice(0);
    const records = this.#tryParse(candidates);
    if (Array.isArray(records) && records.length === candidates.length) {
      for (let i = 0; i < records.length; i++) this.#record(records[i], candidates[i].line, out);
    } else for (const candidate of candidates) this.#alone(candidate, whole, out);
  }

  #alone(candidate: Candidate, whole: Candidate[], out: Item<CsvRow>[]): void {
    const records = this.#tryParse([candidate]);
    if (Array.isArray(records) && records.length === 1) this.#record(records[0], candidate.line, out);
    else this.#broken(candidate, Array.isArray(records) ? `${records.length} records` : records, whole, out);
  }

  /** Its first line is wrong; the others get another chance. */
  #broken(candidate: Candidate, why: string, whole: Candidate[], out: Item<CsvRow>[]): void {
    this.#refuse(candidate.line, `expected a CSV ${this.#header ? 'record' : 'header'}, got ${why}`, candidate.lines[0], out);
    for (let i = 1; i < candidate.lines.length; i++) this.#join(candidate.lines[i], candidate.line + i, whole, out);
  }

  #tryParse(candidates: readonly Candidate[]): string[][] | string {
    try {
      return (this.#parse as Parse)(candidates.map((c) => c.lines.join('\n')).join('\n'));
    } catch (error) {
      // The library's messages end with the line as it counts them, and with advice for its own options.
      return (error as Error).message.replace(/,? (at|on) line \d+.*/s, '');
    }
  }

  #record(record: string[], line: number, out: Item<CsvRow>[]): void {
    const header = this.#header;
    if (record.length === 1 && record[0].trim() === '' && header?.length !== 1) return; // a blank line
    if (header === undefined) this.#begin(record, line);
    else if (record.length !== header.length) {
      this.#refuse(line, `expected ${header.length} columns as in the header, got ${record.length}`, record.join(','), out);
    } else out.push(Object.fromEntries(header.map((name, i) => [name, record[i]])));
  }

  #begin(names: string[], line: number): void {
    const columns = new Map<string, number>();
    for (const [i, name] of names.entries()) {
      const former = columns.get(name);
      if (former !== undefined) {
        throw new InputError(
          `${this.#file.label}:${line}: expected a name of its own for each column, got ${JSON.stringify(name)} for columns ${former + 1} and ${i + 1}`,
        );
      }
      columns.set(name, i);
    }
    this.#header = names;
  }

  #refuse(line: number, why: string, raw: string, out: Item<CsvRow>[]): void {
    const error = new InputError(`${this.#file.label}:${line}: ${why}`);
    // Without its header no record has names.
    if (this.#header === undefined) throw error;
    out.push(new Malformed(error, shortened(raw)));
  }
}

async function loadParser(): Promise<Parse> {
  const { parse } = await outside(() => import('csv-parse/sync'));
  return (text) => parse(text, bare({ relax_column_count: true, record_delimiter: '\n' }));
}

function oddQuotes(line: string): boolean {
  let odd = false;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) odd = !odd;
  return odd;
}
