import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';
import { bare } from '../../core/index.js';
import { LINKS } from './names.js';

/** A folder where everybody may make files, and only their owners may remove them: `/tmp`. */
const SHARED = 0o1002;

/**
 * Whether a file, a pipe or a link was put by another user into a folder where everybody may put
 * one. Linux keeps programs from such files by itself, where it is told to (`fs.protected_regular`,
 * `_symlinks`, `_fifos`): the same rule, everywhere.
 *
 * @param folder The folder where it lies.
 */
export function isPlanted({ uid }: Pick<Stats, 'uid'>, folder: string): boolean {
  const me = process.geteuid?.();
  if (me === undefined || me === uid) return false;
  const there = statSync(folder, bare({ throwIfNoEntry: false }));
  return there !== undefined && (there.mode & SHARED) === SHARED && there.uid !== uid;
}

/** Where a path leads, links followed. */
export interface Way {
  /** The file itself; it may still be to be made. */
  readonly path: string;
  /**
   * The link or file of another user on the way, if there is one: nothing beyond it was followed.
   */
  readonly planted: string | undefined;
}

/**
 * Follows a path link by link, and looks at each before it is followed: a look at the whole path
 * before, or after, would be of another one if somebody puts a link there meanwhile.
 *
 * @throws {Error} code `ELOOP`, if there are too many links.
 */
export function followed(path: string): Way {
  const full = resolve(path);
  let at = parse(full).root;
  let links = 0;
  const left = partsOf(full);
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (part === '..') at = dirname(at);
    if (part === '..' || part === '.' || part === '') continue;
    const next = join(at, part);
    const stat = lstatSync(next, bare({ throwIfNoEntry: false }));
    if (stat === undefined) return { path: join(next, ...left.reverse()), planted: undefined };
    // A folder of another user is a choice of the person who names it; what lies there is no trap
    // for everybody.
    if (!stat.isDirectory() && isPlanted(stat, at)) return { path: next, planted: next };
    if (!stat.isSymbolicLink()) {
      at = next;
      continue;
    }
    if (++links > LINKS) statSync(full); // which throws
    const to = readlinkSync(next);
    if (isAbsolute(to)) at = parse(to).root;
    left.push(...partsOf(to));
  }
  return { path: at, planted: undefined };
}

/** The parts of a path, the last one first. */
const partsOf = (path: string): string[] => path.slice(parse(path).root.length).split(sep).reverse();
