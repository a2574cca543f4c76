import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, relative } from 'node:path';
import { bare, clock, writeAll } from '../../core/index.js';
import { cannotWrite } from './cannot-write.js';
import { realPath } from './names.js';
import { isPlanted } from './planted.js';
import { Temporary } from './temporary.js';

/**
 * The contents of a journal. Paths are relative to the journal, so that a folder can be moved as a
 * whole.
 */
export interface Header {
  meantime: 1;
  function: string;
  inputs: string;
  errors: string | null;
  state: 'running' | 'finished';
  /**
   * Which process wrote it, on which machine, and when: for people. Ownership is a lock, and
   * nothing that is written (rule 3).
   */
  pid: number;
  host: string;
  started: string;
}

/** A former run's journal: its header, or why there is none that can be read. */
export type Former = { header: Header } | { header: undefined; why: string; blank: boolean };

/** The part of a header that names its run. */
export interface RunName {
  /** Names the function: its file and export. */
  function: { file: string; name: string };
  /** The kind of inputs. */
  inputs: string;
  errors: string | undefined;
}

/** More than this, in bytes, is no journal. */
const LONGEST = 2 ** 20;
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants;

/**
 * A small file beside the results that says which run they belong to and whether that has finished
 * (rule 4). The result lines themselves are the record of what is done: there is no second list
 * that could disagree with them.
 */
export class Journal {
  readonly file: string;
  readonly header: Header;

  constructor(file: string, run: RunName) {
    const near = (path: string) => relative(dirname(file), realPath(path));
    this.file = file;
    this.header = {
      meantime: 1,
      function: `${near(run.function.file)}#${run.function.name}`,
      inputs: run.inputs,
      errors: run.errors === undefined ? null : near(run.errors),
      state: 'running',
      pid: process.pid,
      host: hostname(),
      started: new Date(clock.wall()).toISOString(),
    };
  }

  /** Puts it in the place of the former one (rule 7). */
  write(): void {
    let next: Temporary | undefined;
    try {
      next = new Temporary(this.file, 0o666);
      writeAll(next.fd, Buffer.from(`${JSON.stringify(this.header)}\n`));
      next.replace();
      closeSync(next.fd);
    } catch (error) {
      next?.discard();
      throw cannotWrite(this.file, error);
    }
  }

  /**
   * Every input has its line (rule 6). The journal stays, so that resuming again finds nothing to
   * do.
   */
  finish(): void {
    this.header.state = 'finished';
    this.write();
  }

  /** Gives a directory in its place another name, since nothing can be put over it. */
  makeRoom(): string | undefined {
    if (!lstatSync(this.file, bare({ throwIfNoEntry: false }))?.isDirectory()) return undefined;
    const aside = `${this.file}.old-${randomBytes(4).toString('hex')}`;
    try {
      renameSync(this.file, aside);
    } catch (error) {
      throw cannotWrite(this.file, error);
    }
    return aside;
  }
}

/**
 * Reads the journal of a former run. Anything that stands in its place is looked at without waiting
 * for it.
 */
export function readJournal(file: string): Former {
  let text: string;
  try {
    const fd = openSync(file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return unreadable(stat.isDirectory() ? 'is a directory' : 'is no regular file');
      if (isPlanted(stat, dirname(file))) return unreadable('belongs to another user, in a folder where everybody may put files');
      if (stat.size > LONGEST) return unreadable('is no journal');
      text = beginning(fd, stat.size);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { header: undefined, why: 'is missing', blank: true };
    return unreadable(code === 'ELOOP' ? 'is a symbolic link' : `cannot be read (${message})`);
  }
  if (text === '') return { header: undefined, why: 'is empty', blank: true };
  if (/^\0*$/.test(text)) return { header: undefined, why: 'has nothing but zeros', blank: true };
  return parse(text);
}

/** So much of a file as it had when it was looked at: it may grow without end. */
function beginning(fd: number, size: number): string {
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (let read = 1; read > 0 && at < size; at += read) read = readSync(fd, bytes, at, size - at, at);
  return bytes.toString('utf8', 0, at);
}

function parse(text: string): Former {
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(text);
  } catch {
    return unreadable('is torn, or no journal'); // no part of it is worth more than the whole
  }
  if (typeof header !== 'object' || header === null || !Object.hasOwn(header, 'meantime')) return unreadable('is no journal');
  header = bare(header);
  if (header.meantime !== 1) return unreadable('is of another version');
  return isWhole(header) ? { header: { ...header, errors: header.errors ?? null } } : unreadable('lacks what a journal says');
}

/** Whether it says what a journal does: a folder that was copied may hold any text. */
function isWhole(header: Partial<Record<keyof Header, unknown>>): header is Header {
  const { host, started, errors, pid, state } = header;
  const texts = [header.function, header.inputs, host ?? '', started ?? '', errors ?? ''];
  const isRight = texts.every((value) => typeof value === 'string') && (pid === undefined || Number.isSafeInteger(pid));
  return isRight && (state === 'running' || state === 'finished');
}

const unreadable = (why: string): Former => ({ header: undefined, why, blank: false });
