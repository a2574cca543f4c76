import { clock } from '../../core/index.js';
import { answers, HUB_PREFIX } from '../connection/socket-path.js';

/** What is younger than this, in ms, is left alone. */
const YOUNG = 10_000;

/** Takes away the sockets of hubs whose process was killed before it could do so: those of this user at which nobody listens. */
export function sweep(): void {
  if (process.platform === 'win32') return;
  const fs = process.getBuiltinModule('node:fs');
  const { join } = process.getBuiltinModule('node:path');
  const { tmpdir } = process.getBuiltinModule('node:os');
  const uid = process.getuid?.();
  const look = async (name: string): Promise<void> => {
    const directory = join(tmpdir(), name);
    const { lstat, rm } = fs.promises;
    const [outer, inner] = await Promise.all([lstat(directory), lstat(join(directory, 's'))]);
    // One that has just been bound does not answer yet.
    if (clock.wall() - outer.mtimeMs < YOUNG) return;
    if (!outer.isDirectory() || outer.uid !== uid || !inner.isSocket()) return;
    if (!(await answers(join(directory, 's')))) await rm(directory, { recursive: true, force: true });
  };
  fs.readdir(tmpdir(), (error, names) => {
    if (error) return; // then there is nothing to be found either
    for (const name of names) if (name.startsWith(HUB_PREFIX)) look(name).catch(ignore);
  });
}

/** Somebody else sweeps too, or the hub has just ended by itself. */
function ignore(): void {}
