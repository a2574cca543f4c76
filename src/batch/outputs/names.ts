import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** More links than this lead nowhere. */
export const LINKS = 40;

/**
 * The path of the file that a path leads to, through all links, also where that file is still to be
 * made.
 */
export function realPath(path: string, links = LINKS): string {
  try {
    return realpathSync(path);
  } catch {
    // It is not there, or cannot be looked at: opening it tells.
  }
  const full = resolve(path);
  if (links === 0 || dirname(full) === full) return full;
  const at = join(realPath(dirname(full), links - 1), basename(full));
  try {
    return realPath(resolve(dirname(at), readlinkSync(at)), links - 1);
  } catch {
    return at; // no link
  }
}

/** The journal of a results file: beside the file itself, not beside a link to it. */
export const journalOf = (out: string): string => `${realPath(out)}.journal`;

/**
 * The most bytes of a file's name that go into the name of a temporary file: with them it is still
 * a name (255 bytes).
 */
const KEPT = 200;
const ENDING = /^\.[0-9a-f]{16}\.tmp$/;

/**
 * How the names of a file's temporary files begin: with a dot, so that patterns leave them out as
 * shells do.
 */
const beginning = (file: string): string => `.${Buffer.from(basename(file)).subarray(0, KEPT).toString('utf8')}`;

/** The path of a temporary file that takes the place of `file` when it is complete. */
export const temporaryOf = (file: string, chance: string): string => join(dirname(file), `${beginning(file)}.${chance}.tmp`);

/** Whether a name in the folder of `file` is that of one of its temporary files. */
export function isTemporary(name: string, file: string): boolean {
  const start = beginning(file);
  return name.startsWith(start) && ENDING.test(name.slice(start.length));
}
