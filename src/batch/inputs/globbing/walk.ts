import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { bare } from '../../../core/index.js';
import { type NamePattern, namePattern } from './name-pattern.js';

/** A file that was found, or a directory that could not be looked into. */
export interface Found {
  /**
   * As the pattern names it: relative if the pattern is. A part that is not UTF-8 is written as
   * `\xe9`.
   */
  readonly name: string;
  /**
   * The file itself, whichever links led to it. Two names of one hard-linked file are two files.
   */
  readonly real: string;
  readonly isText: boolean;
  readonly throughLink: boolean;
  /** Why a directory of that name could not be read. */
  readonly error?: NodeJS.ErrnoException;
}

/** A part of a pattern, and the slash that follows it, if there is one. */
type Part = NamePattern & { readonly slash: string };

/** Names are bytes to the kernel: whoever reads them as text cannot open what is not UTF-8. */
interface Entry {
  readonly bytes: Buffer;
  readonly name: string;
  readonly isText: boolean;
  readonly isLink: boolean;
  readonly isDirectory: boolean;
}

/** A directory that the walk has come to. */
interface Place {
  readonly path: Buffer;
  readonly shown: string;
  readonly isText: boolean;
  readonly throughLink: boolean;
  real: string | undefined;
  entries: Promise<Entry[]> | undefined;
}

const SLASH = Buffer.from('/');
const gone = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

/**
 * The files that one word, without braces, matches, seen from the directory `home`. All that is no
 * directory is a file, a link that leads nowhere too: its reader will say so. As in a shell, `**`
 * goes into no link and no hidden directory, other parts do go into links.
 */
export async function walk(word: string, home: string): Promise<Found[]> {
  const [parts, root] = partsOf(word);
  const walker = new Walker(parts);
  await walker.visit(place(Buffer.from(root === '' ? home : root), root, true, false), 0);
  return walker.found;
}

/** The file that has this very name, whatever the characters in it mean in a pattern. */
export async function named(name: string, home: string): Promise<Found | undefined> {
  const path = isAbsolute(name) ? name : `${home}/${name}`;
  if (name === '' || name.includes('\0') || name.endsWith('/')) return undefined;
  try {
    if ((await whatIs(Buffer.from(path))) !== 'file') return undefined;
    const throughLink = (await lstat(path)).isSymbolicLink();
    return bare({ name, real: await realpath(path).catch(ifGone(path)), isText: true, throughLink });
  } catch (error) {
    // A directory on the way that may not be looked into: the walk comes to it as well, and tells.
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    return ifGone(undefined)(error as NodeJS.ErrnoException);
  }
}

function partsOf(word: string): [parts: Part[], root: string] {
  // A quoted slash is a slash.
  const [, root, rest] = /^(\/?)(.*)$/s.exec(word.replaceAll('\\/', '/')) as RegExpExecArray;
  const parts: Part[] = [];
  for (const [, text, slash] of rest.matchAll(/([^/]+)(\/?)/g)) {
    const part = namePattern(text);
    if (part.kind === 'any depth' && parts.at(-1)?.kind === 'any depth') parts.pop(); // twice is the same as once
    parts.push({ ...part, slash });
  }
  return [parts, root];
}

const place = (path: Buffer, shown: string, isText: boolean, throughLink: boolean): Place => ({
  path,
  shown,
  isText,
  throughLink,
  real: undefined,
  entries: undefined,
});

class Walker {
  readonly found: Found[] = [];
  readonly #parts: readonly Part[];
  /** Where any depth has been: two of them in a pattern come to one place by many ways. */
  readonly #seen = new Set<string>();

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** Looks in a directory for the parts of the pattern from `at` on. */
  async visit(dir: Place, at: number): Promise<void> {
    const part = this.#parts[at];
    if (part === undefined) return;
    try {
      if (part.kind === 'name') await this.#one(dir, part.name, at);
      else if (part.kind === 'wild') {
        for (const entry of await entriesOf(dir)) if (part.matches(entry.name)) await this.#take(dir, entry, at);
      } else await this.#anyDepth(dir, at);
    } catch (error) {
      if (gone.has((error as NodeJS.ErrnoException).code as string)) return; // it went away while it was looked at
      const { isText, throughLink } = dir;
      this.found.push({ name: dir.shown || '.', real: text(dir.path), isText, throughLink, error: error as NodeJS.ErrnoException });
    }
  }

  async #one(dir: Place, name: string, at: number): Promise<void> {
    const bytes = Buffer.from(name);
    const path = Buffer.concat([dir.path, SLASH, bytes]);
    if ((await whatIs(path)) === undefined) return;
    const isLink = (await lstat(path)).isSymbolicLink();
    await this.#take(dir, { bytes, name, isText: true, isLink, isDirectory: !isLink && (await whatIs(path)) === 'directory' }, at);
  }

  async #anyDepth(dir: Place, at: number): Promise<void> {
    const key = `${at}:${dir.path.toString('latin1')}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const isLast = at + 1 === this.#parts.length && this.#parts[at].slash === '';
    if (!isLast) await this.visit(dir, at + 1);
    for (const entry of await entriesOf(dir)) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory) await this.visit(below(dir, entry, '/'), at);
      else if (isLast) await this.#take(dir, entry, at);
    }
  }

  /**
   * An entry matches the part at `at`: it is a file, if that was the last one, or the search goes
   * on in it.
   */
  async #take(dir: Place, entry: Entry, at: number): Promise<void> {
    const isLast = at + 1 === this.#parts.length;
    const { slash } = this.#parts[at];
    const isDirectory = entry.isDirectory || (entry.isLink && (await whatIs(pathOf(dir, entry))) === 'directory');
    if (isDirectory && !isLast) await this.visit(below(dir, entry, slash), at + 1);
    if (isDirectory || !isLast || slash !== '') return;
    const path = pathOf(dir, entry);
    const straight = keyOf(await realOf(dir), entry);
    this.found.push(
      bare({
        name: dir.shown + shownOf(entry),
        real: entry.isLink ? await realpath(path, BYTES).then(text, ifGone(straight)) : straight,
        isText: dir.isText && entry.isText,
        throughLink: dir.throughLink || entry.isLink,
      }),
    );
  }
}

const pathOf = (dir: Place, entry: Entry): Buffer => Buffer.concat([dir.path, SLASH, entry.bytes]);

function below(dir: Place, entry: Entry, slash: string): Place {
  const isText = dir.isText && entry.isText;
  const child = place(pathOf(dir, entry), dir.shown + shownOf(entry) + slash, isText, dir.throughLink || entry.isLink);
  const isStraight = !entry.isLink && entry.name !== '.' && entry.name !== '..';
  if (isStraight && dir.real !== undefined) child.real = keyOf(dir.real, entry);
  return child;
}

const BYTES = bare({ encoding: 'buffer' as const });

/** Asked for once: `**` wants a directory's files and its directories. */
function entriesOf(dir: Place): Promise<Entry[]> {
  dir.entries ??= readdir(dir.path, bare({ withFileTypes: true as const, encoding: 'buffer' as const, recursive: false })).then((all) =>
    (all as unknown as Dirent<Buffer>[]).map((entry) => ({
      bytes: entry.name,
      name: entry.name.toString(),
      isText: isUtf8(entry.name),
      isLink: entry.isSymbolicLink(),
      isDirectory: entry.isDirectory(),
    })),
  );
  return dir.entries;
}

async function realOf(dir: Place): Promise<string> {
  dir.real ??= text(await realpath(dir.path, BYTES));
  return dir.real;
}

/** A path as a key: bytes that are not UTF-8 must not become the same replacement character. */
const text = (path: Buffer): string => (isUtf8(path) ? path.toString() : shown(path));
const keyOf = (dir: string, entry: Entry): string => `${dir}/${shownOf(entry)}`;
const shownOf = (entry: Entry): string => (entry.isText ? entry.name : shown(entry.bytes));

/** Bytes that are not UTF-8, for people: those beyond ASCII as `\xe9`. */
const shown = (bytes: Buffer): string =>
  Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('');

/**
 * Whether a path leads to a directory or to anything else; `undefined` if nothing has that name.
 */
async function whatIs(path: Buffer): Promise<'directory' | 'file' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    if (!gone.has((error as NodeJS.ErrnoException).code as string)) throw error;
  }
  // A link that leads nowhere is a name nonetheless.
  return lstat(path).then(
    () => 'file' as const,
    (error) => {
      if (gone.has(error.code)) return undefined;
      throw error;
    },
  );
}

const ifGone =
  <T>(instead: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (gone.has(error.code as string)) return instead;
    throw error;
  };
