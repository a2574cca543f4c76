import type { Stats } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { bare, isSystemError, OptionError, ours, ResourceError, refused, SHORT, socketOptions } from '../../core/index.js';
import { insideOwn, isThisUsers, notOurs, removeOwn } from './own-folder.js';

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

/** The name of the socket in such a directory. */
export const SOCKET = 's';

/** A socket that listens, and what takes its files away. */
export interface Bound {
  readonly path: string;
  unlink(): void;
}

/** Lets a server listen at a fresh path that only this user can reach. At once: the path is known, and answers, when this returns. */
export function listenPrivately(server: Server): Bound {
  if (windows) return listenOnPipe(server);
  // A TMPDIR may be relative, to a directory that others are not in.
  const temporary = path().resolve(process.getBuiltinModule('node:os').tmpdir());
  const isLong = Buffer.byteLength(path().join(temporary, HUB_PREFIX)) + 'XXXXXX/s'.length > LONGEST;
  const folder = isLong ? '/tmp' : temporary;
  const directory = ours(`make a folder for sockets in ${folder}`, () => fs().mkdtempSync(path().join(folder, HUB_PREFIX))); // mode 0700
  const at = path().join(directory, SOCKET);
  const unlink = () => removeOwn(directory, [SOCKET]);
  bind(server, at, unlink);
  return { path: at, unlink };
}

const PRIVATE = windows ? /^\\\\\.\\pipe\\meantime-\d+-[0-9a-f]{32}$/ : /^\/([^\0]*\/)?meantime-hub-[A-Za-z0-9]{6}\/s$/;

/** Whether a path is one that `listenPrivately` makes, there or in another process. */
export const isPrivatePath = (at: string): boolean =>
  Buffer.byteLength(at) <= (windows ? 256 : LONGEST) && PRIVATE.test(at) && path().normalize(at) === at;

/**
 * Connects to a socket that `listenPrivately` made, in this process or another of this user. If it
 * is none, or not this user's, or its directory is not, that is the socket's error, and nobody has
 * been connected to.
 */
export function connectPrivately(at: string): Socket {
  const { Socket } = process.getBuiltinModule('node:net');
  const socket = new Socket(socketOptions({}));
  try {
    if (windows) return socket.connect(bare({ path: at }));
    insideOwn(path().dirname(at), (inside) => {
      const target = inside(path().basename(at));
      const stat = fs().lstatSync(target);
      if (!stat.isSocket() || !isThisUsers(stat)) throw notOurs(`${at} is no socket of this user`);
      socket.connect(bare({ path: target })); // at once: the directory is not needed any more when this returns
    });
  } catch (error) {
    socket.destroy(error as Error);
  }
  return socket;
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
  const at = path().join(directory, SOCKET);
  try {
    bind(server, at, () => undefined);
    await place(at, full, directory);
  } catch (error) {
    server.close();
    removeOwn(directory, ASIDE);
    throw error;
  }
  const mine = fs().lstatSync(full);
  removeOwn(directory, ASIDE);
  return { path: full, unlink: () => removeIf(full, mine) };
}

function bind(server: Server, at: string, undo: () => void): void {
  if (Buffer.byteLength(at) > LONGEST) {
    undo();
    throw new OptionError(`A socket's path may have ${LONGEST} bytes, ${at} has ${Buffer.byteLength(at)}`);
  }
  // `exclusive`: in a process of node:cluster it would be the primary's to bind, later.
  server.listen(bare({ path: at, exclusive: true }));
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

/** The names that may be in the directory in which a named socket is made. */
const ASIDE = [SOCKET, ...Array.from({ length: 10 }, (_, i) => `old-${i}`)];

/** Gives a bound socket the name that it is to have. What a dead process has left there is taken away. */
async function place(at: string, target: string, directory: string): Promise<void> {
  for (let tries = 0; tries < ASIDE.length - 1; tries++) {
    try {
      fs().linkSync(at, target);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new OptionError(`Listener: cannot make ${target}`, { cause: error });
    }
    const there = fs().lstatSync(target, bare({ throwIfNoEntry: false }));
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
    const socket = connect(socketOptions({ path: target }));
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
  server.listen(bare({ path: at, exclusive: true }));
  if (!server.listening) throw new OptionError(`Cannot listen at ${at}`);
  return { path: at, unlink: () => undefined };
}

/** Removes the socket at a path of the user's, if it is still that one. */
function removeIf(at: string, { dev, ino }: Stats): void {
  const there = fs().lstatSync(at, bare({ throwIfNoEntry: false }));
  if (there === undefined || there.ino !== ino || there.dev !== dev) return;
  try {
    fs().unlinkSync(at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
