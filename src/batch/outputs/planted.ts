import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, parse, resolve, sep } from 'node:path';
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
  const there = statSync(folder, { throwIfNoEntry: false });
  return there !== undefined && (there.mode & SHARED) === SHARED && there.uid !== uid;
}

/**
 * The first part of a path, links followed, that another user has planted; `undefined` if there is
 * none. It ends where something is not there.
 */
export function plantedIn(path: string): string | undefined {
  const full = resolve(path);
  let at = parse(full).root;
  let links = 0;
  const left = full.split(sep).filter(Boolean).reverse();
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (part === '..') at = dirname(at);
    if (part === '..' || part === '.' || part === '') continue;
    const next = join(at, part);
    const stat = lstatSync(next, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    // A folder of another user is a choice of the person who names it; what lies there is no trap
    // for everybody.
    if (!stat.isDirectory() && isPlanted(stat, at)) return next;
    if (!stat.isSymbolicLink()) {
      at = next;
      continue;
    }
    if (++links > LINKS) return undefined; // opening it tells
    const to = readlinkSync(next);
    if (isAbsolute(to)) at = parse(to).root;
    left.push(...to.split(sep).reverse());
  }
  return undefined;
}
