import type { Server } from 'node:net';
import { isSystemError, OptionError, ours, ResourceError, refused, SHORT } from '../../core/index.js';

/*
 * Where sockets are. A socket file is bound inside a fresh directory that only its owner may enter, gets its mode there, and is then linked to where it belongs: there
 * is no moment at which it is open to anybody else.
 */

/** The longest path of a Unix socket, in bytes, on every system that has them. */
const LONGEST = 103;
const windows = process.platform === 'win32';

const fs = () => process.getBuiltinModule('node:fs');
const path = () => process.getBuiltinModule('node:path');

/** The names of directories that hubs make. */
export const HUB_PREFIX = 'meantime-hub-';

/** A socket that listens, and what takes its files away. */
export interface Bound {
  readonly path: string;
  unlink(): void;
}

/** Lets a server listen at a fresh path that only this user can reach. At once: the path is known, and answers, when this returns. */
export function listenPrivately(server: Server): Bound {
  if (windows) return listenOnPipe(server);
  const { tmpdir } = process.getBuiltinModule('node:os');
  const isLong = Buffer.byteLength(path().join(tmpdir(), HUB_PREFIX)) + 'XXXXXX/s'.length > LONGEST;
  const folder = isLong ? '/tmp' : tmpdir();
  const directory = ours(`make a folder for sockets in ${folder}`, () => fs().mkdtempSync(path().join(folder, HUB_PREFIX))); // mode 0700
  const at = path().join(directory, 's');
  const unlink = () => remove(at, directory);
  bind(server, at, unlink);
  return { path: at, unlink };
}

/**
 * Lets a server listen at a path of the user's.
 *
 * @throws {OptionError} if the path is too long, or is in use by a server that lives or by a file that is no socket.
 */
export async function listenAt(server: Server, target: string): Promise<Bound> {
  if (windows) return listenOnPipe(server, target);
  const full = path().resolve(target);
  if (Buffer.byteLength(full) > LONGEST)
    throw new OptionError(`Listener: a path may have ${LONGEST} bytes, ${full} has ${Buffer.byteLength(full)}`);
  let directory: string;
  try {
    directory = fs().mkdtempSync(path().join(path().dirname(full), '.mt-'));
  } catch (cause) {
    if (isSystemError(cause) && SHORT.includes(String(cause.code))) throw refused(`make a socket beside ${full}`, cause);
    throw new OptionError(`Listener: cannot make a socket beside ${full}: ${(cause as Error).message}`, { cause });
  }
  const at = path().join(directory, 's');
  try {
    bind(server, at, () => undefined);
    await place(at, full, directory);
  } catch (error) {
    server.close();
    remove(at, directory);
    throw error;
  }
  const { ino } = fs().lstatSync(full);
  remove(at, directory);
  return { path: full, unlink: () => removeIf(full, ino) };
}

function bind(server: Server, at: string, undo: () => void): void {
  if (Buffer.byteLength(at) > LONGEST) {
    undo();
    throw new OptionError(`A socket's path may have ${LONGEST} bytes, ${at} has ${Buffer.byteLength(at)}`);
  }
  // `exclusive`: in a process of node:cluster it would be the primary's to bind, later.
  server.listen({ path: at, exclusive: true });
  if (!server.listening) {
    // Node tells the error later. The usual reason can be found out now.
    try {
      ours(`listen at ${at}`, () => fs().closeSync(fs().openSync('/dev/null', 'r')));
    } finally {
      server.once('error', () => undefined); // it is told by what this throws
      undo();
    }
    throw new ResourceError(
      `Meantime could not listen at ${at}: the system refused it. Set TMPDIR to a folder whose file system can hold sockets`,
    );
  }
  ours(`guard the socket ${at}`, () => fs().chmodSync(at, 0o600));
}

/** Gives a bound socket the name that it is to have. What a dead process has left there is taken away. */
async function place(at: string, target: string, directory: string): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    try {
      fs().linkSync(at, target);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new OptionError(`Listener: cannot make ${target}`, { cause: error });
    }
    const there = fs().lstatSync(target, { throwIfNoEntry: false });
    if (there === undefined) continue;
    if (!there.isSocket()) throw new OptionError(`Listener: ${target} is there, and is no socket`);
    if (await answers(target)) throw new OptionError(`Listener: another process listens at ${target}`);
    // Taken aside before it is deleted: somebody else may have had the same idea, and listen there by now.
    const aside = path().join(directory, `old-${tries}`);
    try {
      fs().renameSync(target, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    if (fs().lstatSync(aside).ino !== there.ino) fs().linkSync(aside, target);
    fs().unlinkSync(aside);
  }
  throw new OptionError(`Listener: others take ${target} again and again`);
}

/** Whether somebody listens at a socket: its file outlives a process that was killed. */
export function answers(target: string): Promise<boolean> {
  const { connect } = process.getBuiltinModule('node:net');
  return new Promise((resolve) => {
    const socket = connect(target);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Somebody may be there and too busy (EAGAIN), or not be ours (EACCES): only a refusal says that nobody is.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

function listenOnPipe(server: Server, name?: string): Bound {
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const at = name ?? `\\\\.\\pipe\\meantime-${process.pid}-${randomBytes(16).toString('hex')}`;
  server.listen({ path: at, exclusive: true });
  if (!server.listening) throw new OptionError(`Cannot listen at ${at}`);
  return { path: at, unlink: () => undefined };
}

/** Best effort, while a process may be ending: what somebody else has taken away is gone all the same. */
function remove(at: string, directory: string): void {
  // Not recursively: to look into a folder takes a file, of which there may be none left to open.
  for (const gone of [() => fs().unlinkSync(at), () => fs().rmdirSync(directory)]) {
    try {
      gone();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTEMPTY') fs().rmSync(directory, { force: true, recursive: true });
      else if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function removeIf(at: string, ino: number): void {
  if (fs().lstatSync(at, { throwIfNoEntry: false })?.ino === ino) fs().rmSync(at, { force: true });
}
