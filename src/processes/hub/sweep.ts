import { clock } from '../../core/index.js';
import { isThisUsers, removeOwn } from '../connection/own-folder.js';
import { answers, HUB_PREFIX, SOCKET } from '../connection/socket-path.js';

/** What is younger than this, in ms, is left alone. */
const YOUNG = 10_000;

/** Takes away the sockets of hubs whose process was killed before it could do so: those of this user at which nobody listens. */
export function sweep(): void {
  if (process.platform === 'win32') return;
  const fs = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  const temporary = process.getBuiltinModule('node:os').tmpdir();
  const look = async (name: string): Promise<void> => {
    const directory = join(temporary, name);
    const { lstat } = fs.promises;
    const [outer, inner] = await Promise.all([lstat(directory), lstat(join(directory, SOCKET))]);
    // One that has just been bound does not answer yet.
    if (clock.wall() - outer.mtimeMs < YOUNG) return;
    if (!outer.isDirectory() || !isThisUsers(outer) || !inner.isSocket() || !isThisUsers(inner)) return;
    if (await answers(join(directory, SOCKET))) return;
    // By now there may be something else of that name: only the socket that was looked at goes, and
    // only out of a folder of ours.
    removeOwn(directory, [SOCKET], ({ dev, ino }) => dev === inner.dev && ino === inner.ino);
  };
  fs.readdir(temporary, (error, names) => {
    if (error) return; // then there is nothing to be found either
    for (const name of names) if (name.startsWith(HUB_PREFIX)) look(name).catch(ignore);
  });
}

/** Somebody else sweeps too, or the hub has just ended by itself. */
function ignore(): void {}
