import { ResourceError } from './errors.js';

/** Advice, by the code of the system's error. */
const advice = new Map([
  ...['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ELOOP'].map(
    (code) => [code, 'Set TMPDIR to a folder that is there, and in which this user may make files'] as const,
  ),
  ...['ENOSPC', 'EDQUOT'].map((code) => [code, 'Make room there, or set TMPDIR to a folder that has some'] as const),
  ...['EMFILE', 'ENFILE'].map((code) => [code, 'Raise the limit of open files (ulimit -n)'] as const),
  ...['EAGAIN', 'ENOMEM'].map((code) => [code, 'Use fewer workers, or raise the limits of processes (ulimit -u) and of memory'] as const),
]);

/** Whether an error is one of the system's: of a file, a socket, a process. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && Object.hasOwn(error, 'syscall');

/**
 * Advice about an error of the system's, as a sentence to be added to a message; empty for any
 * other error.
 */
export function whatToDo(error: unknown, about: readonly string[] = [...advice.keys()]): string {
  const code = isSystemError(error) ? String(error.code) : '';
  return about.includes(code) ? `. ${advice.get(code)}` : '';
}

/**
 * Runs what asks the system for something of our own. It is never the user's value that is at fault
 * there, and the error must not say so.
 *
 * @param what What was to be done: `make a folder for sockets`.
 * @throws {ResourceError} with the code of the system, and what to do.
 */
export function ours<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw isSystemError(cause) ? refused(what, cause) : cause;
  }
}

/** The same for an error that has come already. */
export function refused(what: string, cause: NodeJS.ErrnoException): ResourceError {
  return new ResourceError(`Meantime could not ${what}: ${cause.message}${whatToDo(cause)}`, { cause });
}

/**
 * Codes of resources that a process, or the machine, has run out of: no option and no path is at
 * fault.
 */
export const SHORT = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];
