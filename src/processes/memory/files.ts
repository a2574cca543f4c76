import { ours, TooLargeError, writeAll } from '../../core/index.js';
import { codeOf } from './code-of.js';

/*
 * A block is a file, whoever maps it and whoever only reads and writes it. On Linux the files are in memory: in /dev/shm, where those of other languages
 * are, or without any name.
 */

/** What the file system says of a file that is in memory. */
const TMPFS = 0x01021994;
const MEMORY = '/dev/shm';
/** Linux: a file that never had a name. */
const NAMELESS = 0o20000000;
const REFUSED = ['EACCES', 'EROFS', 'EISDIR', 'EOPNOTSUPP', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'];
/** For one user. */
const MODE = 0o600;
/** Most bytes for one read. */
const STEP = 2 ** 30;

/** Loaded at the first block. */
const fs = () => process.getBuiltinModule('node:fs');

let inMemory: boolean | undefined;

/** Whether this system has a folder whose files are in memory. */
export function hasMemoryFolder(): boolean {
  if (inMemory === undefined) {
    try {
      inMemory = process.platform === 'linux' && fs().statfsSync(MEMORY).type === TMPFS;
    } catch {
      inMemory = false; // there is no such folder
    }
  }
  return inMemory;
}

/** How many bytes its files may still take. */
export function memoryLeft(): number {
  const { bavail, bsize } = fs().statfsSync(MEMORY);
  return bavail * bsize;
}

/** Where blocks with names are. */
export function folder(): string {
  return hasMemoryFolder() ? MEMORY : process.getBuiltinModule('node:os').tmpdir();
}

/** The file of a name. In /dev/shm it is the name itself, as other languages have it; a temporary folder is shared with everything else. */
export function pathOf(name: string): string {
  return process.getBuiltinModule('node:path').join(folder(), hasMemoryFolder() ? name : `meantime-${name}`);
}

/** A path in the same folder that nobody else has. */
export function freshPath(): string {
  return pathOf(`meantime-${process.pid}-${process.getBuiltinModule('node:crypto').randomBytes(9).toString('base64url')}`);
}

/** A file in memory without a name, by the file system; `undefined` where there is none. Killed at any point, nothing is left of it. */
export function namelessFile(): number | undefined {
  if (!hasMemoryFolder()) return undefined;
  const { O_RDWR, O_DIRECTORY } = fs().constants;
  try {
    return fs().openSync(MEMORY, O_RDWR | O_DIRECTORY | NAMELESS, MODE);
  } catch (error) {
    if (!REFUSED.includes(String(codeOf(error)))) throw error;
    return undefined; // this system does not let us, or has nothing left
  }
}

/** @throws {Error} code `EEXIST` if there is one. */
export function createFile(path: string): number {
  const { O_RDWR, O_CREAT, O_EXCL } = fs().constants;
  return ours(`make a file for shared memory, ${path}`, () => fs().openSync(path, O_RDWR | O_CREAT | O_EXCL, MODE));
}

/** @throws {Error} code `ENOENT` if there is none. */
export function openFile(path: string): number {
  const { O_RDWR, O_NOFOLLOW = 0 } = fs().constants;
  return fs().openSync(path, O_RDWR | O_NOFOLLOW);
}

/** Opens what another process, or another thread of this one, has open under a number. */
export function openTheirs(pid: number, fd: number): number {
  return fs().openSync(`/proc/${pid === process.pid ? 'self' : pid}/fd/${fd}`, fs().constants.O_RDWR);
}

/** What tells a file from every other, and its size. */
export function identify(fd: number): { id: string; size: number; isFile: boolean; mine: boolean } {
  const stat = fs().fstatSync(fd);
  return { id: idOf(stat), size: stat.size, isFile: stat.isFile(), mine: process.getuid === undefined || stat.uid === process.getuid() };
}

const idOf = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;

/**
 * Gives a file its size for good. What counts against the room of a folder is taken now: to touch a page for which there is no room would end the process.
 *
 * @throws {TooLargeError} if there is no room for it.
 */
export function setSize(fd: number, size: number, take: boolean): void {
  try {
    fs().ftruncateSync(fd, size);
    if (!take) return;
    const zeros = Buffer.alloc(Math.min(size, 2 ** 20));
    for (let at = 0; at < size; at += zeros.length) writeAll(fd, zeros.subarray(0, Math.min(zeros.length, size - at)), at);
  } catch (error) {
    if (!isFull(error)) throw error;
    throw new TooLargeError(`There is no room for ${size} bytes in ${folder()}: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether a write failed because nothing more fits. */
export const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT', 'EFBIG', 'ENOMEM'].includes(String(codeOf(error)));

/** Fills `bytes`; gives how many there were. */
export function readAt(fd: number, bytes: Uint8Array, at: number): number {
  let done = 0;
  while (done < bytes.byteLength) {
    const n = fs().readSync(fd, bytes, done, Math.min(STEP, bytes.byteLength - done), at + done);
    if (n === 0) break;
    done += n;
  }
  return done;
}

export function truncate(fd: number, size: number): void {
  fs().ftruncateSync(fd, size);
}

export function closeFile(fd: number): void {
  fs().closeSync(fd);
}

/** Gives a file a second name. @throws {Error} code `EEXIST` if that is taken. */
export function linkFile(path: string, name: string): void {
  fs().linkSync(path, name);
}

/** Takes a name away, if it is there and is that of this file. Who has the file open keeps it. */
export function removeFile(path: string, id?: string): void {
  try {
    if (id === undefined || idOf(fs().lstatSync(path)) === id) fs().unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
