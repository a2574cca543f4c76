import type { Stats } from 'node:fs';
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
/**
 * The system's names for files in memory that have none: of ours, made with native code, and in a
 * folder.
 */
const MEMFD = '/memfd:meantime (deleted)';
const UNNAMED = /^\/dev\/shm\/#\d+ \(deleted\)$/;
/** Before the names of blocks, in a folder that is shared with everything else. */
const PREFIX = 'meantime-';
const FILE = /^(?!\.)[A-Za-z0-9._-]{1,209}$/;
/** The longest path, in characters. */
const LONGEST = 4096;
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
  return process.getBuiltinModule('node:path').join(folder(), hasMemoryFolder() ? name : PREFIX + name);
}

/** The name of the block at a path. */
export function nameIn(path: string): string {
  const file = process.getBuiltinModule('node:path').basename(path);
  return path.startsWith(`${MEMORY}/`) ? file : file.slice(PREFIX.length);
}

/**
 * Whether a block can be at a path: in /dev/shm, or in a temporary folder, which need not be this
 * process's, under a name of ours. Without a colon: Windows has streams of files behind it.
 */
export function isPathOfBlock(at: string): boolean {
  const path = process.getBuiltinModule('node:path');
  if (at.length > LONGEST || at.includes('\0') || !path.isAbsolute(at) || path.normalize(at) !== at) return false;
  const file = path.basename(at);
  return FILE.test(file) && (path.dirname(at) === MEMORY || file.startsWith(PREFIX));
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

/**
 * Opens a file that is there, also if it has no name. Nothing is waited for.
 *
 * @throws {Error} code `ENOENT` if there is none.
 */
export function openFile(path: string): number {
  const { O_RDWR, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = fs().constants;
  // A file that is open under a number is reached by a link of the system's.
  return fs().openSync(path, O_RDWR | O_NONBLOCK | O_NOCTTY | (path.startsWith('/proc/') ? 0 : O_NOFOLLOW));
}

/**
 * Where what another process, or another thread of this one, has open under a number can be opened.
 */
export const pathOfTheirs = (pid: number, fd: number): string => `/proc/${pid === process.pid ? 'self' : pid}/fd/${fd}`;

/** Opens what another process, or another thread of this one, has open under a number. */
export const openTheirs = (pid: number, fd: number): number => openFile(pathOfTheirs(pid, fd));

/** The facts that identify a file. */
export interface FileFacts {
  /** Device and inode: they tell it from every other. */
  readonly id: string;
  readonly size: number;
  readonly isFile: boolean;
  /** Whether it is this user's. */
  readonly mine: boolean;
  /** Whether it is where blocks are. */
  readonly isBlock: boolean;
}

export function identify(fd: number): FileFacts {
  return factsOf(fs().fstatSync(fd), process.platform === 'linux' ? placeOf(pathOfTheirs(process.pid, fd)) : undefined);
}

/** The same of a file that has not been opened. */
export function look(path: string): FileFacts {
  if (path.startsWith('/proc/')) return factsOf(fs().statSync(path), placeOf(path));
  return factsOf(fs().lstatSync(path), path);
}

/** Where the system says that an open file is; `undefined` if it does not. */
function placeOf(link: string): string | undefined {
  try {
    return fs().readlinkSync(link);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined; // there is no /proc
    throw error;
  }
}

/** @param place Where it is; `undefined`: by its path, which has been checked. */
function factsOf(stat: Stats, place: string | undefined): FileFacts {
  const mine = process.geteuid === undefined || stat.uid === process.geteuid();
  return { id: idOf(stat), size: stat.size, isFile: stat.isFile(), mine, isBlock: place === undefined || isPlaceOfBlock(place) };
}

/** A name that was taken away is followed by a word of the system's. */
const isPlaceOfBlock = (place: string): boolean =>
  place === MEMFD || UNNAMED.test(place) || isPathOfBlock(place.replace(/ \(deleted\)$/, ''));

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
