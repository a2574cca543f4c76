import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { bare, clock, OutputError } from '../../core/index.js';
import { fileId, idOf } from '../file-id.js';
import { cannotWrite } from './cannot-write.js';
import { type FileLock, type Lockable, tryLock } from './lock.js';
import { followed, isPlanted } from './planted.js';
import { syncFolder, Temporary } from './temporary.js';

const { O_RDWR, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NONBLOCK = 0, O_NOCTTY = 0, O_NOFOLLOW = 0 } = constants;
/** How long a named pipe may be without a reader, and how often to look, in ms. */
const READER = 5000;
const LOOK = 50;
/** How often a name may lead elsewhere between two looks at it. */
const TRIES = 10;

/**
 * Where lines go: a regular file, which the run owns while it is open, or something that only
 * passes them on. All that is done to a file goes through its descriptor: a name may lead to
 * another file at any time.
 */
export class Output {
  /** For people: as it was given. */
  readonly name: string;
  /** The file itself, through all links; `undefined` for what is no regular file. */
  readonly path: string | undefined;
  #fd: number;
  #id: string | undefined;
  #lock: FileLock | undefined;
  /** Whether the file was not there before. */
  readonly created: boolean;

  private constructor(name: string, fd: number, file?: { id: string; path: string; created: boolean }) {
    this.name = name;
    this.#fd = fd;
    this.#id = file?.id;
    this.path = file?.path;
    this.created = file?.created ?? false;
  }

  /** Standard output: it is not ours to close. */
  static readonly standard = () => new Output('standard output', 1);

  /**
   * Opens a path, and makes the file if it is not there. Nothing in it changes, and nothing is
   * waited for but the reader of a named pipe.
   *
   * @param name As it was given, for people.
   * @param ended Ends that wait.
   */
  static async open(path: string, name = path, ended?: AbortSignal): Promise<Output> {
    try {
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const output = await Output.#tryOpen(path, name, ended);
        if (output !== undefined) return output;
      }
    } catch (error) {
      throw error instanceof OutputError || error === ended?.reason ? error : cannotWrite(name, error);
    }
    throw movesOn(name);
  }

  /** @returns `undefined` if its name leads elsewhere since it was looked at. */
  static async #tryOpen(path: string, name: string, ended?: AbortSignal): Promise<Output | undefined> {
    const { path: file, planted } = followed(path);
    if (planted !== undefined) throw isAnothers(name, planted);
    // A descriptor that has no name of its own, such as a pipe that is /dev/stdout.
    const isNameless = file.startsWith('/proc/');
    const found = isNameless ? statSync(path, bare({ throwIfNoEntry: false })) : lstatSync(file, bare({ throwIfNoEntry: false }));
    if (found?.isSymbolicLink()) return undefined;
    if (found?.isBlockDevice()) throw new OutputError(`Cannot write ${name}: it is a disk or another block device`);
    if (found?.isSocket()) throw new OutputError(`Cannot write ${name}: it is a socket, and a file or a named pipe was expected`);
    if (found !== undefined && !found.isFile()) {
      const fd = await openPipe(isNameless ? path : file, { name, how: isNameless ? 0 : O_NOFOLLOW, ended });
      const stat = fstatSync(fd);
      if (!stat.isFile() && (stat.isCharacterDevice() || !isPlanted(stat, dirname(file)))) return new Output(name, fd);
      closeSync(fd);
      return undefined;
    }
    // Removed, and still open under a number; or there only since a moment.
    if (found === undefined && statSync(path, bare({ throwIfNoEntry: false })) !== undefined) return undefined;
    // The file itself, and no link that has come into its place since: and one that is not there is
    // made by nobody but us.
    const how = found === undefined ? O_CREAT | O_EXCL : 0;
    let fd: number;
    try {
      fd = openSync(file, O_RDWR | O_APPEND | O_NONBLOCK | O_NOFOLLOW | how, 0o666);
    } catch (error) {
      if (isElsewhere(error, found !== undefined)) return undefined;
      throw error;
    }
    const stat = fstatSync(fd, { bigint: true });
    const anothers = isPlanted({ uid: Number(stat.uid) }, dirname(file));
    if (stat.isFile() && !anothers) return new Output(name, fd, { id: idOf(stat), path: file, created: found === undefined });
    closeSync(fd);
    if (anothers) throw isAnothers(name, file);
    return undefined;
  }

  /** The number of the open descriptor; another one after `rewrite`. */
  get fd(): number {
    return this.#fd;
  }

  /** Device and inode; `undefined` for what is no regular file. */
  get id(): string | undefined {
    return this.#id;
  }

  /** In bytes; 0 for what is no regular file. */
  get size(): number {
    return this.#id === undefined ? 0 : fstatSync(this.#fd).size;
  }

  /** Takes ownership (rule 1). */
  async own(): Promise<boolean> {
    if (this.#id === undefined || this.#lock !== undefined) return true;
    this.#lock = await tryLock(this.#lockable());
    return this.#lock !== undefined;
  }

  /**
   * Whether its name leads to another file by now, or to none: another run has replaced it or taken
   * it away.
   */
  get moved(): boolean {
    return this.#id !== undefined && fileId(this.path as string) !== this.#id;
  }

  /** Whether the file has no name any more: its lines go with this process. */
  get removed(): boolean {
    return this.#id !== undefined && fstatSync(this.#fd).nlink === 0;
  }

  /**
   * Cuts off what is behind `size`, for good: what is written next must not be older than that
   * (rule 5).
   */
  truncate(size: number): void {
    try {
      ftruncateSync(this.#fd, size);
      fsyncSync(this.#fd);
    } catch (error) {
      throw cannotWrite(this.name, error);
    }
  }

  /** Makes the name of a file that was created here safe. */
  settle(): void {
    if (this.created && this.path !== undefined) syncFolder(dirname(this.path));
  }

  /**
   * Puts what `fill` writes in the file's place, all or nothing (rule 7). The new file is owned
   * before it has the name.
   */
  async rewrite(fill: (fd: number) => Promise<void>): Promise<void> {
    const path = this.path as string;
    const { mode, uid, gid } = fstatSync(this.#fd);
    let next: Temporary | undefined;
    let lock: FileLock | undefined;
    try {
      next = new Temporary(path, 0o600);
      await fill(next.fd);
      giveTo(next.fd, { mode, uid, gid });
      const id = idOf(fstatSync(next.fd, { bigint: true }));
      lock = await tryLock({ fd: next.fd, path, id });
      if (lock === undefined)
        throw new OutputError(`Cannot write ${this.name}: another process has locked a file that only this run knows`);
      if (this.moved) throw new OutputError(`Cannot write ${this.name}: its name leads to another file by now`);
      // Windows renames nothing over a file that is open. There the lock is a name, which stays
      // until it is released.
      if (process.platform === 'win32') this.#closeFile();
      next.replace();
      this.close();
      [this.#fd, this.#id, this.#lock] = [next.fd, id, lock];
    } catch (error) {
      next?.discard();
      lock?.release();
      throw error instanceof OutputError ? error : cannotWrite(this.name, error);
    }
  }

  /** Gives the file back. */
  close(): void {
    this.#closeFile();
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** The same, for a run that does not take place: a file that it has made goes again. */
  discard(): void {
    // Only its owner may take it away: somebody else may have found it, and write to it.
    const isOurs = this.created && this.#lock !== undefined && this.size === 0 && !this.moved;
    if (isOurs) unlinkSync(this.path as string);
    this.close();
  }

  #closeFile(): void {
    if (this.#fd > 2) closeSync(this.#fd);
    this.#fd = -1;
  }

  #lockable(): Lockable {
    return { fd: this.#fd, path: this.path as string, id: this.#id as string };
  }
}

/**
 * Opens what is no regular file. A named pipe that nobody reads is waited for, but not for ever.
 */
async function openPipe(
  path: string,
  { name, how, ended }: { name: string; how: number; ended: AbortSignal | undefined },
): Promise<number> {
  const end = clock.now() + READER;
  for (;;) {
    try {
      return openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | how);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      if (clock.now() > end) {
        throw new OutputError(`Cannot write ${name}: nobody reads this named pipe; start its reader first`, { cause: error });
      }
    }
    await new Promise<void>((resolve) => clock.after(LOOK, resolve));
    ended?.throwIfAborted();
  }
}

/** Whether an error says that something else is under the name than a moment before. */
function isElsewhere(error: unknown, wasThere: boolean): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ELOOP' || code === 'EEXIST' || (code === 'ENOENT' && wasThere);
}

/** The error for a name that leads to another file whenever it is looked at. */
export const movesOn = (name: string): OutputError =>
  new OutputError(`Cannot write ${name}: its name leads to another file again and again`);

const isAnothers = (name: string, planted: string): OutputError =>
  new OutputError(
    `Cannot write ${name}: ${planted} belongs to another user and lies in a folder where everybody may put files; choose another name or folder`,
  );

/** Gives a new file the owner and the permissions of the old one. */
function giveTo(fd: number, { mode, uid, gid }: { mode: number; uid: number; gid: number }): void {
  const own = fstatSync(fd);
  let most = 0o777;
  if (process.platform !== 'win32' && (own.uid !== uid || own.gid !== gid)) {
    try {
      fchownSync(fd, uid, gid);
    } catch (error) {
      // Only root may give files away. The results are this user's then, and what the former group
      // might do is not for another one.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
      if (own.gid !== gid) most = 0o707;
    }
  }
  fchmodSync(fd, mode & most);
}
