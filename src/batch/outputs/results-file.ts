import { read } from 'node:fs';
import { promisify } from 'node:util';
import { bare, OutputError, writeAll } from '../../core/index.js';
import { INDEX, inputJson } from '../record.js';
import type { DoneSet } from './done-set.js';
import type { Output } from './output.js';

const NEWLINE = 10;
/** No index is higher: a file that says otherwise is not one of ours. */
const HIGHEST = 2 ** 31;

/** A longer line than this, in bytes, is no text that JSON could be read from. */
const LONGEST = 2 ** 29;
/** The most that is held of a line with zeros, in bytes. */
const WITH_ZEROS = 2 ** 20;
/** How much is read at a time, in bytes. */
const CHUNK = 256 * 1024;
/** The text that stands behind the index of each line. */
const INPUT = ',"input":';

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
   * line, or one with zeros.
   */
  torn: number;
  /**
   * The first line, from 1, that is no result line: of a file without any, or one that is not the
   * only one behind the last of them and torn.
   */
  damaged: number | undefined;
}

/** How results are read. */
interface Reading {
  /** Whether failures are. */
  kept: boolean;
  /** Whether a journal says that the file is this run's, also if there is no result line in it. */
  isOurs: boolean;
  /** Ends the reading, with its reason. */
  ended: AbortSignal | undefined;
}

/**
 * Reads the result lines of an earlier run into `done`; those of failures only if they are to be
 * `kept`.
 */
export async function readResults(file: Output, done: DoneSet, { kept, isOurs, ended }: Reading): Promise<Contents> {
  const found: Contents = { results: 0, failed: 0, end: 0, torn: 0, damaged: undefined };
  /** The first line behind the last good one, and whether it is the only one, and torn. */
  let bad: { number: number; isTorn: boolean; isBeginning: boolean } | undefined;
  let number = 0;
  let at = 0;
  await eachLine(
    file,
    (raw) => {
      number++;
      at += raw.length + (raw.ends ? 1 : 0);
      const line = raw.ends ? parse(raw) : undefined;
      if (line === undefined) {
        const isFirst = bad === undefined;
        bad = { number: bad?.number ?? number, isTorn: isFirst && isTorn(raw), isBeginning: isFirst && isBeginning(raw) };
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
    },
    ended,
  );
  const mayGo = found.results > 0 ? bad?.isTorn : isOurs && bad?.isBeginning;
  if (bad !== undefined && !mayGo) found.damaged ??= bad.number;
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
  await eachLine(file, (raw) => {
    const line = raw.ends ? parse(raw) : undefined;
    if (line === undefined || (line.failed && !withFailures)) return;
    held.push(raw.bytes as Buffer, Buffer.of(NEWLINE));
    size += raw.length + 1;
    if (size > PIECE) flush();
  });
  flush();
}

/** The text of the input that files record for an index, for a message. */
export async function recordedInput(files: readonly Output[], index: number): Promise<string> {
  let text = 'another one';
  for (const file of files) {
    await eachLine(file, (raw) => {
      const line = parse(raw);
      if (line?.index === index) text = inputJson(line.input);
    });
  }
  return text;
}

/** The bytes between two line ends. */
interface RawLine {
  /** `undefined` if it is too long for a result line, or has zeros and is long. */
  bytes: Buffer | undefined;
  /** In bytes. */
  length: number;
  hasZeros: boolean;
  /** Whether it has its end: the last one may not. */
  ends: boolean;
}

/**
 * Calls `take` with each line. No more is held than one that may be a result line: a file of
 * nothing but zeros may be larger than any memory.
 */
async function eachLine(file: Output, take: (line: RawLine) => void, ended?: AbortSignal): Promise<void> {
  if (file.size === 0) return;
  let held: Buffer[] = [];
  let length = 0;
  let hasZeros = false;
  const hold = (piece: Buffer, mayHaveZeros: boolean) => {
    length += piece.length;
    hasZeros ||= mayHaveZeros && piece.includes(0);
    if (isKept()) held.push(piece);
    else held = [];
  };
  const isKept = () => length <= (hasZeros ? WITH_ZEROS : LONGEST);
  const close = (ends: boolean) => {
    const bytes = isKept() ? (held.length === 1 ? held[0] : Buffer.concat(held)) : undefined;
    const line = { bytes, length, hasZeros, ends };
    held = [];
    length = 0;
    hasZeros = false;
    take(line);
  };
  try {
    for await (const chunk of chunksOf(file.fd)) {
      ended?.throwIfAborted();
      const zeros = chunk.includes(0);
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, to), zeros);
        close(true);
        from = to + 1;
      }
      if (from < chunk.length) hold(chunk.subarray(from), zeros);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'read') throw error;
    throw new OutputError(`Cannot read ${file.name}: ${(error as Error).message}`, { cause: error });
  }
  if (length > 0) close(false);
}

const readInto = promisify(read);

/**
 * The bytes of a file from its beginning. Not by a ReadStream: one that is left before its end
 * closes the descriptor, `autoClose` or not, and later, when the number may be another file's.
 */
async function* chunksOf(fd: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK);
    const { bytesRead } = await readInto(fd, chunk, 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

function parse({ bytes }: RawLine): Line | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { index, input, status } = bare(JSON.parse(bytes.toString('utf8')));
    if (!Number.isInteger(index) || index < 0 || index > HIGHEST) return undefined;
    if (status !== 'fulfilled' && status !== 'rejected') return undefined;
    return { index, input, failed: status === 'rejected' };
  } catch {
    return undefined; // no result line, and that is the answer
  }
}

/**
 * Rule 9. Behind result lines: zeros anywhere in a line are a loss of power's, since no text of
 * ours has any; half a line is a kill's.
 */
function isTorn({ bytes, hasZeros, ends }: RawLine): boolean {
  if (hasZeros || bytes === undefined) return hasZeros;
  if (ends) return bytes.toString('latin1').trim() === '';
  return INDEX.startsWith(bytes.toString('latin1', 0, INDEX.length));
}

/**
 * Rule 9. Without any result line: the beginning of the first one, and zeros behind it, or zeros
 * alone. Nothing of anybody else's looks like that.
 */
function isBeginning({ bytes, ends }: RawLine): boolean {
  if (bytes === undefined || ends) return false;
  const zeros = bytes.indexOf(0);
  if (zeros >= 0 && bytes.subarray(zeros).some((byte) => byte !== 0)) return false;
  const text = bytes.toString('latin1', 0, zeros < 0 ? undefined : zeros);
  const index = /^\{"index":\d+/.exec(text);
  return index === null ? INDEX.startsWith(text) : INPUT.startsWith(text.slice(index[0].length, index[0].length + INPUT.length));
}
