import { type BigIntStats, fstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InputError, OptionError } from '../../core/index.js';
import type { Reader } from '../item.js';

/** The name by which standard input goes where a file is expected. */
export const STDIN = '-';

/** A file of inputs. */
export interface InputFile {
  /** Absolute: the user's code may change the working directory before it is opened. */
  readonly path: string;
  /** As it was given, for people. */
  readonly label: string;
}

/** @throws {OptionError} if it is no path. */
export function inputFile(reader: string, file: string): InputFile {
  if (typeof file !== 'string' || file === '' || file.includes('\0')) {
    throw new OptionError(`${reader} expects the path of a file, or "-" for standard input, got ${JSON.stringify(file) ?? String(file)}`);
  }
  // Linux would open a socket by its number no second time.
  const isStdin = file === STDIN || file === '/dev/stdin';
  return isStdin ? { path: STDIN, label: 'standard input' } : { path: resolve(file), label: file };
}

/**
 * Throws if the file is not there, is a directory or may not be read, or if its beginning shows
 * that it cannot be read as what it should be: before any output is touched.
 */
export async function checkReadable(file: InputFile, read: () => Reader<unknown>): Promise<void> {
  if (file.path === STDIN) return checkStandardInput();
  try {
    const found = await stat(file.path);
    if (found.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
    // Opening a named pipe here would take its one writer away from the reader that comes later.
    if (!found.isFile()) return;
  } catch (error) {
    throw unreadable(file, error);
  }
  const reader = read();
  try {
    await reader.read();
  } finally {
    await reader.close();
  }
}

/** Node gives an empty standard input in the place of one that it does not know. */
export function checkStandardInput(): void {
  const found = look(0);
  if (found === undefined || found.isFIFO() || found.isFile() || found.isSocket() || found.isCharacterDevice()) return;
  throw new InputError(`Cannot read standard input: it is ${found.isDirectory() ? 'a directory' : 'a device'}, and a file was expected`);
}

function look(fd: number): BigIntStats | undefined {
  try {
    return fstatSync(fd, { bigint: true });
  } catch {
    return undefined; // reading it tells
  }
}

export function unreadable({ label }: InputFile, error: unknown): InputError {
  return new InputError(`Cannot read ${label}: ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
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
