import type { StdioOptions } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { delimiter, isAbsolute, join, relative, sep } from 'node:path';
import { bare, clock, has, OutputError, shown, socketOptions, variable, warningOf } from '../../core/index.js';

/** Ownership of a file. It ends by itself with the process, however that ends. */
export interface FileLock {
  release(): void;
}

/**
 * The answer of a way of locking: the file is ours, somebody else's, or it cannot be locked in this
 * way, with the reason if that is a fault.
 */
export type Answer = FileLock | 'busy' | { impossible: string | undefined };

/** A file that is to be locked. */
export interface Lockable {
  fd: number;
  path: string;
  /** Its device and inode. */
  id: string;
}

/**
 * A run that was killed a moment ago may still be going: how often to look again, and how long to
 * wait before it, in ms.
 */
const LOOKS = 5;
const PAUSE = 50;

/**
 * Makes a file this run's own, if it is nobody else's (rules 1 and 2).
 *
 * @returns `undefined` if it is another run's.
 */
export async function tryLock(file: Lockable): Promise<FileLock | undefined> {
  for (let look = 1; ; look++) {
    const answer = await ask(file);
    if (answer !== 'busy') return answer;
    if (look === LOOKS) return undefined;
    await new Promise<void>((resolve) => clock.after(PAUSE, resolve));
  }
}

async function ask(file: Lockable): Promise<FileLock | 'busy'> {
  const first = ways[process.platform]?.(file) ?? none;
  if (first === 'busy' || has(first, 'release')) return first;
  const second = await byName(file.id);
  const why = first.impossible ?? (second === 'busy' || has(second, 'release') ? undefined : second.impossible);
  if (why !== undefined) warn(file.path, why);
  return second === 'busy' || has(second, 'release') ? second : nothing;
}

const none: Answer = { impossible: undefined };
const nothing: FileLock = { release() {} };

/**
 * Where the command may be. npx, and scripts of npm, put `node_modules/.bin` of the current folder
 * and of every folder above it before all others: anybody may have put a `flock` there.
 */
export function commands(path = variable('PATH') ?? ''): readonly string[] {
  const isTrusted = (folder: string) => isAbsolute(folder) && !folder.split(sep).includes('node_modules') && !isBelow(folder);
  const folders = ['/usr/bin', '/bin', ...path.split(delimiter).filter(isTrusted)];
  return [...new Set(folders)].map((folder) => join(folder, 'flock'));
}

/** Whether a folder is the working directory, or in it. */
function isBelow(folder: string): boolean {
  const way = relative(process.cwd(), folder);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

/**
 * flock(2), which Node does not offer, by the command of that name (util-linux, busybox). The lock
 * belongs to the open file and not to the process that asked for it: we share ours with the
 * command, and keep it when the command has ended, until it is closed.
 */
export function byCommand({ fd, path }: Lockable, names: readonly string[] = commands()): Answer {
  const { spawnSync } = process.getBuiltinModule('node:child_process'); // loaded at the first use
  for (const name of names) {
    // A clean environment: with a library loaded before it, it might say more than its own errors.
    const options = bare({ stdio: ['ignore', 'ignore', 'pipe', fd] as StdioOptions, encoding: 'utf8' as const, env: bare({}) });
    const { status, stderr, error } = bare(spawnSync(name, ['-xn', '3'], options));
    if (error !== undefined) {
      if (['ENOENT', 'EACCES', 'ERR_ACCESS_DENIED'].includes(String((error as NodeJS.ErrnoException).code))) continue; // there is none
      // It is there. Without it another run, which has it, would not see this one.
      throw new OutputError(`Cannot lock ${path}: ${error.message}`, { cause: error });
    }
    if (status === 0) return nothing;
    if (status === null || (status === 1 && stderr === '')) return 'busy'; // or a signal ended it: looked at again
    return { impossible: stderr.trim() || `flock ended with exit code ${status}` };
  }
  return none;
}

/** BSD and macOS lock a file as they open it: a descriptor of its own holds the lock. */
function byOpening({ path }: Lockable): Answer {
  const EXLOCK = 0x20;
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | EXLOCK);
    return { release: () => closeSync(fd) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'EAGAIN' || code === 'EWOULDBLOCK' ? 'busy' : { impossible: message };
  }
}

/**
 * A name for the file that only one process of this machine can have at a time: a pipe on Windows,
 * a socket in Linux's abstract namespace. Other machines do not see it, nor do containers with a
 * network of their own: second best.
 */
export function byName(id: string): Promise<Answer> {
  const name = `meantime-${id.replace(':', '-')}`;
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : process.platform === 'linux' ? `\0${name}` : undefined;
  if (path === undefined) return Promise.resolve({ impossible: 'this system offers no way that is known here' });
  const { createServer } = process.getBuiltinModule('node:net');
  return new Promise((resolve) => {
    const server = createServer(socketOptions({}), (socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? 'busy' : { impossible: error.message }));
    // Without `exclusive`, all workers of a node:cluster would share the one.
    server.listen(bare({ path, exclusive: true }), () => resolve({ release: () => void server.close() }));
  });
}

/** The first way on each system. */
const ways: Partial<Record<NodeJS.Platform, (file: Lockable) => Answer>> = bare({
  linux: byCommand,
  darwin: byOpening,
  freebsd: byOpening,
  openbsd: byOpening,
});

function warn(path: string, why: string): void {
  const text = `${shown(path)} cannot be locked here (${shown(why)}): make sure that no other run writes to it, runs on other machines above all`;
  process.emitWarning(warningOf('NotLocked', 'MEANTIME_NOT_LOCKED', text));
}
