import { closeSync, createReadStream, fsyncSync, openSync, realpathSync, renameSync, statSync, truncateSync, writeSync } from 'node:fs';
import { OutputError } from '../core/index.js';
import type { DoneSet } from './done-set.js';
import { inputJson } from './record.js';

const NEWLINE = 10;
/** No index is higher: a file that says otherwise is not one of ours, and must not make us ask for the memory. */
const HIGHEST = 2 ** 31;

/** The size of a file in bytes; 0 if there is none; `undefined` for what is no regular file. */
export function sizeOf(file: string): number | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  return stat.isFile() ? stat.size : undefined;
}

/** A line of a results file, as far as a later run has to know it. */
interface Line {
  index: number;
  input: unknown;
  failed: boolean;
}

/**
 * Reads the result lines of an earlier run into `done`. What a killed run left torn at the end is cut off: it was never complete, so
 * its input counts as not done.
 *
 * @returns How many of the lines are failures.
 */
export async function readResults(file: string, done: DoneSet): Promise<number> {
  let failed = 0;
  let number = 0;
  const end = await eachLine(file, (bytes) => {
    number++;
    const line = parse(bytes);
    if (line === undefined) return false;
    if (!done.add(line.index, inputJson(line.input))) {
      throw new OutputError(`Cannot resume: ${file}:${number} is a second result for input ${line.index}`);
    }
    if (line.failed) failed++;
    return true;
  });
  if (end !== undefined) truncateSync(file, end);
  return failed;
}

/** Takes the failures out of a results file, so that their inputs count as not done. All or nothing: a second file takes its place. */
export async function dropFailures(file: string): Promise<void> {
  if (!sizeOf(file)) return;
  const real = realpathSync(file); // a link must stay one
  const beside = `${real}.kept`;
  const fd = openSync(beside, 'w');
  try {
    await eachLine(file, (bytes) => {
      const line = parse(bytes);
      if (line === undefined) return false;
      if (!line.failed) {
        writeSync(fd, bytes);
        writeSync(fd, '\n');
      }
      return true;
    });
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, real);
}

/** The text of the input that a file records for an index, for a message. */
export async function recordedInput(files: readonly string[], index: number): Promise<string> {
  let text = 'another one';
  for (const file of files) {
    await eachLine(file, (bytes) => {
      const line = parse(bytes);
      if (line?.index === index) text = inputJson(line.input);
      return line !== undefined;
    });
  }
  return text;
}

/**
 * Calls `take` with each whole line. A line that it does not take ends the file if no good one follows: that is how a killed
 * run, or a lost disk cache, leaves it. Anywhere else it is damage.
 *
 * @returns Where the good lines end, if that is not the end of the file.
 */
async function eachLine(file: string, take: (line: Buffer) => boolean): Promise<number | undefined> {
  if (!sizeOf(file)) return undefined;
  let held: Buffer[] = [];
  let at = 0;
  let good = 0;
  let bad: { line: number } | undefined;
  let number = 0;
  const line = (bytes: Buffer) => {
    number++;
    at += bytes.length + 1;
    if (bad === undefined && take(bytes)) good = at;
    else if (bad === undefined) bad = { line: number };
    else if (parse(bytes) !== undefined) throw new OutputError(`Cannot resume: ${file}:${bad.line} is not a result line`);
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      const piece = chunk.subarray(from, to);
      line(held.length === 0 ? piece : Buffer.concat([...held, piece]));
      held = [];
      from = to + 1;
    }
    if (from < chunk.length) held.push(chunk.subarray(from));
  }
  return bad !== undefined || held.length > 0 ? good : undefined;
}

function parse(bytes: Buffer): Line | undefined {
  try {
    const { index, input, status } = JSON.parse(bytes.toString('utf8'));
    if (!Number.isInteger(index) || index < 0 || index > HIGHEST) return undefined;
    if (status !== 'fulfilled' && status !== 'rejected') return undefined;
    return { index, input, failed: status === 'rejected' };
  } catch {
    return undefined; // torn, and that is the answer
  }
}
