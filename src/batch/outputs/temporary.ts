import { randomBytes } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { shown, warningOf } from '../../core/index.js';
import { isTemporary, temporaryOf } from './names.js';

const { O_RDWR, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW = 0 } = constants;

/** Paths of the temporary files that are there now: gone with the process, unless it is killed. */
const open = new Set<string>();
const removeAll = () => {
  for (const path of open) remove(path);
};

/**
 * A file that takes the place of another one when it is complete (rule 7). Nobody can foresee its
 * name, it is never a file that was there before, and it is removed on every way out but a kill,
 * after which the next run removes it.
 */
export class Temporary {
  readonly fd: number;
  readonly #path: string;
  readonly #file: string;

  /** @param mode The permissions of it, before the system's mask is taken off. */
  constructor(file: string, mode: number) {
    this.#file = file;
    this.#path = temporaryOf(file, randomBytes(8).toString('hex'));
    this.fd = openSync(this.#path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, mode);
    if (open.size === 0) process.on('exit', removeAll);
    open.add(this.#path);
  }

  /**
   * Takes the file's place, for good: also a loss of power leaves the one or the other. The
   * descriptor stays open.
   */
  replace(): void {
    fsyncSync(this.fd);
    renameSync(this.#path, this.#file);
    this.#forget();
    syncFolder(dirname(this.#file));
  }

  /** Closes and removes it. */
  discard(): void {
    closeSync(this.fd);
    remove(this.#path);
    this.#forget();
  }

  #forget(): void {
    open.delete(this.#path);
    if (open.size === 0) process.removeListener('exit', removeAll);
  }
}

/**
 * Removes what a killed run left beside a file. Only its owner may: nobody else has temporary files
 * of it.
 */
export function removeLeftOvers(file: string): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder)) {
    if (isTemporary(name, file) && !open.has(join(folder, name))) remove(join(folder, name));
  }
}

/** Makes the names in a folder safe against a loss of power. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // a folder cannot be opened there
  let fd: number | undefined;
  try {
    fd = openSync(folder, 'r');
    fsyncSync(fd);
  } catch (error) {
    // One that may not be read, or a file system that has no such thing: it does what it does by
    // itself.
    if (!['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // It is removed on the way out, mostly because of another error, which must not be lost for
    // this one.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      process.emitWarning(warningOf('Warning', undefined, shown(`${basename(path)} was left: ${(error as Error).message}`)));
  }
}
