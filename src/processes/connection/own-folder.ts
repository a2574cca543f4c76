import type { Stats } from 'node:fs';
import { bare } from '../../core/index.js';

/*
 * Folders that this package makes for itself: of this user, and closed to everybody else. A check
 * of a path and a use of that path are two looks, and somebody may put a link there in between. So
 * the folder is opened, the descriptor is checked, and what is in it is reached by the descriptor.
 * Where the system has no paths of descriptors (all but Linux), the path is used, and what protects
 * it is that the folders above belong to the system or let nobody rename what is not theirs (a
 * sticky /tmp).
 */

const fs = () => process.getBuiltinModule('node:fs');

/** Whether something belongs to the user that this process acts as. */
export const isThisUsers = (stat: Stats): boolean => process.geteuid === undefined || stat.uid === process.geteuid();

/** Whether a folder is this user's, and nobody else may even look into it. */
const isClosed = (stat: Stats): boolean => stat.isDirectory() && isThisUsers(stat) && (stat.mode & 0o077) === 0;

/** A refusal by a look of our own has the code of one by the system. */
export const notOurs = (message: string): Error => Object.assign(new Error(message), { code: 'EPERM' });

/**
 * Lets `use` do something with what is in a folder of ours. Nothing asynchronous: the folder is let
 * go of when `use` returns.
 *
 * @param use Is given what makes a path of a name in the folder.
 * @throws {Error} of the system, if there is no such folder; or one that says it is not ours.
 */
export function insideOwn<T>(directory: string, use: (at: (name: string) => string) => T): T {
  const { join } = process.getBuiltinModule('node:path');
  if (process.platform === 'win32') return use((name) => join(directory, name));
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = fs().constants;
  const fd = fs().openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!isClosed(fs().fstatSync(fd))) throw notOurs(`${directory} is no folder of this user that is closed to all others`);
    const held = `/proc/self/fd/${fd}`;
    const byNumber = process.platform === 'linux' && fs().existsSync(held);
    return use((name) => join(byNumber ? held : directory, name));
  } finally {
    fs().closeSync(fd);
  }
}

/**
 * Takes away such a folder with the files of these names in it, and nothing else: one that holds
 * more stays, and so does one that is not ours.
 *
 * @param mayGo Is asked of each file before it goes.
 */
export function removeOwn(directory: string, names: readonly string[], mayGo: (stat: Stats) => boolean = () => true): void {
  const empty = (at: (name: string) => string) => {
    for (const name of names) {
      const stat = fs().lstatSync(at(name), bare({ throwIfNoEntry: false }));
      if (stat !== undefined && isThisUsers(stat) && !stat.isDirectory() && mayGo(stat)) fs().unlinkSync(at(name));
    }
  };
  try {
    try {
      insideOwn(directory, empty);
    } catch (error) {
      // No descriptor is left to hold it by, and nobody comes after this.
      if (!['EMFILE', 'ENFILE'].includes(codeOf(error)) || !isClosed(fs().lstatSync(directory))) throw error;
      empty((name) => process.getBuiltinModule('node:path').join(directory, name));
    }
    // To rmdir a link is no folder, and of folders only an empty one goes.
    fs().rmdirSync(directory);
  } catch (error) {
    if (!STAYS.includes(codeOf(error))) throw error;
  }
}

/** Gone; not ours; or not empty. */
const STAYS = ['ENOENT', 'ELOOP', 'ENOTDIR', 'EACCES', 'EPERM', 'ENOTEMPTY', 'EEXIST', 'EBUSY'];
const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);
