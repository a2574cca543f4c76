import { createReadStream } from 'node:fs';
import { OutputError, writeAll } from '../../core/index.js';
import { INDEX, inputJson } from '../record.js';
import type { DoneSet } from './done-set.js';
import type { Output } from './output.js';

const NEWLINE = 10;
/**
 * No index is higher: a file that says otherwise is not one of ours, and must not make us ask for
 * the memory.
 */
const HIGHEST = 2 ** 31;

/** A line of a results file, as far as a later run has to know it. */
interface Line {
  index: number;
  input: unknown;
  failed: boolean;
}

/** The contents of a results file, in figures. */
export interface Contents {
  /** Result lines. */
  results: number;
  /** How many of them are failures. */
  failed: number;
  /** Where the last result line ends, in bytes. */
  end: number;
  /**
   * How many bytes are behind it, if they are what a killed run or a loss of power leaves: half a
   * line, zeros.
   */
  torn: number;
  /** The first line, from 1, that is no result line and is not torn either. */
  damaged: number | undefined;
}

/**
 * Reads the result lines of an earlier run into `done`; those of failures only if they are to be
 * `kept`.
 */
export async function readResults(file: Output, done: DoneSet, kept: boolean): Promise<Contents> {
  const found: Contents = { results: 0, failed: 0, end: 0, torn: 0, damaged: undefined };
  /**
   * The first line behind the last good one, whether all of them since are torn, and the same if
   * there were no good line.
   */
  let bad: { number: number; torn: boolean; tornAlone: boolean } | undefined;
  let number = 0;
  let at = 0;
  await eachLine(file, (bytes, ends) => {
    number++;
    at += bytes.length + (ends ? 1 : 0);
    const line = ends ? parse(bytes) : undefined;
    if (line === undefined) {
      bad ??= { number, torn: true, tornAlone: true };
      bad.torn &&= isTorn(bytes, ends);
      bad.tornAlone &&= isBeginning(bytes);
      return;
    }
    if (bad !== undefined) found.damaged ??= bad.number;
    bad = undefined;
    found.results++;
    found.end = at;
    if (line.failed) found.failed++;
    if (line.failed && !kept) return;
    if (!done.add(line.index, inputJson(line.input))) {
      throw new OutputError(`Cannot resume: ${file.name}:${number} is a second result for input ${line.index}`);
    }
  });
  if (bad !== undefined && !(found.results > 0 ? bad.torn : bad.tornAlone)) found.damaged ??= bad.number;
  found.torn = at - found.end;
  return found;
}

/** Writes the result lines of a file to a descriptor, in their order, and nothing else. */
export async function copyResults(file: Output, to: number, withFailures: boolean): Promise<void> {
  const PIECE = 256 * 1024;
  let held: Buffer[] = [];
  let size = 0;
  const flush = () => {
    writeAll(to, Buffer.concat(held));
    held = [];
    size = 0;
  };
  await eachLine(file, (bytes, ends) => {
    const line = ends ? parse(bytes) : undefined;
    if (line === undefined || (line.failed && !withFailures)) return;
    held.push(bytes, Buffer.of(NEWLINE));
    size += bytes.length + 1;
    if (size > PIECE) flush();
  });
  flush();
}

/** The text of the input that files record for an index, for a message. */
export async function recordedInput(files: readonly Output[], index: number): Promise<string> {
  let text = 'another one';
  for (const file of files) {
    await eachLine(file, (bytes) => {
      const line = parse(bytes);
      if (line?.index === index) text = inputJson(line.input);
    });
  }
  return text;
}

/** Calls `take` with each line, and whether it has its end: the last one may not. */
async function eachLine(file: Output, take: (line: Buffer, ends: boolean) => void): Promise<void> {
  if (file.size === 0) return;
  let held: Buffer[] = [];
  const chunks = createReadStream('', { fd: file.fd, start: 0, autoClose: false, highWaterMark: 256 * 1024 });
  try {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
        const piece = chunk.subarray(from, to);
        take(held.length === 0 ? piece : Buffer.concat([...held, piece]), true);
        held = [];
        from = to + 1;
      }
      if (from < chunk.length) held.push(chunk.subarray(from));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'read') throw error;
    throw new OutputError(`Cannot read ${file.name}: ${(error as Error).message}`, { cause: error });
  }
  if (held.length > 0) take(Buffer.concat(held), false);
}

function parse(bytes: Buffer): Line | undefined {
  try {
    const { index, input, status } = JSON.parse(bytes.toString('utf8'));
    if (!Number.isInteger(index) || index < 0 || index > HIGHEST) return undefined;
    if (status !== 'fulfilled' && status !== 'rejected') return undefined;
    return { index, input, failed: status === 'rejected' };
  } catch {
    return undefined; // no result line, and that is the answer
  }
}

/**
 * Rule 9. Behind result lines: zeros anywhere are a loss of power's, since no text of ours has any;
 * half a line is a kill's.
 */
const isTorn = (bytes: Buffer, ends: boolean): boolean =>
  bytes.includes(0) || (ends ? bytes.toString('latin1').trim() === '' : isBeginning(bytes));

/**
 * Whether this is the beginning of a result line, or nothing but zeros. Also without a good line
 * before it, it can only be ours.
 */
function isBeginning(bytes: Buffer): boolean {
  const text = bytes.subarray(0, 4096).filter((byte) => byte !== 0);
  const start = Buffer.from(text.subarray(0, INDEX.length)).toString('latin1');
  return INDEX.startsWith(start) && (start !== '' || bytes.every((byte) => byte === 0));
}
