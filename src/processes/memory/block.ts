import {
  both,
  ConnectionClosedError,
  fields,
  isSystemError,
  maybe,
  OptionError,
  type PartsCheck,
  refused,
  SHORT,
  TooLargeError,
  textOf,
  WireError,
  whole,
} from '../../core/index.js';
import { codeOf } from './code-of.js';
import {
  closeFile,
  createFile,
  type FileFacts,
  folder,
  freshPath,
  identify,
  isPathOfBlock,
  linkFile,
  look,
  nameIn,
  namelessFile,
  openFile,
  pathOf,
  pathOfTheirs,
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

/** The name of a block, as programs give it. */
export const NAME = /^(?!\.)[A-Za-z0-9._-]{1,200}$/;

/** What another thread or process needs to open it, too. */
export interface BlockParts {
  readonly pid: number;
  readonly fd: number;
  readonly id: string;
  readonly size: number;
  readonly path: string | undefined;
}

/** The parts of a handle: whether they can be those of a block is found out when it is opened. */
export const isBlock: PartsCheck = both(
  fields({
    pid: whole(1, 2 ** 31 - 1),
    fd: whole(0, 2 ** 31 - 1),
    id: textOf('a device and a number of a file', /^\d+:\d+$/, 50),
    size: whole(1, LARGEST),
    path: maybe((v) => (typeof v === 'string' && isPathOfBlock(v) ? undefined : 'the path of a block')),
    name: maybe(textOf('the name of a block', NAME, 200)),
  }),
  (v) => {
    const { name, path } = v as BlockParts & { name: string | undefined };
    return name === undefined || (path !== undefined && nameIn(path) === name) ? undefined : 'a path of that name';
  },
);

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
 * Opens a block that another thread or process has open: a regular file of this user, in the place
 * where blocks are, and as large as was said. Nothing else is opened: to open a pipe or a device
 * does something.
 *
 * @throws {ConnectionClosedError} if it has not any more.
 * @throws {WireError} if it is no such file, or smaller than was said.
 * @throws {ResourceError} if this process can open no more.
 */
export function openParts({ pid, fd: theirs, id, size, path }: BlockParts): Block {
  const gone = (cause?: unknown) =>
    new ConnectionClosedError(
      `A block of ${size} bytes cannot be opened: process ${pid}, from which it came, has closed it or has ended${cause ? `: ${(cause as Error).message}` : ''}`,
      { cause },
    );
  const at = process.platform === 'linux' || path === undefined ? pathOfTheirs(pid, theirs) : path;
  const check = (there: FileFacts) => {
    if (!there.isFile || !there.mine || !there.isBlock)
      throw new WireError(`What came as a block of ${size} bytes is no block of this user`);
    if (there.id !== id) throw gone(); // the number is another file's by now
    if (there.size < size) throw new WireError(`A block was said to have ${size} bytes, and has ${there.size}`);
  };
  let fd: number;
  try {
    const before = look(at);
    // A number that is another file's by now is no fault of the sender.
    if (before.id !== id) throw gone();
    check(before);
    fd = openFile(at);
  } catch (error) {
    if (error instanceof WireError || error instanceof ConnectionClosedError) throw error;
    if (isSystemError(error) && SHORT.includes(String(error.code))) throw refused('open a block of shared memory', error);
    throw gone(error);
  }
  return guarded(fd, () => {
    // Its sender may not have sealed its size, and a file that becomes smaller would end this
    // process.
    findNative().native?.keepSize(fd);
    check(identify(fd));
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
