import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { InputError } from '../../core/index.js';

/** The name by which standard input goes where a file is expected. */
export const STDIN = '-';

const CHUNK = 256 * 1024;
const NEWLINE = 10;

/** For people. */
export const labelOf = (file: string): string => (file === STDIN ? 'standard input' : file);

/** The bytes of a file or of standard input, with the kernel's errors told as InputErrors that name the file. */
export class Bytes {
  readonly #file: string;
  readonly #stream: AsyncIterator<Buffer>;
  readonly #destroy: () => void;

  constructor(file: string) {
    this.#file = file;
    const stream = file === STDIN ? process.stdin : createReadStream(file, { highWaterMark: CHUNK });
    this.#stream = stream[Symbol.asyncIterator]();
    this.#destroy = () => stream.destroy();
  }

  /** The next chunk, or `undefined` at the end. */
  async next(): Promise<Buffer | undefined> {
    try {
      const step = await this.#stream.next();
      return step.done ? undefined : step.value;
    } catch (error) {
      throw unreadable(this.#file, error);
    }
  }

  /** Not the iterator's `return`: that would wait for a read that may never end. */
  close(): void {
    this.#destroy();
  }
}

/** Throws if the file is not there, is a directory or may not be read. */
export async function checkReadable(file: string): Promise<void> {
  if (file === STDIN) return;
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
    // Opening a named pipe here would take its one writer away from the reader that comes later.
    if (found.isFile()) await (await open(file)).close();
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** How many lines a regular file has; `undefined` for anything else. Counts beside the run, and gives up when that ends. */
export async function countLines(file: string, signal: AbortSignal): Promise<number | undefined> {
  if (file === STDIN || !(await stat(file)).isFile()) return undefined;
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    if (signal.aborted) return undefined;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
    last = chunk[chunk.length - 1];
  }
  return last === NEWLINE ? lines : lines + 1;
}

function unreadable(file: string, error: unknown): InputError {
  return new InputError(`Cannot read ${labelOf(file)}: ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
}

/** Why the kernel would not read something, for people. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  const known: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a directory, and a file was expected',
    EACCES: 'this user may not read it',
    EPERM: 'this user may not read it',
  };
  return error.code !== undefined && Object.hasOwn(known, error.code) ? known[error.code] : error.message;
}
