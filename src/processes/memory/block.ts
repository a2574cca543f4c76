import { ConnectionClosedError, OptionError, TooLargeError, WireError } from '../../core/index.js';
import { codeOf } from './code-of.js';
import {
  closeFile,
  createFile,
  folder,
  freshPath,
  identify,
  linkFile,
  namelessFile,
  openFile,
  openTheirs,
  pathOf,
  removeFile,
  setSize,
} from './files.js';
import { dropName, keepName, keptName } from './names.js';
import { findNative } from './native.js';

/** The largest block, in bytes: more is more than one view can show on Node 20. */
export const LARGEST = 2 ** 32;

/** A block that this process has open. */
export interface Block {
  readonly fd: number;
  /** What tells its file from every other. */
  readonly id: string;
  readonly size: number;
  /** Where its name is, if it has one. */
  readonly path: string | undefined;
}

/** What another thread or process needs to open it, too. */
export interface BlockParts {
  readonly pid: number;
  readonly fd: number;
  readonly id: string;
  readonly size: number;
  readonly path: string | undefined;
}

/** A block without a name: gone when nobody has it open. Where the system has no such files, it has a name that nobody knows. */
export function createNameless(size: number): Block {
  const { native } = findNative();
  const fd = native?.memoryFile();
  if (native && fd !== undefined) {
    return guarded(fd, () => {
      setSize(fd, size, false); // this counts against no folder
      native.keepSize(fd);
      return { fd, id: identify(fd).id, size, path: undefined };
    });
  }
  const file = namelessFile();
  if (file === undefined) return createAt(freshPath(), size);
  return guarded(file, () => {
    setSize(file, size, true);
    return { fd: file, id: identify(file).id, size, path: undefined };
  });
}

/** @throws {OptionError} if the name is taken. */
export function createNamed(name: string, size: number): Block {
  return createAt(pathOf(name), size);
}

/** The name appears when the block is whole: who opens it never sees half of one. */
function createAt(path: string, size: number): Block {
  const making = freshPath();
  keepName(making);
  try {
    const fd = createFile(making);
    return guarded(fd, () => {
      setSize(fd, size, true);
      const { id } = identify(fd);
      const former = keptName(path);
      keepName(path, id);
      try {
        linkFile(making, path);
      } catch (error) {
        if (former === undefined) dropName(path, id);
        else keepName(path, former); // it is that one's that is there
        if (codeOf(error) !== 'EEXIST') throw error;
        throw new OptionError(`SharedMemory.create: ${path} is there already: another block has that name`, { cause: error });
      }
      return { fd, id, size, path };
    });
  } finally {
    removeFile(making);
    dropName(making);
  }
}

/** The block of that name; `undefined` if there is none, or its maker has not come to give it a size. */
export function openNamed(name: string): Block | undefined {
  const path = pathOf(name);
  let fd: number;
  try {
    fd = openFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new OptionError(`SharedMemory.open: ${path} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
  return guarded(fd, () => {
    const { id, size, isFile, mine } = identify(fd);
    if (!isFile) throw new OptionError(`SharedMemory.open: ${path} is no file`);
    // Whoever may make it smaller can end this process by it.
    if (!mine) throw new OptionError(`SharedMemory.open: ${path} belongs to another user`);
    if (size > LARGEST) throw new TooLargeError(`SharedMemory.open: ${path} has ${size} bytes; a block has at most ${LARGEST}`);
    if (size > 0) return { fd, id, size, path };
    closeFile(fd);
    return undefined;
  });
}

/**
 * Opens a block that another thread or process has open.
 *
 * @throws {ConnectionClosedError} if it has not any more.
 * @throws {WireError} if it is smaller than was said.
 */
export function openParts({ pid, fd: theirs, id, size, path }: BlockParts): Block {
  const gone = (cause?: unknown) =>
    new ConnectionClosedError(
      `A block of ${size} bytes cannot be opened: process ${pid}, from which it came, has closed it or has ended${cause ? `: ${(cause as Error).message}` : ''}`,
      { cause },
    );
  let fd: number;
  try {
    fd = process.platform === 'linux' || path === undefined ? openTheirs(pid, theirs) : openFile(path);
  } catch (error) {
    throw gone(error);
  }
  return guarded(fd, () => {
    const there = identify(fd);
    if (there.id !== id) throw gone(); // the number is another file's by now
    if (there.size < size) throw new WireError(`A block was said to have ${size} bytes, and has ${there.size}`);
    return { fd, id, size, path };
  });
}

/** Where blocks with names are kept here. */
export const blockFolder = folder;

function guarded<T>(fd: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    closeFile(fd);
    throw error;
  }
}
